"""A notice is sent, shown, answered, told to the next in line, withdrawn, or runs out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Model, Q

from anlan.accounts.models import Organisation, Person, Role
from anlan.core.actor import SYSTEM, Actor
from anlan.core.asking import any_due
from anlan.core.errors import BadInput, NotFound
from anlan.core.retention import deletion_certify
from anlan.core.row_changes import row_reread, rows_read
from anlan.core.rows import row_insert, row_new, rows_insert
from anlan.core.services import event_record
from anlan.notices import events
from anlan.notices.errors import NoReceiver, NoticeAnswered, NoticeOver, TextNamesSomebody, TextTooLong
from anlan.notices.messages import message_blanks, message_known
from anlan.notices.models import Addressee, Notice, Receipt
from anlan.notices.rules import (
    ANSWER_WITHIN,
    ASKS,
    COUNTS,
    LONGEST_WAIT,
    NOTICE,
    OPEN,
    RUNS_OUT_AFTER,
    TEXT_CHARS,
    URGENCIES,
    WORDS_KEPT_FOR,
    answer_due,
    blanks_problem,
    holds_number_of_a_person,
    usual_count,
)
from anlan.notices.selectors import addressed_to

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody a notice is for: a person, a role at an organisation, or a group of a higher room (a crew)."""

    organisation_id: int
    person_id: int | None = None
    role: str = ""
    group_kind: str = ""
    group_id: int | None = None
    group_name: str = ""

    @property
    def kind(self) -> str:
        return "person" if self.person_id is not None else "group" if self.group_id is not None else "role"


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the chain: who is told, and how long they have before the next step is.

    ``within`` and ``counts`` ("clock", "awake", "office") are the urgency's own where nothing is said.
    """

    to: tuple[Receiver, ...]
    within: timedelta | None = None
    counts: str = ""


def to_person(person: Person) -> Receiver:
    """A person, at the organisation they work for."""
    return Receiver(person.organisation_id, person_id=person.pk)


def to_role(role: str, organisation: Organisation | int) -> Receiver:
    """Whoever holds ``role`` and reaches ``organisation``."""
    return Receiver(organisation if isinstance(organisation, int) else organisation.pk, role=role)


@transaction.atomic
def notice_send(
    *,
    message: str,
    chain: Sequence[Rung],
    organisation: Organisation | int,
    by: Actor,
    at: datetime,
    blanks: Mapping[str, Any] | None = None,
    text: str = "",
    urgency: str = "routine",
    asks: str = "one",
    incident_id: int | None = None,
    incident_number: str = "",
    subject: Model | None = None,
    expires_at: datetime | None = None,
    key: str = "",
) -> Notice:
    """Send the sentence ``message`` to the first step of ``chain``; later steps are told while nobody answers.

    ``blanks`` fill the sentence: numbers, call signs, codes and times, never who called; ``text`` is what
    somebody typed, at most 200 characters. ``asks`` "one" ends with the first answer, "each" with the last.
    ``organisation`` owns the notice: its people may follow who answered. With ``key`` there is one open notice
    of that key: sending again gives back the one that stands. The caller has checked that ``by`` may send.

    Raises ``NoReceiver``, ``TextTooLong``, ``TextNamesSomebody`` or ``BadInput``; nothing is sent then.
    """
    said = _said(text)
    _check(message, blanks or {}, urgency, asks)
    rungs = [_rung(rung, urgency) for rung in chain if rung.to]
    if not rungs:
        raise NoReceiver
    ends_at = expires_at or at + RUNS_OUT_AFTER[urgency]
    if ends_at <= at:
        raise BadInput(field="expires_at", problem=f"{ends_at.isoformat()} ≤ {at.isoformat()}")
    due = _due(rungs[0], at)
    facts: dict[str, Any] = {
        "message": message,
        "blanks": dict(blanks or {}),
        "text": said,
        "urgency": urgency,
        "asks": asks,
        "organisation_id": organisation if isinstance(organisation, int) else organisation.pk,
        "incident_id": incident_id,
        "incident_number": incident_number,
        "subject_type": subject._meta.label_lower if subject is not None else "",
        "subject_id": subject.pk if subject is not None else None,
        "sent_by": by.id if by.kind == "person" else None,
        "step_due_at": due,
        "expires_at": ends_at,
        "wakes_at": min(due, ends_at),
    }
    notice, is_new = _put(key[:64], at, facts)
    if is_new:
        _addressees_put(notice, rungs, at)
        first = tuple(dict.fromkeys(rungs[0].to))
        _told(
            events.NOTICE_SENT, notice, [one.organisation_id for one in first], by=by, at=at,
            receivers=[one.role or one.group_name[:24] or f"#{one.person_id}" for one in first],
        )  # fmt: skip
    return notice


def _put(key: str, at: datetime, facts: dict[str, Any]) -> tuple[Notice, bool]:
    """The notice, new or the one that stands under this key."""
    if key and (notice := _standing(key)) is not None:
        return notice, False
    notice = row_new(Notice, key=key, sent_at=at, state_since=at, **facts)
    if not connection.features.has_select_for_update:
        # The one writer there is has just looked.
        row_insert(notice)
        return notice, True
    try:
        with transaction.atomic():
            row_insert(notice)
            return notice, True
    except IntegrityError:
        return Notice.objects.get(key=key, state__in=OPEN), False


def _standing(key: str) -> Notice | None:
    """The open notice of this key."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [key])
        found = cursor.fetchone()
    return Notice.objects.get(pk=found[0]) if found else None


# Spelt out for the partial index of open notices: all that ever were would be read without.
_STANDING = "SELECT id FROM {} WHERE key = %s AND state IN ({}) AND NOT (key = '')".format(
    Notice._meta.db_table, ", ".join(f"'{state}'" for state in OPEN)
)


def _said(text: str) -> str:
    said = " ".join(text.split())
    if len(said) > TEXT_CHARS:
        raise TextTooLong(length=len(said), most=TEXT_CHARS)
    if holds_number_of_a_person(said):
        raise TextNamesSomebody
    return said


def _check(message: str, blanks: Mapping[str, Any], urgency: str, asks: str) -> None:
    if not message_known(message):
        raise BadInput(field="message", problem=message)
    if problem := blanks_problem(message_blanks(message), blanks):
        raise BadInput(field="blanks", problem=problem)
    if urgency not in URGENCIES:
        raise BadInput(field="urgency", problem=urgency)
    if asks not in ASKS:
        raise BadInput(field="asks", problem=asks)


def _rung(rung: Rung, urgency: str) -> Rung:
    """The step with its wait filled in."""
    for receiver in rung.to:
        if receiver.kind == "role" and receiver.role not in Role.values:
            raise BadInput(field="role", problem=receiver.role)
    within = ANSWER_WITHIN[urgency] if rung.within is None else rung.within
    if not timedelta() < within <= LONGEST_WAIT:
        raise BadInput(field="within", problem=str(within))
    counts = rung.counts or usual_count(urgency)
    if counts not in COUNTS:
        raise BadInput(field="counts", problem=counts)
    return replace(rung, within=within, counts=counts)


def _due(rung: Rung, at: datetime) -> datetime:
    assert rung.within is not None
    return answer_due(at, rung.within, rung.counts)


def _addressees_put(notice: Notice, rungs: Sequence[Rung], at: datetime) -> None:
    rows = [
        row_new(
            Addressee,
            notice_id=notice.pk,
            step=step,
            kind=receiver.kind,
            organisation_id=receiver.organisation_id,
            person_id=receiver.person_id,
            role=receiver.role,
            group_kind=receiver.group_kind,
            group_id=receiver.group_id,
            group_name=receiver.group_name[:24],
            within_s=int(rung.within.total_seconds()) if rung.within else 0,
            counts=rung.counts,
            told_at=at if step == 0 else None,
        )
        for step, rung in enumerate(rungs)
        for receiver in dict.fromkeys(rung.to)
    ]
    rows_insert(rows)


@transaction.atomic
def notice_delivered(*, notice: Notice, by: Actor, at: datetime) -> bool:
    """The notice stands on a screen of ``by``: proof of delivery, written once for each who saw it.

    False when it was written before or the notice isn't for them (any more).
    """
    _hold(notice)
    if notice.state not in OPEN or by.id is None:
        return False
    new = [row for row in _legs(notice, by) if _receipt(row, by, at)[1]]
    if not new:
        return False
    if notice.state == "sent":
        NOTICE.move(notice, "delivered", at=at, subject=str(notice.pk), delivered_at=at)
    _tell(events.NOTICE_DELIVERED, notice, by=by, at=at)
    return True


@transaction.atomic
def notice_acknowledge(*, notice: Notice, by: Actor, at: datetime) -> Notice:
    """``by`` has read it and takes it on. One answer ends the notice, or the last of all where each is asked.

    Pressing again changes nothing. Raises ``NotFound`` for somebody it isn't for, ``NoticeAnswered`` when
    another was quicker, ``NoticeOver`` when it was withdrawn or ran out.
    """
    _hold(notice)
    legs = _legs(notice, by)
    if not legs or by.id is None:
        raise NotFound
    if any(row.receipts.filter(_by(by), acknowledged_at__isnull=False).exists() for row in legs):
        return notice
    _refuse_ended(notice)
    for row in legs:
        _receipt(row, by, at)
        row.receipts.filter(_by(by)).update(acknowledged_at=at)
    Addressee.objects.filter(pk__in=[row.pk for row in legs], acknowledged_at=None).update(acknowledged_at=at)
    waiting = notice.addressees.filter(told_at__isnull=False, acknowledged_at=None).exists()
    if notice.asks == "each" and waiting:
        if notice.state == "sent":
            NOTICE.move(notice, "delivered", at=at, subject=str(notice.pk), delivered_at=at)
        _tell(events.NOTICE_ANSWERED, notice, by=by, at=at)
        return notice
    answer: dict[str, Any] = {"acknowledged_at": at, "acknowledged_kind": by.kind, "acknowledged_by": by.id}
    _end(notice, "acknowledged", at=at, delivered_at=notice.delivered_at or at, **answer)
    _tell(events.NOTICE_ACKNOWLEDGED, notice, by=by, at=at)
    return notice


def _refuse_ended(notice: Notice) -> None:
    if notice.state in OPEN:
        return
    if notice.state == "acknowledged":
        first = Person.objects.filter(pk=notice.acknowledged_by or 0).values_list("name", flat=True).first()
        raise NoticeAnswered(who=first or notice.acknowledged_kind, since=notice.acknowledged_at)
    raise NoticeOver(state=NOTICE.labels[notice.state], since=notice.state_since)


@transaction.atomic
def notice_withdraw(*, notice: Notice, by: Actor, at: datetime) -> bool:
    """What it told is no longer so: it goes from every screen. False when it had ended before."""
    _hold(notice)
    if notice.state not in OPEN:
        return False
    _end(notice, "withdrawn", at=at)
    _tell(events.NOTICE_WITHDRAWN, notice, by=by, at=at)
    return True


def notices_withdraw_for(*, key: str, by: Actor, at: datetime) -> bool:
    """Withdraw the open notice of this key, if there is one."""
    notice = _standing(key[:64])
    return notice is not None and notice_withdraw(notice=notice, by=by, at=at)


def notices_tick(*, at: datetime, by: Actor = SYSTEM) -> int:
    """Time alone: tell the next step where nobody answered, end what ran out; returns how many changed.

    One question where nothing is due, and running twice at the same instant changes nothing more.
    """
    if not any_due(Notice, "wakes_at", at=at):
        return 0
    due = Notice.objects.filter(wakes_at__lte=at).order_by("wakes_at", "id")[:AT_ONCE]
    return sum(notice_wake(notice=notice, by=by, at=at) for notice in list(due))


@transaction.atomic
def notice_wake(*, notice: Notice, by: Actor, at: datetime) -> bool:
    """One step of time on one notice; False when somebody came first."""
    _hold(notice)
    if notice.state not in OPEN or notice.wakes_at is None or notice.wakes_at > at:
        return False
    if notice.expires_at <= at:
        _end(notice, "expired", at=at)
        _tell(events.NOTICE_EXPIRED, notice, by=by, at=at)
        return True
    return _escalate(notice, by=by, at=at)


def _escalate(notice: Notice, *, by: Actor, at: datetime) -> bool:
    step = notice.step + 1
    rung = list(notice.addressees.filter(step=step))
    due = min(answer_due(at, timedelta(seconds=row.within_s), row.counts) for row in rung) if rung else None
    wakes_at = notice.expires_at if due is None else min(due, notice.expires_at)
    changes: dict[str, Any] = {"step_due_at": due, "wakes_at": wakes_at}
    changes |= {"step": step} if rung else {"unanswered_at": at}
    won = Notice.objects.filter(pk=notice.pk, state__in=OPEN, step=notice.step, wakes_at=notice.wakes_at).update(
        **changes
    )
    if not won:
        return False
    notice.refresh_from_db()
    if not rung:
        _tell(events.NOTICE_UNANSWERED, notice, by=by, at=at)
        return True
    Addressee.objects.filter(notice=notice, step=step, told_at=None).update(told_at=at)
    _tell(events.NOTICE_ESCALATED, notice, by=by, at=at, step=step, receivers=_receivers(notice, step))
    return True


@transaction.atomic
def words_erase(*, at: datetime, by: Actor = SYSTEM, limit: int = AT_ONCE) -> int:
    """Empty sentence and text of notices that ended 90 days ago; times and receipts stay."""
    until = at - WORDS_KEPT_FOR
    rows = list(Notice.objects.filter(erased_at=None, state_since__lte=until).exclude(state__in=OPEN)[:limit])
    ids = [row.pk for row in rows]
    Notice.objects.filter(pk__in=ids).update(text="", blanks={}, erased_at=at)
    deletion_certify(rule="notice_90d", model=Notice, columns=("text", "blanks"), ids=ids, by=by, at=at)
    for row in rows:
        _tell(events.WORDS_ERASED, row, by=by, at=at)
    return len(rows)


def _end(notice: Notice, to: str, *, at: datetime, **changes: Any) -> None:
    ended: dict[str, Any] = {"wakes_at": None, "step_due_at": None, **changes}
    NOTICE.move(notice, to, at=at, subject=str(notice.pk), is_read=True, **ended)


def _hold(notice: Notice) -> None:
    """Read it anew and keep others from changing it until the transaction ends."""
    if connection.features.has_select_for_update:
        Notice.objects.select_for_update().filter(pk=notice.pk).values_list("pk").first()
    row_reread(notice)


def _by(actor: Actor) -> Q:
    return Q(actor_kind=actor.kind, actor_id=actor.id or 0)


def _legs(notice: Notice, by: Actor) -> list[Addressee]:
    """Those told already who mean ``by``."""
    return list(Addressee.objects.filter(addressed_to(by), notice=notice, told_at__isnull=False))


def _receipt(leg: Addressee, by: Actor, at: datetime) -> tuple[Receipt, bool]:
    return Receipt.objects.get_or_create(
        addressee=leg, actor_kind=by.kind, actor_id=by.id or 0, defaults={"delivered_at": at}
    )


def _receivers(notice: Notice, step: int) -> list[str]:
    """Roles and call signs in words of the record; a person is told by their number only."""
    return [leg.role or leg.group_name or f"#{leg.person_id}" for leg in notice.addressees.filter(step=step)]


def _tell(kind: str, notice: Notice, *, by: Actor, at: datetime, **data: Any) -> None:
    legs = rows_read(Addressee, notice_id=notice.pk)
    _told(kind, notice, [leg.organisation_id for leg in legs if leg.told_at is not None], by=by, at=at, **data)


def _told(kind: str, notice: Notice, told: Iterable[int], *, by: Actor, at: datetime, **data: Any) -> None:
    event_record(
        kind,
        subject=notice,
        by=by,
        at=at,
        incident_id=notice.incident_id,
        org_ids=[notice.organisation_id, *told],
        notice=notice.pk,
        message=notice.message,
        urgency=notice.urgency,
        **data,
    )
