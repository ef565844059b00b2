"""Revisits waiting and running, who may not make them, and how each side stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise, lazy

from anlan.accounts.models import Organisation, Person, RoleGrant
from anlan.core.actor import Actor
from anlan.core.errors import NotFound
from anlan.core.models import Event
from anlan.core.permissions import permission_table, permitted
from anlan.dispatch.models import Feedback
from anlan.disputes.models import (
    Agreement,
    DisputeFile,
    FileCharge,
    FileIncident,
    FileRevisit,
    Mediation,
    Push,
    RevisitCall,
    Session,
)
from anlan.disputes.revisit_rules import ASKED, CALL_FINAL
from anlan.disputes.revisit_rules import CALL_OUTCOMES as CALL_OUTCOMES
from anlan.disputes.revisit_rules import CONTENT_FROM as CONTENT_FROM
from anlan.disputes.revisit_rules import DROPPED as DROPPED
from anlan.disputes.revisit_rules import FINDINGS as FINDINGS
from anlan.disputes.revisit_rules import OPENING as OPENING
from anlan.disputes.revisit_rules import REVISIT_DRAWS as REVISIT_DRAWS
from anlan.disputes.revisit_rules import REVISIT_ENDED as REVISIT_ENDED
from anlan.disputes.revisit_rules import REVISIT_OPEN as REVISIT_OPEN
from anlan.disputes.revisit_rules import SAID_SETTLED as SAID_SETTLED
from anlan.disputes.revisit_rules import SCRIPT_NOW as SCRIPT_NOW
from anlan.disputes.revisit_rules import SCRIPTS as SCRIPTS
from anlan.disputes.revisit_rules import SIDES as SIDES
from anlan.disputes.revisit_rules import TRIES_AT_MOST as TRIES_AT_MOST
from anlan.disputes.rules import SETTLED as SETTLED

PASSED_ON = (Organisation.Kind.BUREAU,)
"""Whose desk only passed a file on has not handled it; those of its people who did are barred by name."""
SHOWN = 200


@dataclass(slots=True)
class Hands:
    """Who had a hand in a file: people with what they did, and the organisations that handled it."""

    people: dict[int, str] = field(default_factory=dict)
    organisations: set[int] = field(default_factory=set)

    def add(self, person_id: int | None, what: str) -> None:
        if person_id is not None:
            self.people.setdefault(person_id, what)


def hands_of(file: DisputeFile) -> Hands:
    """Everybody who did something with the file, its pushes, mediations or reports. A dozen queries."""
    found = Hands()
    found.add(file.responsible_id, "responsible")
    for push in Push.objects.filter(file=file).exclude(state="sent").select_related("to_organisation"):
        if push.received_by is None and push.acted_at is None:
            continue  # it went past them; nobody there had it in hand
        found.add(push.to_person_id, "push")
        found.add(push.received_by, "push")
        found.organisations.add(push.to_organisation_id)
    for column, of, what in (
        ("mediator_id", Mediation.objects.filter(file=file), "mediated"),
        ("mediator_id", Session.objects.filter(file=file), "mediated"),
        ("drafted_by", Agreement.objects.filter(file=file), "agreement"),
        ("filed_by", Feedback.objects.filter(incident__in=_incidents(file)), "feedback"),
        ("by", RevisitCall.objects.filter(revisit__file=file), "asked_before"),
    ):
        for person_id in of.order_by().values_list(column, flat=True).distinct():
            found.add(person_id, what)
    acted = Q(subject_type=file._meta.label_lower, subject_id=file.pk)
    acted |= Q(
        subject_type=Push._meta.label_lower, subject_id__in=list(file.pushes.order_by().values_list("pk", flat=True))
    )
    for person_id in Event.objects.filter(acted, actor_kind="person").values_list("actor_id", flat=True):
        found.add(person_id, "acted")
    charges = FileCharge.objects.filter(file=file)
    for organisation_id, person_id in charges.values_list("organisation_id", "person_id"):
        found.add(person_id, "charge")
        found.organisations.add(organisation_id)
    units = Feedback.objects.filter(incident__in=_incidents(file), assignment__isnull=False)
    found.organisations.update(units.values_list("assignment__unit__organisation_id", flat=True))
    found.organisations.update(filter(None, (file.mediating_id, _handling_holder(file))))
    return found


def _incidents(file: DisputeFile) -> QuerySet[Any, Any]:
    return FileIncident.objects.filter(file=file, undone_at=None).values("incident_id")


def _handling_holder(file: DisputeFile) -> int | None:
    holder = file.holder
    return None if holder is None or holder.kind in PASSED_ON else file.holder_id


def organisations_of(person: Person, *, at: datetime) -> set[int]:
    """Where somebody works: their own organisation, and where they hold a role now."""
    held = RoleGrant.objects.filter(Q(valid_to=None) | Q(valid_to__gt=at), person=person, valid_from__lte=at)
    return {person.organisation_id, *held.values_list("organisation_id", flat=True)}


def revisitors(*, at: datetime) -> list[Person]:
    """Everybody who may ask parties of closed files."""
    roles = permission_table()["disputes.revisit"]
    held = RoleGrant.objects.filter(Q(valid_to=None) | Q(valid_to__gt=at), role__in=roles, valid_from__lte=at)
    rows = Person.objects.filter(pk__in=held.values("person_id"), is_active=True)
    return list(rows.select_related("organisation").order_by("organisation__path", "pk"))


def revisitors_for(file: DisputeFile, *, at: datetime) -> list[Person]:
    """Those of them who had no part in this file and don't work for who handled it."""
    hands = hands_of(file)
    return [
        person
        for person in revisitors(at=at)
        if person.pk not in hands.people and not organisations_of(person, at=at) & hands.organisations
    ]


def revisit_for(actor: Actor, revisit_id: int) -> FileRevisit:
    """The revisit, or ``NotFound`` - also for whoever neither asks nor chooses who does: the unit must not know."""
    found: FileRevisit = FileRevisit.objects.select_related("file", "assigned_to").one_for(actor, pk=revisit_id)
    if found.assigned_to_id != actor.id and not permitted(actor, "disputes.revisit_assign"):
        raise NotFound
    return found


def revisits_waiting(actor: Actor, *, mine: bool = False, limit: int = SHOWN) -> list[FileRevisit]:
    """Open revisits, the next due first: one's own, or all one may give out."""
    rows = FileRevisit.objects.visible_to(actor).filter(state__in=REVISIT_OPEN)
    if mine or not permitted(actor, "disputes.revisit_assign"):
        rows = rows.filter(assigned_to_id=actor.id)
    return list(rows.select_related("file", "assigned_to").order_by("due_at", "id")[:limit])


def revisits_ended(actor: Actor, *, limit: int = 50) -> list[FileRevisit]:
    """Those that are over, the latest first."""
    rows = FileRevisit.objects.visible_to(actor).exclude(state__in=REVISIT_OPEN)
    return list(rows.select_related("file", "assigned_to").order_by("-ended_at", "-id")[:limit])


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a revisit: the tries so far, and whether it is through."""

    key: str
    calls: tuple[RevisitCall, ...]

    @property
    def last(self) -> RevisitCall | None:
        return self.calls[-1] if self.calls else None

    @property
    def answer(self) -> RevisitCall | None:
        return next((call for call in self.calls if call.outcome == "answered"), None)

    @property
    def is_through(self) -> bool:
        return any(call.outcome in CALL_FINAL for call in self.calls) or len(self.calls) >= TRIES_AT_MOST


def sides_of(revisit: FileRevisit) -> dict[str, Side]:
    """Both sides with their tries. One query."""
    calls = list(RevisitCall.objects.filter(revisit=revisit).order_by("side", "seq"))
    return {key: Side(key, tuple(call for call in calls if call.side == key)) for key in ASKED}


def names_of(organisation_ids: Iterable[int]) -> Promise:
    """Names of organisations in one line, in the language in which they are shown."""
    rows = list(Organisation.objects.filter(pk__in=list(organisation_ids)).order_by("path"))
    return _listed([row.name_shown for row in rows])


def _joined(names: list[Promise]) -> str:
    return ", ".join(map(str, names)) or "–"


_listed: Callable[[list[Promise]], Promise] = lazy(_joined, str)  # type: ignore[assignment]
