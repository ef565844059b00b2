"""One report on its way to the record: what is on its sheet, what it means, and what was put aside."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from anlan.core.actor import Actor
from anlan.core.models import QuarantinedRow
from anlan.core.services import row_quarantine
from anlan.engines.text_tags import Suggestion
from anlan.intake.deciding import suggestion_of
from anlan.intake.models import Call, Incident
from anlan.intake.rules import CALLS_WAITING
from anlan.intake.selectors.links import incident_root
from anlan.intake.selectors.location import Where, place_of_sheet
from anlan.intake.sheet import CallSheet, Unreadable
from anlan.intake.suggested import Suggested, suggested_from
from anlan.tagging.selectors import external_code, is_type

NO_MATTER_TYPES = ("prank", "wrong_number", "test")
SPEECHLESS_TYPES = ("silent", "covert")
CLOCKS_DIFFER_BY = timedelta(minutes=5)
"""How far ahead of the centre's clock another one may be."""


@dataclass
class Report:
    """A sheet with what was found out about it. ``danger`` joins the taker's flags and the text's."""

    sheet: CallSheet
    by: Actor
    at: datetime
    aside: list[Unreadable]
    call: Call | None = None
    target: Incident | None = None
    earlier: Incident | None = None
    suggestion: Suggestion | None = None
    facts: Suggested = field(default_factory=Suggested)
    where: Where = field(default_factory=Where)
    danger: tuple[str, ...] = ()
    reporter_hash: str = ""

    def put_aside(self, name: str, code: str, zh: str, en: str, raw: object) -> None:
        """Note a part of the sheet that could not be used."""
        self.aside.append(Unreadable(name, code, zh, en, json.dumps(raw, default=str)))

    @property
    def is_urgent(self) -> bool:
        sheet = self.sheet
        return bool(self.danger or sheet.priority == "P1" or sheet.is_major or sheet.channel == "device")

    @property
    def is_worth_keeping(self) -> bool:
        """Whether there is anything on it: a place, a text, a call, a way to ring back, or danger."""
        sheet = self.sheet
        return (
            sheet.says_something
            or self.is_urgent
            or self.call is not None
            or bool(self.aside or sheet.reporter_phone)
            or sheet.call_type in (*SPEECHLESS_TYPES, *NO_MATTER_TYPES)
        )

    @property
    def needs_incident(self) -> bool:
        """No incident for the silent, the empty and the invalid, unless there is a word of danger."""
        if self.is_urgent or self.sheet.call_type == "covert":
            return True
        return self.sheet.call_type not in NO_MATTER_TYPES and self.sheet.says_something


def report_read(
    sheet: CallSheet, aside: list[Unreadable], *, by: Actor, at: datetime, suggestion: Suggestion | None = None
) -> Report:
    """Everything that is only read: the call and incidents spoken of, the suggestion, danger, the place."""
    report = Report(sheet, by, at, aside)
    if sheet.call_id is not None:
        report.call = Call.objects.visible_to(by).filter(pk=sheet.call_id, state__in=CALLS_WAITING).first()
        if report.call is None:
            zh, en = "没有这通待登记的来电，另立一条", "no such call is waiting; a call of its own was opened"
            report.put_aside("call_id", "not_waiting", zh, en, sheet.call_id)
    _code_read(report)
    _times_read(report)
    report.target = _incident_named(report, "link_to", sheet.link_to)
    report.earlier = _incident_named(report, "repeat_of", sheet.repeat_of)
    report.suggestion = suggestion or suggestion_of(sheet.narrative)
    report.facts = suggested_from(report.suggestion)
    report.danger = tuple(dict.fromkeys((*sheet.danger, *report.facts.danger)))
    report.where = place_of_sheet(report.sheet, report.call)
    report.aside += report.where.aside
    return report


def _code_read(report: Report) -> None:
    """The type in our own words: another system's code is read as somebody has said what it means here."""
    sheet = report.sheet
    code = external_code(sheet.source, sheet.code) or sheet.code
    if code and not is_type(code):
        zh, en = "类别代码不在目录中，也没有对照", "the code is neither in the list of types nor mapped to one"
        report.put_aside("code", "not_in_list", zh, en, sheet.code)
        code = ""
    if code != sheet.code:
        report.sheet = replace(sheet, code=code)


def _times_read(report: Report) -> None:
    """When it happened, as far as that can be: nothing is told before it has happened, or ends before it begins."""
    latest, sheet = report.at + CLOCKS_DIFFER_BY, report.sheet
    dropped: dict[str, Any] = {}
    for name in ("occurred_from", "occurred_to"):
        moment = getattr(sheet, name)
        if moment is not None and moment > latest:
            zh, en = "时间在将来，未采用", "the time lies in the future; it was not used"
            report.put_aside(name, "future", zh, en, moment)
            dropped[name] = None
    if not dropped and sheet.occurred_from and sheet.occurred_to and sheet.occurred_to < sheet.occurred_from:
        zh, en = "结束早于开始，未采用", "the end lies before the beginning; it was not used"
        report.put_aside("occurred_to", "backwards", zh, en, sheet.occurred_to)
        dropped["occurred_to"] = None
    if dropped:
        report.sheet = replace(sheet, **dropped)


def _incident_named(report: Report, part: str, pk: int | None) -> Incident | None:
    if pk is None:
        return None
    found = Incident.objects.visible_to(report.by).filter(pk=pk).first()
    if found is None:
        zh, en = "没有这个警情，未关联", "no such incident in your area; not linked"
        report.put_aside(part, "not_found", zh, en, pk)
        return None
    return incident_root(found) if part == "link_to" else found


def aside_keep(aside: Iterable[Unreadable], number: str, *, at: datetime) -> tuple[QuarantinedRow, ...]:
    """Park what was put aside, each part with its reason, under the number of its call."""
    return tuple(
        row_quarantine(
            source=f"call {number} {part.field}",
            raw=part.raw,
            code=part.code,
            reason_zh=part.reason_zh,
            reason_en=part.reason_en,
            at=at,
        )
        for part in aside
    )
