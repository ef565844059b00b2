"""The telephone of the demo: lines ring through the switch, and somebody answers.

Simulated takers take most calls, so that the centre lives. While a person sits at the screens some rings
are left to them for a while; what the caller says is put where the call form shows it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from anlan.console.prompter import Prompt, prompt_drop, prompt_put
from anlan.core.actor import Actor
from anlan.core.errors import DomainError
from anlan.drills.player import Player
from anlan.drills.sheets import sheet_of, spoken_lines
from anlan.drills.stage import Stage
from anlan.engines.county.records import SyntheticCall
from anlan.intake.models import Call, CallBack
from anlan.intake.services import call_answer, call_hang_up, call_receive
from anlan.integrations.telephony.lines import line_event_take
from anlan.integrations.telephony.port import HANG_UP, RING
from anlan.integrations.telephony.simulator import CallSimulator, SimulatedCaller

LEFT_FOR = timedelta(seconds=45)
HELD_FOR = timedelta(minutes=10)
BETWEEN_LEFT = timedelta(seconds=15)
PATIENCE = timedelta(seconds=20)
TYPED_SHARE = 0.7
SAVES_WITHIN = timedelta(seconds=75)
A_LINE = timedelta(seconds=4)


@dataclass(slots=True)
class Spoken:
    """A call on a line: what was made up, the row it became, and when it rang."""

    call: SyntheticCall
    pk: int
    number: str
    line: str
    rang_at: datetime
    is_left: bool


@dataclass
class Desk:
    """The simulated takers at a simulated switch. ``is_attended`` says whether a person could answer too."""

    stage: Stage
    player: Player
    switch: CallSimulator
    by: Actor
    is_attended: Callable[[datetime], bool] = lambda at: False
    left_for: timedelta = LEFT_FOR
    _dialling: dict[str, tuple[SyntheticCall, bool]] = field(default_factory=dict)
    _on_line: dict[int, Spoken] = field(default_factory=dict)
    _listens_at: datetime | None = None
    _left_at: datetime | None = None
    _held: set[int] = field(default_factory=set)

    def expect(self, call: SyntheticCall, *, is_left: bool = False) -> None:
        """Let the caller ring at their time; ``is_left`` keeps simulated takers away from it at first."""
        self.stage.plan(call.called_at, partial(self._dial, call, is_left))

    @property
    def is_leaving(self) -> bool:
        """Whether a ring is left to a person now, or a person is on a call."""
        return bool(self._held) or any(spoken.is_left for spoken in self._on_line.values())

    @property
    def left_at(self) -> datetime | None:
        """When a ring was last left to a person."""
        return self._left_at

    def _dial(self, call: SyntheticCall, is_left: bool, at: datetime) -> None:
        if not self.switch.is_up:
            self.player.call(sheet_of(call), at)
            return
        is_left = is_left or self._leaves(at)
        caller = SimulatedCaller(
            at,
            call.phone,
            call.lon,
            call.lat,
            answered_after=None,
            talks_for=timedelta(seconds=call.talk_s),
            patience=max(PATIENCE, 2 * self.left_for) if is_left else PATIENCE,
            radius_m=call.radius_m,
            ref=call.call_id,
        )
        self._dialling[call.call_id] = (call, is_left)
        self.switch.caller_add(caller)
        self.listen(at)

    def _leaves(self, at: datetime) -> bool:
        if self.is_leaving or not self.is_attended(at):
            return False
        return self._left_at is None or at - self._left_at > self.left_for + BETWEEN_LEFT

    def listen(self, at: datetime) -> None:
        """Take what the switch tells up to now, and look again when it has more to tell."""
        if self._listens_at is not None and self._listens_at <= at:
            self._listens_at = None
        for event in self.switch.events(until=at):
            row = line_event_take(event, by=self.by)
            if event.kind == RING and row is not None:
                self._rang(row, event.line, at)
            elif event.kind == HANG_UP and row is not None:
                self._ended(row, at)
        # A switch that is down tells nothing, however long what it knows is due: it is heard again when it works.
        following = self.switch.next_at if self.switch.is_up else None
        if following is not None and (self._listens_at is None or following < self._listens_at):
            self._listens_at = following
            self.stage.plan(following, self.listen)

    def _rang(self, row: Call, line: str, at: datetime) -> None:
        caller = self.switch.caller_on(line)
        if caller is None or caller.ref not in self._dialling:
            return
        call, is_left = self._dialling.pop(caller.ref)
        spoken = Spoken(call, row.pk, row.number, line, at, is_left)
        self._on_line[row.pk] = spoken
        answers_at = at + (self.left_for if is_left else timedelta(seconds=call.ring_s))
        if is_left:
            self._left_at = at
        if self.is_attended(at):
            until = answers_at.isoformat() if is_left else ""
            prompt_put(row.number, Prompt(tuple(spoken_lines(call)), until))
        self.stage.plan(answers_at, partial(self._answer, spoken))

    def _answer(self, spoken: Spoken, at: datetime) -> None:
        """A simulated taker takes the call, unless somebody was quicker or the caller gave up."""
        spoken.is_left = False
        row = Call.objects.get(pk=spoken.pk)
        try:
            if row.state != "ringing" or row.ended_at is not None:
                return
            call_answer(call=row, by=self.by, at=at)
        except DomainError:
            return
        self.switch.answer(spoken.line, seat="", at=at)
        self.listen(at)
        typing = min(SAVES_WITHIN, timedelta(seconds=spoken.call.talk_s * TYPED_SHARE))
        self.stage.plan(at + typing, partial(self._save, spoken))

    def _save(self, spoken: Spoken, at: datetime) -> None:
        """The sheet of a call, as the simulated taker typed it."""
        self._on_line.pop(spoken.pk, None)
        self._held.discard(spoken.pk)
        prompt_drop(spoken.number)
        self.player.taken(call_receive(line=replace(sheet_of(spoken.call), call_id=spoken.pk), at=at, by=self.by), at)

    def _ended(self, row: Call, at: datetime) -> None:
        """Who gave up while it rang is called back."""
        if row.state != "abandoned":
            return
        self._on_line.pop(row.pk, None)
        prompt_drop(row.number)
        task = CallBack.objects.filter(call=row, done_at=None).first()
        if task is not None:
            self.player.call_back(task, at)

    def person_answered(self, pk: int, at: datetime) -> None:
        """A person took the call: the caller speaks to them for as long as the lines take, and a while."""
        spoken = self._on_line.get(pk)
        if spoken is None:
            return
        spoken.is_left = False
        self._held.add(pk)
        talk = max(timedelta(seconds=60), A_LINE * len(spoken_lines(spoken.call)) + timedelta(seconds=30))
        self.switch.answer(spoken.line, seat="", at=at, talks_for=talk)
        self.listen(at)
        self.stage.plan(at + HELD_FOR, partial(self._take_over, spoken))

    def person_saved(self, pk: int) -> None:
        """The person's sheet of that call is on the record."""
        self._held.discard(pk)
        spoken = self._on_line.pop(pk, None)
        if spoken is not None:
            prompt_drop(spoken.number)

    def _take_over(self, spoken: Spoken, at: datetime) -> None:
        """A call answered by somebody who went away is not left lying."""
        if Call.objects.filter(pk=spoken.pk, state="answered").exists():
            self._save(spoken, at)

    def lines_fail(self, at: datetime) -> None:
        """The switch goes down: rings are cut, and calls come in by other ways and are entered by hand."""
        self.switch.fail()
        for spoken in list(self._on_line.values()):
            row = Call.objects.get(pk=spoken.pk)
            if row.state == "ringing":
                call_hang_up(call=row, by=self.by, at=at)
                self._ended(row, at)

    def lines_return(self, at: datetime) -> None:
        """The switch works again."""
        self.switch.restore()
        self._listens_at = None
        self.listen(at)
