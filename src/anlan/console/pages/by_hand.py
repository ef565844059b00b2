"""What people say by hand on the incident page: labels, hazards of the place, a call that was valid after all."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from anlan.accounts.models import Organisation
from anlan.console.pages.press import Press
from anlan.core.errors import BadInput
from anlan.intake import services as intake
from anlan.intake.selectors import TAGS_BY_HAND, tag_source
from anlan.places.services import note_add

NOTE_SOURCES = {
    "on_site": _("seen on site"),
    "caller": _("told by a caller"),
    "station": _("station's own record"),
    "town_room": _("town room's own record"),
}


def tags(press: Press) -> None:
    """What the form shows holds: each dimension it carries, and in it nothing else."""
    asked = [name for name in press.post.getlist("dimension") if name in TAGS_BY_HAND]
    given = {name: [value for value in press.post.getlist(f"tag-{name}") if value] for name in asked}
    intake.incident_tags_set(
        incident=press.incident, values=given, source=tag_source(press.by), by=press.by, at=press.at
    )


def note(press: Press) -> None:
    """A hazard of the place of the incident, until the end of the day that was chosen."""
    incident = press.incident
    if incident.lon is None or incident.lat is None:
        raise BadInput(field=str(_("place")), problem=str(_("the incident has no point on the map")))
    if press.text("source") not in NOTE_SOURCES:
        raise BadInput(field="source", problem=press.text("source")[:40])
    note_add(
        hazard=press.text("hazard"),
        text=press.text("text"),
        address_text=press.text("address_text") or incident.address_text,
        lon=incident.lon,
        lat=incident.lat,
        organisation=Organisation.objects.get(pk=press.by.org_id or 0),
        is_dwelling=bool(press.text("is_dwelling")),
        place=incident.place,
        source=press.text("source"),
        expires_at=_end_of(press.text("until")),
        by=press.by,
        at=press.at,
    )


def _end_of(text: str) -> datetime:
    """The last second of a local day."""
    try:
        day: date | None = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise BadInput(field="until", problem=text[:40] or "–")
    return timezone.make_aware(datetime.combine(day, time())) + timedelta(days=1, seconds=-1)


def reopen(press: Press) -> None:
    """An invalid call was valid after all."""
    intake.call_reopen(call=press.call(), reason=press.text("reason"), by=press.by, at=press.at)
