"""In whose charge files are, and to whom their owner may give them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q

from anlan.accounts.models import Organisation, Person, RoleGrant
from anlan.core.actor import Actor
from anlan.core.permissions import permission_table
from anlan.disputes.models import FileCharge
from anlan.disputes.rules import LIVE
from anlan.units.models import Unit
from anlan.units.selectors import units_crewed_by


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whom the owner of a file may give it to: its teams, and those of its people who act on files."""

    teams: list[Unit]
    people: list[Person]

    @property
    def names(self) -> str:
        """The first of them in one line."""
        return ", ".join([*(team.call_sign for team in self.teams), *(one.name for one in self.people)][:12]) or "–"


def charges_of(file_ids: Iterable[int]) -> dict[int, FileCharge]:
    """Who has each of these files in charge now; nobody where another organisation owns it meanwhile. One query."""
    rows = FileCharge.objects.filter(
        file_id__in=list(file_ids), ended_at=None, organisation_id=F("file__holder_id"), file__state__in=LIVE
    )
    return {row.file_id: row for row in rows.select_related("unit", "person")}


def files_charged_to(actor: Actor) -> list[int]:
    """Files given to the actor by name or to a unit they are on. Two queries."""
    if actor.id is None:
        return []
    theirs = Q(unit_id__in=units_crewed_by(actor))
    if actor.kind == "person":
        theirs |= Q(person_id=actor.id)
    rows = FileCharge.objects.filter(theirs, ended_at=None, organisation_id=F("file__holder_id"))
    return list(rows.filter(file__state__in=LIVE).values_list("file_id", flat=True))


def choices_of(owner: Organisation, *, at: datetime) -> Chosen:
    """The owner's teams and officers in service, those beneath it included. Two queries."""
    teams = Unit.objects.filter(organisation__path__startswith=owner.path, is_active=True).order_by("call_sign")
    held = RoleGrant.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=at),
        organisation__path__startswith=owner.path,
        role__in=permission_table()["disputes.act"],
        valid_from__lte=at,
    )
    people = Person.objects.filter(pk__in=held.values("person_id"), is_active=True)
    return Chosen(list(teams), list(people.order_by("name", "pk")))
