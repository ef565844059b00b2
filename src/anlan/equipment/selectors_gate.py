"""What stands on the screen at a door: the last passage for a few minutes, what is asked, whether the door sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import override

from anlan.core.actor import Actor
from anlan.equipment.models import Gate, GateQuestion, ItemModel, Loan, Passage
from anlan.equipment.prompt import Asked, Facts, Kind, Prompt, prompt_of
from anlan.equipment.selectors import SILENT_AFTER

SHOWN_FOR = timedelta(minutes=5)
"""So long the last passage stands on the screen: long enough to answer, and no list of who came and went."""
SPOKEN_WITHIN = timedelta(seconds=30)
ASKED_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Live:
    """One door now. ``may_speak``: recent enough that the words still concern whoever hears them."""

    gate: Gate
    passage: Passage | None
    prompt: Prompt | None
    loans: Sequence[Loan]
    questions: Sequence[GateQuestion]
    more: int
    is_silent: bool
    may_speak: bool

    @property
    def holder(self) -> str:
        """By what name the one who took things signs in; empty where several did."""
        names = {loan.holder.username for loan in self.loans}
        return names.pop() if len(names) == 1 else ""


def gate_live(actor: Actor, gate: Gate, *, at: datetime, language: str) -> Live:
    """The screen of a door the actor may see."""
    passage = passage_last(gate, at)
    facts = facts_of(passage) if passage is not None else Facts()
    with override(language):
        prompt = prompt_of(facts)
    waiting = GateQuestion.objects.visible_to(actor).filter(passage__gate=gate, state="waiting")
    asked = waiting.select_related("item__model", "person", "passage")
    return Live(
        gate=gate,
        passage=passage,
        prompt=prompt if prompt.spoken else None,
        loans=list(passage.loans_out.filter(state="out").select_related("item__model", "holder")) if passage else [],
        questions=list(asked.order_by("-passage__ended_at", "id")[:ASKED_SHOWN]),
        more=max(0, waiting.count() - ASKED_SHOWN),
        is_silent=gate.heard_at is None or at - gate.heard_at > SILENT_AFTER,
        may_speak=passage is not None and at - passage.judged_at <= SPOKEN_WITHIN,
    )


def passage_last(gate: Gate, at: datetime) -> Passage | None:
    """The last passage with something to say, while it may be shown."""
    lately = gate.passages.filter(has_change=True, judged_at__gt=at - SHOWN_FOR, judged_at__lte=at)
    return lately.order_by("-judged_at", "-id").first()


def facts_of(passage: Passage) -> Facts:
    """What the books say now of what this passage brought about: a correction changes the words."""
    out = passage.loans_out.exclude(state="reversed").select_related("item__model", "holder__organisation")
    back = passage.loans_in.select_related("item__model")
    asked = passage.questions.filter(state="waiting").select_related("item__model")
    return Facts(
        taken=[(_who(loan), kind_of(loan.item.model)) for loan in out.order_by("id")],
        back=[kind_of(loan.item.model) for loan in back.order_by("id")],
        asked=[
            Asked(row.reason, row.claim, kind_of(row.item.model) if row.item else None)
            for row in asked.order_by("id")
        ],
    )


def _who(loan: Loan) -> tuple[str, str]:
    return loan.holder.name, loan.holder.organisation.kind


def kind_of(model: ItemModel) -> Kind:
    """A kind of thing as a door speaks of it."""
    return Kind(model.name, model.name_en, model.measure_word)
