"""Breaking the glass: half an hour in an organisation that isn't one's own, with a reason that others read."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from anlan.accounts import events
from anlan.accounts.errors import (
    GlassNotNeeded,
    GlassOwn,
    GlassReasonMissing,
    GlassReviewed,
)
from anlan.accounts.models import GlassBroken, Organisation
from anlan.accounts.selectors import ACCOUNTS_CHANGES
from anlan.core.actor import SYSTEM, Actor
from anlan.core.errors import NotFound
from anlan.core.permissions import require
from anlan.core.retention import deletion_certify
from anlan.core.services import event_record, number_next

GLASS_LASTS = timedelta(minutes=30)
REASON_LEAST = 6
REASON_MOST = 200
WORDS_KEPT_FOR = timedelta(days=3 * 366)
AT_ONCE = 500


@transaction.atomic
def glass_break(*, organisation: Organisation, reason: str, by: Actor, at: datetime) -> GlassBroken:
    """From ``at`` on, for half an hour, ``by`` reaches ``organisation`` and what lies beneath it.

    What they may do there is what their roles let them do at home. The organisation and the privacy officers are told
    (the event carries it), and one of the latter judges it afterwards. Where one of these is open already it is
    handed back unchanged. Raises ``GlassReasonMissing``, ``GlassNotNeeded`` and ``NotPermitted``.
    """
    require(by, "accounts.break_glass")
    if by.id is None:
        raise GlassNotNeeded(organisation=organisation.name_shown)  # the program itself reaches everything
    said = " ".join(reason.split())[:REASON_MOST]
    if len(said) < REASON_LEAST:
        raise GlassReasonMissing(least=REASON_LEAST)
    open_one = GlassBroken.objects.filter(person_id=by.id, organisation=organisation, ends_at__gt=at).first()
    if open_one is not None:
        return open_one
    if by.sees_all or organisation.pk in by.org_ids:
        raise GlassNotNeeded(organisation=organisation.name_shown)
    row = GlassBroken.objects.create(
        person_id=by.id, organisation=organisation, reason=said, broken_at=at, ends_at=at + GLASS_LASTS
    )
    number_next(ACCOUNTS_CHANGES)
    event_record(
        events.GLASS_BROKEN,
        subject=row,
        by=by,
        at=at,
        org_ids=[organisation.pk, *([by.org_id] if by.org_id else [])],
        person=by.id,
        organisation=organisation.pk,
        until=row.ends_at.isoformat(),
    )
    return row


@transaction.atomic
def glass_give_back(*, glass: GlassBroken, by: Actor, at: datetime) -> bool:
    """End it before its time; False where it was over.

    Whoever broke it gives it back, and whoever answers for the organisation that is looked into takes it back.
    Raises ``NotFound`` for anybody else.
    """
    if glass.person_id != by.id and not (by.sees_all or glass.organisation_id in by.org_ids):
        raise NotFound
    if not GlassBroken.objects.filter(pk=glass.pk, ends_at__gt=at).update(ends_at=at):
        return False
    number_next(ACCOUNTS_CHANGES)
    event_record(
        events.GLASS_GIVEN_BACK,
        subject=glass,
        by=by,
        at=at,
        org_ids=[glass.organisation_id],
        person=glass.person_id,
        organisation=glass.organisation_id,
    )
    return True


@transaction.atomic
def glass_review(*, glass: GlassBroken, finding: str, by: Actor, at: datetime) -> None:
    """Write down what somebody who guards the record found. Raises ``GlassOwn`` and ``GlassReviewed``.

    Raises ``GlassReasonMissing`` where nothing is found in words.
    """
    require(by, "accounts.glass_review")
    said = " ".join(finding.split())[:REASON_MOST]
    if len(said) < 2:
        raise GlassReasonMissing(least=2)
    if glass.person_id == by.id:
        raise GlassOwn
    told = {"reviewed_at": at, "reviewed_by_id": by.id, "finding": said}
    if not GlassBroken.objects.filter(pk=glass.pk, reviewed_at=None).update(**told):
        glass.refresh_from_db()
        raise GlassReviewed(since=glass.reviewed_at or at)
    event_record(
        events.GLASS_REVIEWED, subject=glass, by=by, at=at, org_ids=[glass.organisation_id], person=glass.person_id
    )


@transaction.atomic
def glass_words_erase(*, at: datetime, by: Actor = SYSTEM) -> int:
    """Empty reasons and findings three years later; that it happened stays.

    Returns how many. Told again it goes on where it stopped.
    """
    due = GlassBroken.objects.filter(ends_at__lte=at - WORDS_KEPT_FOR).exclude(reason="", finding="")
    ids = list(due.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    GlassBroken.objects.filter(pk__in=ids).update(reason="", finding="")
    columns = ("reason", "finding")
    deletion_certify(rule="look_words_3y", model=GlassBroken, columns=columns, ids=ids, by=by, at=at)
    return len(ids)
