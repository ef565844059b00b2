"""JSON shapes of cover, of the advice that follows from it, and of proposed versions of plans."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from anlan.core.actor import Actor
from anlan.dispatch.models import PlanProposal
from anlan.dispatch.recommending import Recommendation
from anlan.dispatch.selectors.advising import advice_words
from anlan.dispatch.selectors.cover import COVER_VERSION, Advised, CoverNow, MoveUp


def advice_out(advice: Advised | None, found: Recommendation, *, limit: int) -> dict[str, Any]:
    """Before, and after each of the first ranked units' going; the advice with its sentence."""
    if advice is None:
        return {"share": None, "units": [], "advice": None}
    rows = [
        {
            "unit_id": choice.unit.id,
            "call_sign": choice.unit.call_sign,
            "share_after": advice.after.get(choice.unit.id),
        }
        for choice in found.ranked[:limit]
    ]
    return {
        "share": advice.share,
        "version": COVER_VERSION,
        "units": rows,
        "advice": {
            "unit_id": advice.choice.unit.id,
            "call_sign": advice.choice.unit.call_sign,
            "rule": advice.rule,
            "added_s": advice.added_s,
            "cap_s": advice.cap_s,
            "saved": advice.saved,
            "words": advice_words(advice),
        },
    }


def cover_out(found: CoverNow, moves: Sequence[MoveUp], waits: Sequence[MoveUp], *, by: Actor) -> dict[str, Any]:
    """The share with its numerator and denominator, losses by unit of ``by``'s, and moves."""
    return {
        "version": COVER_VERSION,
        "share": found.share,
        "reached_a_day": round(found.reached_a_day, 3),
        "total_a_day": round(found.total_a_day, 3),
        "cells": found.cells,
        "source": found.source,
        "calls": found.calls,
        "units": [
            {"unit_id": unit.id, "call_sign": unit.call_sign, "loss": round(loss, 4)}
            for unit, loss in found.losses(by)
        ],
        "without_place": found.unplaced,
        "moves": [_move_out(move) for move in moves],
        "waits": [_move_out(move) for move in waits],
    }


def _move_out(move: MoveUp) -> dict[str, Any]:
    return {
        "unit_id": move.unit.id,
        "call_sign": move.unit.call_sign,
        "post": move.post.code,
        "name_zh": move.post.name_zh,
        "name_en": move.post.name_en,
        "lon": move.post.lon,
        "lat": move.post.lat,
        "gain": round(move.gain, 4),
        "share": round(move.share, 4),
    }


def proposal_out(row: PlanProposal) -> dict[str, Any]:
    """A version as one person wrote it, and what became of it."""
    return {
        "id": row.pk,
        "key": row.key,
        "base_version": row.base_version,
        "outcome": row.outcome,
        "proposed_at": row.proposed_at.isoformat(),
        "proposed_by": row.proposed_by,
        "decided_at": row.decided_at.isoformat() if row.decided_at else None,
        "plan": row.content,
    }
