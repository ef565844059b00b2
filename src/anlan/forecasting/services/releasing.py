"""Versions of the models: judged from the record, held to the gates, signed or taken back by a person."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import asdict
from datetime import datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from django.db import transaction

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.core.permissions import require
from anlan.core.services import event_record
from anlan.engines.forecast.loop import loop_simulate
from anlan.engines.forecast.rolling import Here
from anlan.forecasting import events, rules
from anlan.forecasting.auditing import TOGETHER, equity_stored
from anlan.forecasting.computing import FittedBoth, Judged, fit, judge
from anlan.forecasting.errors import ReasonMissing, ReleaseNotYours, ReleaseOver
from anlan.forecasting.messages import WAITS
from anlan.forecasting.models import ForecastRelease, ForecastRun
from anlan.forecasting.rules import AUDIT_EVERY, AUDIT_LEAST_DAYS, BAR, MODELS_VERSION, UNSIGNED
from anlan.forecasting.selectors.audit import audit_of
from anlan.forecasting.selectors.record import Kept
from anlan.forecasting.selectors.register import audit_due, held_back, release_for
from anlan.notices.services import Rung, notice_send, notices_withdraw_for, to_role

SEED = 20260101


def models_version() -> str:
    """Which edition of the program and of its models made a forecast."""
    try:
        program = version("anlan")
    except PackageNotFoundError:  # run from a source tree that was never installed
        program = "0"
    return f"{program}/{MODELS_VERSION}"


def release_ready(
    *, kept: Kept, by: Actor, at: datetime, seed: int = SEED, pool: Executor | None = None
) -> tuple[ForecastRelease, FittedBoth]:
    """The version of the models that speaks of ``kept.end``, with its models; judged now, from ``kept``, if need be.

    The models are fitted as they were when they were judged: on what lies before the days they were tested on.
    Judging happens before anything is written and may take minutes; ``pool`` shares it out. The gates are the
    loop simulation and the audit of areas on the days tested; a family that fails one is held back and told by
    the bar.
    """
    standing = release_for(kept.end, model_version=models_version())
    if standing is not None:
        return standing, fit(kept, standing.chosen, before=fitted_before(standing), seed=standing.seed)
    judged = judge(kept, seed=seed, pool=pool or Here())
    return _judged(kept, judged, loop_gate(seed=seed), by=by, at=at, seed=seed), judged.fitted


def fitted_before(release: ForecastRelease) -> int:
    """The first day a version was tested on: its models learnt from what lies before."""
    return min(int(found["first_day"]) for found in release.card.values())


def loop_gate(*, seed: int) -> dict[str, Any]:
    """What the simulation of forecast, patrol and discovery ended in, learning from whom the record learns from."""
    return dict(_looped(learns_from(rules.LEARNT_ORIGINS), seed))


def learns_from(origins: Collection[str]) -> str:
    """The simulation's stream for the origins a record is read from: citizens', patrols', or both."""
    if set(origins) == {rules.CITIZEN}:
        return "citizens"
    return "both" if rules.CITIZEN in origins else "patrols"


@cache
def _looped(stream: str, seed: int) -> dict[str, Any]:
    found = loop_simulate(learns_from=stream, seed=seed)
    return {name: value for name, value in asdict(found).items() if name != "ratio"}


@transaction.atomic
def _judged(
    kept: Kept, judged: Judged, loop: Mapping[str, Any], *, by: Actor, at: datetime, seed: int
) -> ForecastRelease:
    audit = {"loop": dict(loop), "tested": dict(judged.audit)}
    release, is_new = ForecastRelease.objects.get_or_create(
        judged_on=kept.end,
        defaults={
            "version": f"{kept.end:%Y%m%d}-{kept.sha256[:8]}",
            "judged_at": at,
            "model_version": models_version(),
            "record_sha256": kept.sha256,
            "record_days": kept.days,
            "seed": seed,
            "chosen": dict(judged.chosen),
            "scatter": dict(judged.scatter),
            "card": dict(judged.card),
            "audit": audit,
            "audited_at": at,
            "blocked": blocked_by(judged.chosen, audit),
        },
    )
    if is_new:
        event_record(
            events.RELEASE_JUDGED,
            subject=release,
            by=by,
            at=at,
            version=release.version,
            days=kept.days,
            record=kept.sha256,
            chosen=release.chosen,
            blocked=release.blocked,
        )
        _ask_to_sign(release, by=by, at=at)
    return release


def _ask_to_sign(release: ForecastRelease, *, by: Actor, at: datetime) -> None:
    """Tell those who may sign that a version waits; what older versions asked for is over."""
    for older in ForecastRelease.objects.filter(approved_at=None).exclude(pk=release.pk):
        notices_withdraw_for(key=_key(older), by=by, at=at)
    bureau = Organisation.objects.filter(kind="bureau", parent=None).first()
    if bureau is None or not any(UNSIGNED in held_back(release, family) for family in release.chosen):
        return
    notice_send(
        message=WAITS,
        chain=[Rung((to_role("chief", bureau), to_role("analyst", bureau)))],
        organisation=bureau,
        blanks={"day": release.judged_on.isoformat(), "days": release.record_days},
        subject=release,
        key=_key(release),
        by=by,
        at=at,
    )


def _key(release: ForecastRelease) -> str:
    return f"forecast-release:{release.pk}"


def blocked_by(chosen: Mapping[str, str], audit: Mapping[str, Any]) -> dict[str, list[str]]:
    """The families whose model a gate holds back, with the gates by name. The bar itself is never held back."""
    whole = [] if audit.get("loop", {}).get("passes", True) else ["loop"]
    found = {}
    for family, model in chosen.items():
        spans = audit.get("tested", {}), audit.get("lived", {}).get("families", {})
        reasons = list(dict.fromkeys([*whole, *(gate for span in spans for gate in _failed(span, family))]))
        if reasons and model != BAR:
            found[family] = reasons
    return found


def _failed(span: Mapping[str, Any], family: str) -> list[str]:
    """Gates a family breaks by its own calls; and where these are too few to judge, those all break together."""
    mine, together = span.get(family, {}), span.get(TOGETHER, {})
    shared = [gate for gate in together.get("failed", ()) if gate in mine.get("unjudged", ())]
    return [*mine.get("failed", ()), *shared]


def release_audit(*, release: ForecastRelease, by: Actor, at: datetime, seed: int = SEED) -> bool:
    """The monthly audit: the loop anew, and the areas over the days lived; True where it was made.

    Not before a fortnight is scored. What fails holds back the family's model from this moment.
    """
    scored = ForecastRun.objects.exclude(scored_at=None).filter(sheets__score__isnull=False).distinct().count()
    if scored < AUDIT_LEAST_DAYS or not audit_due(release, at=at, every=AUDIT_EVERY):
        return False
    families = {family: equity_stored(found) for family, found in audit_of(seed=seed).items()}
    lived = {"at": at.isoformat(), "days": min(scored, 28), "families": families}
    _audited(release, {**release.audit, "loop": loop_gate(seed=seed), "lived": lived}, by=by, at=at)
    return True


@transaction.atomic
def _audited(release: ForecastRelease, audit: Mapping[str, Any], *, by: Actor, at: datetime) -> None:
    release.audit, release.audited_at = dict(audit), at
    release.blocked = blocked_by(release.chosen, audit)
    release.save(update_fields=["audit", "audited_at", "blocked"])
    event_record(
        events.RELEASE_AUDITED,
        subject=release,
        by=by,
        at=at,
        version=release.version,
        blocked=len(release.blocked),
        gates=sorted(_gates(release.blocked.values())),
    )


def _gates(reasons: Iterable[Iterable[str]]) -> set[str]:
    return {reason for each in reasons for reason in each}


@transaction.atomic
def release_approve(*, release: ForecastRelease, by: Actor, at: datetime) -> ForecastRelease:
    """A person signs a version for its permitted use: from now on its models are shown. Twice changes nothing.

    Raises ``ReleaseNotYours`` for anybody but a person, ``ReleaseOver`` for a version taken back.
    """
    _may_decide(release, by)
    if ForecastRelease.objects.filter(pk=release.pk, approved_at=None).update(approved_by=by.id, approved_at=at):
        event_record(events.RELEASE_APPROVED, subject=release, by=by, at=at, version=release.version)
        notices_withdraw_for(key=_key(release), by=by, at=at)
    release.refresh_from_db()
    return release


@transaction.atomic
def release_withdraw(*, release: ForecastRelease, reason: str, by: Actor, at: datetime) -> ForecastRelease:
    """A person takes a version back: from now on the bar is shown instead, with the reason.

    Raises ``ReasonMissing`` without one, ``ReleaseNotYours`` and ``ReleaseOver`` as for signing.
    """
    _may_decide(release, by)
    if not (why := reason.strip()[:200]):
        raise ReasonMissing(field="reason", problem="", version=release.version)
    ForecastRelease.objects.filter(pk=release.pk, withdrawn_at=None).update(
        withdrawn_by=by.id, withdrawn_at=at, withdrawn_reason=why
    )
    event_record(events.RELEASE_WITHDRAWN, subject=release, by=by, at=at, version=release.version, reason=why)
    notices_withdraw_for(key=_key(release), by=by, at=at)
    release.refresh_from_db()
    return release


def _may_decide(release: ForecastRelease, by: Actor) -> None:
    require(by, "forecasting.approve")
    if by.kind != "person" or by.id is None:
        raise ReleaseNotYours
    if release.withdrawn_at is not None:
        raise ReleaseOver(version=release.version, since=release.withdrawn_at.date())
