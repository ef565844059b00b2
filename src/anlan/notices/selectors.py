"""What waits for whom, and who has answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db.models import Prefetch, Q

from anlan.accounts.models import Person, Role
from anlan.core.actor import Actor
from anlan.core.errors import NotFound
from anlan.core.permissions import permitted
from anlan.core.services import keyed_hash
from anlan.notices.messages import message_known, message_register, message_text
from anlan.notices.models import Addressee, Notice, OutboundMessage, Receipt
from anlan.notices.outbox_rules import CHANNELS, MESSAGE, address_read
from anlan.notices.rules import ANSWER_WITHIN, NOTICE, OPEN, TEXT_CHARS, is_quiet
from anlan.notices.shut import NoticeShutter, notice_shutter_register, notices_shut, refuse_shut

__all__ = [
    "ANSWER_WITHIN",
    "CHANNELS",
    "MESSAGE",
    "NOTICE",
    "OPEN",
    "TEXT_CHARS",
    "Answer",
    "FollowedNotice",
    "NoticeShutter",
    "WaitingNotice",
    "address_fits",
    "addressed_to",
    "channel_is_on",
    "channels_on",
    "group_register",
    "is_quiet",
    "message_by_reference",
    "message_known",
    "message_reference",
    "message_register",
    "message_text",
    "messages_due",
    "messages_of",
    "notice_for",
    "notice_shutter_register",
    "notices_followed",
    "notices_of_incident",
    "notices_shut",
    "notices_waiting",
    "waiting_for",
]

_GROUPS: dict[str, Callable[[Actor], Iterable[int]]] = {}
SHOWN = 100


def group_register(kind: str, of: Callable[[Actor], Iterable[int]]) -> None:
    """Say how a higher room tells which of its crews or teams an actor belongs to."""
    _GROUPS[kind] = of


@dataclass(frozen=True, slots=True)
class WaitingNotice:
    """A notice somebody has to answer: the sentence, whether it is urgent, and whether it may make a sound now."""

    notice: Notice
    addressee: Addressee
    text: str
    is_urgent: bool
    is_loud: bool
    is_seen: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """One receiver of a notice: who, told when, shown to whom when, acknowledged by whom when."""

    addressee: Addressee
    receiver: str
    receipts: list[tuple[str, Receipt]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FollowedNotice:
    """A notice with all its receivers, those not told yet included."""

    notice: Notice
    text: str
    state_label: str
    sender: str
    answers: list[Answer]

    @property
    def is_open(self) -> bool:
        return self.notice.state in OPEN

    @property
    def seen(self) -> int:
        """How many of the receivers told have seen it on a screen."""
        return sum(bool(answer.receipts) for answer in self.answers if answer.addressee.told_at)

    @property
    def answered(self) -> int:
        return sum(answer.addressee.acknowledged_at is not None for answer in self.answers)

    @property
    def told(self) -> int:
        return sum(answer.addressee.told_at is not None for answer in self.answers)


def addressed_to(actor: Actor) -> Q:
    """Addressees that mean this actor: in person, by role in reach, or by crew or team."""
    mine = Q(pk__in=())
    if actor.kind == "person":
        mine |= Q(kind="person", person_id=actor.id)
        by_role = Q(kind="role", role__in=actor.roles)
        mine |= by_role if actor.sees_all else by_role & Q(organisation_id__in=actor.org_ids)
    for kind, of in _GROUPS.items():
        if ids := frozenset(of(actor)):
            mine |= Q(kind="group", group_kind=kind, group_id__in=ids)
    return mine


def waiting_for(actor: Actor) -> Q:
    """Addressees told already whose notice is open and who haven't answered."""
    return addressed_to(actor) & Q(told_at__isnull=False, acknowledged_at=None, notice__state__in=OPEN)


def notices_waiting(actor: Actor, *, at: datetime, limit: int = SHOWN) -> list[WaitingNotice]:
    """What waits for the actor's answer: urgent first, then the oldest. Two queries, one more for crews.

    Without what tells of a matter shut to the actor: its words name it. Nobody answers it for them meanwhile, so that
    it goes on to the next in line, and once the matter is open to them it is theirs again.
    """
    seen = Receipt.objects.filter(actor_kind=actor.kind, actor_id=actor.id or 0)
    rows = (
        Addressee.objects.filter(waiting_for(actor), notice__expires_at__gt=at)
        .select_related("notice", "notice__organisation")
        .prefetch_related(Prefetch("receipts", queryset=seen, to_attr="mine"))
        .order_by("-notice__urgency", "notice__sent_at", "notice_id", "step", "id")
    )
    found: dict[int, WaitingNotice] = {}
    for row in rows[: limit * 2]:
        if row.notice_id not in found:
            found[row.notice_id] = _waiting(row, at)
    silent = notices_shut(actor, found)
    return [row for pk, row in found.items() if pk not in silent][:limit]


def _waiting(row: Addressee, at: datetime) -> WaitingNotice:
    notice = row.notice
    return WaitingNotice(
        notice,
        row,
        message_text(notice.message, notice.blanks, notice.text),
        is_urgent=notice.urgency == "urgent",
        is_loud=not is_quiet(at, notice.urgency),
        is_seen=bool(row.mine),  # type: ignore[attr-defined]
    )


def notice_for(actor: Actor, notice_id: int) -> Notice:
    """The notice, or ``NotFound`` when it is missing, not for the actor and not theirs to follow.

    Where only a rule shuts it, that rule's own refusal says so.
    """
    notice: Notice | None = Notice.objects.select_related("organisation").filter(pk=notice_id).first()
    # Asked in any case: the time an answer takes doesn't tell somebody else's notice from none.
    is_told = bool(_told_to(actor, [notice_id]))
    if notice is None:
        raise NotFound
    follows = permitted(actor, "notices.follow") and (actor.sees_all or notice.organisation_id in actor.org_ids)
    wrote = actor.kind == "person" and notice.sent_by == actor.id
    if not (follows or wrote or is_told):
        raise NotFound
    refuse_shut(actor, notice)
    return notice


def notices_told(actor: Actor, notice_ids: Iterable[int]) -> list[Notice]:
    """Those of the notices that the actor has been told and may see, in the order they were sent. One query."""
    rows = _told_to(actor, notice_ids)
    silent = notices_shut(actor, [row.pk for row in rows])
    return [row for row in rows if row.pk not in silent]


def _told_to(actor: Actor, notice_ids: Iterable[int]) -> list[Notice]:
    told = Addressee.objects.filter(addressed_to(actor), notice_id__in=list(notice_ids), told_at__isnull=False)
    return list(Notice.objects.filter(pk__in=told.values("notice_id")).order_by("pk"))


def notices_followed(actor: Actor, *, limit: int = 50, only_open: bool = False) -> list[FollowedNotice]:
    """Notices of the actor's organisations, and those they sent, newest first, with who has (not) answered.

    Five queries whatever their number.
    """
    rows = Notice.objects.filter(sent_by=actor.id) if actor.kind == "person" else Notice.objects.none()
    if permitted(actor, "notices.follow"):
        rows = Notice.objects.visible_to(actor) | rows
    if only_open:
        rows = rows.filter(state__in=OPEN)
    return followed(rows.order_by("-sent_at", "-id")[:limit])


def notices_worded(actor: Actor, notice_ids: Iterable[int]) -> dict[int, str]:
    """The sentences of those notices that ``actor`` may follow, in the active language; none whose words are gone."""
    rows = Notice.objects.filter(sent_by=actor.id) if actor.kind == "person" else Notice.objects.none()
    if permitted(actor, "notices.follow"):
        rows = Notice.objects.visible_to(actor) | rows
    told = rows.filter(pk__in=list(notice_ids))
    return {row.pk: message_text(row.message, row.blanks, row.text) for row in told if row.blanks or row.text}


def notices_of_incident(incident_id: int, *, limit: int = 20) -> list[FollowedNotice]:
    """What was sent about an incident, newest first; the caller has checked that it may be seen."""
    return followed(Notice.objects.filter(incident_id=incident_id).order_by("-sent_at", "-id")[:limit])


def followed(rows: Iterable[Notice]) -> list[FollowedNotice]:
    """The notices with all their receivers and receipts."""
    notices = list(rows)
    legs: dict[int, list[Addressee]] = {}
    addressees = Addressee.objects.filter(notice__in=[n.pk for n in notices])
    for leg in addressees.select_related("organisation", "person").prefetch_related("receipts"):
        legs.setdefault(leg.notice_id, []).append(leg)
    names = _names(notices, [leg for found in legs.values() for leg in found])
    return [
        FollowedNotice(
            notice,
            message_text(notice.message, notice.blanks, notice.text),
            str(NOTICE.labels[notice.state]),
            names.get(notice.sent_by or 0, ""),
            [_answer(leg, names) for leg in legs.get(notice.pk, [])],
        )
        for notice in notices
    ]


def _names(notices: list[Notice], legs: list[Addressee]) -> dict[int, str]:
    ids = {notice.sent_by for notice in notices if notice.sent_by}
    ids |= {receipt.actor_id for leg in legs for receipt in leg.receipts.all() if receipt.actor_kind == "person"}
    return dict(Person.objects.filter(pk__in=ids).values_list("pk", "name"))


def _answer(leg: Addressee, names: dict[int, str]) -> Answer:
    receipts = [
        (names.get(row.actor_id, "") if row.actor_kind == "person" else leg.group_name, row)
        for row in leg.receipts.all()
    ]
    return Answer(leg, receiver_shown(leg), receipts)


def receiver_shown(leg: Addressee) -> str:
    """Who it is for, in the active language: a name, a call sign, or a role with its organisation."""
    if leg.kind == "person" and leg.person is not None:
        return leg.person.name
    if leg.kind == "group":
        return leg.group_name
    return f"{leg.organisation.name_shown} · {Role(leg.role).label}"


def channels_on() -> frozenset[str]:
    """The channels by which messages may leave the house; none unless the operator switched one on."""
    return frozenset(name for name, target in settings.MESSAGE_CHANNELS.items() if target)


def channel_is_on(channel: str) -> bool:
    return channel in channels_on()


def address_fits(channel: str, address: str) -> bool:
    """Whether a message of this channel could go there at all."""
    return bool(address_read(channel, address))


def messages_due(*, at: datetime, limit: int = 50) -> list[OutboundMessage]:
    """Messages to be tried now, urgent first, then the longest due: those of a channel that is on, and any whose
    time is over."""
    rows = OutboundMessage.objects.filter(next_at__lte=at)
    rows = rows.filter(Q(channel__in=channels_on()) | Q(expires_at__lte=at))
    return list(rows.order_by("-urgency", "next_at", "id")[:limit])


def messages_of(*, subject_type: str, subject_id: int) -> list[OutboundMessage]:
    """What was sent about a record, newest first; without addresses."""
    return list(OutboundMessage.objects.filter(subject_type=subject_type, subject_id=subject_id))


def message_reference(message_id: int) -> str:
    """What the channel knows a message by: the same at every attempt, and not to be guessed."""
    return f"m{message_id}-{keyed_hash(f'message:{message_id}')[:12]}"


def message_by_reference(reference: str) -> OutboundMessage:
    """The message of a reference, or ``NotFound``."""
    head = reference.partition("-")[0].removeprefix("m")
    number = int(head) if head.isascii() and head.isdecimal() and len(head) <= 18 else 0
    row = OutboundMessage.objects.filter(pk=number).first()
    if row is None or reference != message_reference(row.pk):
        raise NotFound
    return row
