"""Units of another organisation: a joint command centre sends them, a station asks for them.

Whoever stands above a unit's organisation commands it: the bureau's desk every unit, a zone's desk those of its
stations, a station room its own. Next door is asked for at the desk that stands above both, and that desk sends.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.core.errors import NotFound
from anlan.core.permissions import require
from anlan.dispatch.errors import UnitOfOthers, UnitOwn
from anlan.dispatch.messages import UNIT_ASKED
from anlan.dispatch.rules import unit_is_commanded
from anlan.intake.models import Incident
from anlan.notices.models import Notice
from anlan.notices.services import Rung, notice_send, to_role
from anlan.units.models import Unit

ANSWER_WITHIN = timedelta(seconds=60)


def unit_to_send(unit_id: int) -> Unit:
    """The unit named by a desk, of whichever organisation; sending itself refuses what the desk doesn't command.

    The ranked list names units of next door too, so that they can be asked for. Raises ``NotFound``.
    """
    row: Unit | None = Unit.objects.select_related("organisation").filter(pk=unit_id, is_active=True).first()
    if row is None:
        raise NotFound
    return row


def command_check(unit: Unit, *, by: Actor) -> None:
    """Raise ``UnitOfOthers`` where ``by`` doesn't command the unit."""
    if not unit_is_commanded(by, unit.organisation_id):
        home = unit.organisation
        raise UnitOfOthers(
            call_sign=unit.call_sign, organisation=home.name_shown, desk=_desk_above(by, home).name_shown
        )


def unit_ask(*, incident: Incident, unit: Unit, by: Actor, at: datetime) -> Notice:
    """Ask the desk above both organisations to send ``unit`` to ``incident``; asked again, the same notice stands.

    The desk is told urgently with the incident's number and sends, or doesn't; nobody is bound by the asking.
    Raises ``UnitOwn`` for a unit one may send oneself.
    """
    require(by, "dispatch.send")
    if unit_is_commanded(by, unit.organisation_id):
        raise UnitOwn(call_sign=unit.call_sign)
    home = unit.organisation
    above = _desk_above(by, home)
    own = _home_of(by) or above
    with transaction.atomic():
        return notice_send(
            message=UNIT_ASKED,
            blanks={"unit": unit.call_sign, "incident": incident.number, "desk": own.code, "home": home.code},
            chain=[
                Rung((to_role("dispatcher", above),), within=ANSWER_WITHIN, counts="clock"),
                Rung((to_role("duty_leader", above),), within=ANSWER_WITHIN, counts="clock"),
            ],
            organisation=own,
            urgency="urgent",
            incident_id=incident.pk,
            incident_number=incident.number,
            key=f"ask:{incident.pk}:{unit.pk}:{own.pk}",
            by=by,
            at=at,
        )


def _desk_above(by: Actor, home: Organisation) -> Organisation:
    """The lowest organisation above both: where their paths part."""
    own = _home_of(by) or home
    shared = [one for one, other in zip(_ids(own), _ids(home), strict=False) if one == other]
    return Organisation.objects.get(pk=shared[-1] if shared else _ids(home)[0])


def _home_of(by: Actor) -> Organisation | None:
    return None if by.org_id is None else Organisation.objects.filter(pk=by.org_id).first()


def _ids(organisation: Organisation) -> list[int]:
    return [int(part) for part in organisation.path.strip("/").split("/")]
