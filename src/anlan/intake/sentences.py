"""How a timeline tells what happened here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from anlan.accounts.selectors import OrganisationNames
from anlan.core.sentences import sentence_register
from anlan.intake import events
from anlan.intake.models import Call
from anlan.intake.rules import (
    CALL,
    CALL_BACK_OUTCOMES,
    DANGER_LABELS,
    INCIDENT,
    INVALID_REASONS,
    KEEPING_LABELS,
    REVEAL_PURPOSES,
    RULE_LABELS,
    TAG_DIMENSIONS,
    TRACK_LABELS,
)
from anlan.tagging.selectors import vocabulary


class _TypeNames(Mapping[str, "str | Promise"]):
    """Codes of incident types to their names in the active language, from the edition in force."""

    def __getitem__(self, code: str) -> str:
        return f"{code} {vocabulary().types[code].name(get_language() or 'zh-hans')}"

    def __iter__(self) -> Iterator[str]:
        return iter(vocabulary().types)

    def __len__(self) -> int:
        return len(vocabulary().types)


class _TagNames(Mapping[str, "str | Promise"]):
    """``dimension:value`` to words; an empty value says that none of the dimension holds."""

    def __getitem__(self, tag: str) -> str:
        dimension, _sep, value = tag.partition(":")
        said = vocabulary().tags[dimension][value].name(get_language() or "zh-hans") if value else "–"
        return f"{TAG_DIMENSIONS[dimension]} {said}"

    def __iter__(self) -> Iterator[str]:
        return iter(TAG_DIMENSIONS)

    def __len__(self) -> int:
        return len(TAG_DIMENSIONS)


class _RuleNames(Mapping[str, "str | Promise"]):
    """Ids of rules to words; what fired within a rule (after the colon) is left to the page that explains."""

    def __getitem__(self, rule: str) -> str | Promise:
        return RULE_LABELS[rule.partition(":")[0]]

    def __iter__(self) -> Iterator[str]:
        return iter(RULE_LABELS)

    def __len__(self) -> int:
        return len(RULE_LABELS)


_CHANNELS = dict(Call.Channel.choices)
_CALL_TYPES = dict(Call.Type.choices)
_INCIDENT = {
    "channel": _CHANNELS,
    "call_type": _CALL_TYPES,
    "code": _TypeNames(),
    "code_from": _TypeNames(),
    "track": TRACK_LABELS,
    "track_from": TRACK_LABELS,
    "track_rule": _RuleNames(),
    "state": INCIDENT.labels,
    "state_from": INCIDENT.labels,
    "danger": DANGER_LABELS,
    "tags": _TagNames(),
}

sentence_register(events.CALL_RANG, _("Call {call} rings on line {line}."))
sentence_register(events.CALL_ANSWERED, _("Call {call} was answered after {rang_s} s."))
sentence_register(events.CALL_ENDED, _("Call {call} ended ({state})."), words={"state": CALL.labels})
sentence_register(events.SWITCH_UP, _("The lines of {switch} work."))
sentence_register(events.SWITCH_DOWN, _("The lines of {switch} are down; calls are entered by hand."))
sentence_register(
    events.CALL_RECORDED, _("Call {call} was noted ({call_type}); call back due {due_at}."), words=_INCIDENT
)
sentence_register(
    events.INCIDENT_OPENED,
    _("Incident {number} was opened from call {call} ({channel}): {code}, {priority}, {track} (rule {track_rule})."),
    words=_INCIDENT,
)
sentence_register(
    events.CALL_LINKED, _("Call {call} ({channel}) tells of the same event and was linked to {incident}."),
    words=_INCIDENT,
)  # fmt: skip
sentence_register(
    events.CALL_UNLINKED,
    _("Call {call} was unlinked from {left} and has incident {incident} of its own: {code}, {priority}, {track}."),
    words=_INCIDENT,
)
sentence_register(events.INCIDENT_MERGED, _("Incident {number} is the same event and was merged into {into}."))
sentence_register(
    events.INCIDENT_UNMERGED,
    _("Incident {number} was taken out of {left} again and is now: {state}."),
    words=_INCIDENT,
)
sentence_register(
    events.REPEAT_LINKED, _("Incident {number} is the matter of {earlier} come back: report no. {nth} of it.")
)
sentence_register(events.REPEAT_UNLINKED, _("Incident {number} is no longer counted as a repeat of {earlier}."))
sentence_register(
    events.CALL_INVALID, _("Call {call} was marked invalid: {invalid_reason}."),
    words={"invalid_reason": INVALID_REASONS},
)  # fmt: skip
sentence_register(
    events.CALL_REOPENED,
    _("Call {call} is valid after all: incident {number}, {code}, {priority}, {track}."),
    words=_INCIDENT,
)
_CALL_BACK = {"outcome": CALL_BACK_OUTCOMES}
sentence_register(
    events.CALL_BACK_TRIED, _("Call back of {call}, try {tries}: {outcome}; next by {due_at}."), words=_CALL_BACK
)
sentence_register(events.CALL_BACK_DONE, _("Call back of {call}, try {tries}: {outcome}."), words=_CALL_BACK)
_ORGANISATIONS = dict.fromkeys(("partner", "where", "asked", "holder", "holder_from"), OrganisationNames())
for _kind, _told in (
    (events.TRANSFER_OFFERED, _("Incident {number} was offered to {partner}.")),
    (events.TRANSFER_ACCEPTED, _("{partner} accepted incident {number}, receipt {receipt}.")),
    (events.TRANSFER_RETURNED, _("{partner} sent incident {number} back.")),
    (events.TRANSFER_WITHDRAWN, _("The offer of incident {number} to {partner} was withdrawn.")),
    (events.BOUNCE_TAKEN, _("Incident {number} was sent back by {where} (time {bounces}).")),
):
    sentence_register(_kind, _told, words=_ORGANISATIONS)
# What the system took in by itself is with no desk until somebody takes it over.
sentence_register(
    events.HAND_OVER_ASKED,
    _("{asked} was asked to act; {holder} keeps the matter meanwhile."),
    words=_ORGANISATIONS,
    without={"holder": _("{asked} was asked to act; until it signs, no desk has the matter.")},
)
sentence_register(
    events.HOLDER_SET,
    _("{holder} has the matter from now on; before it was with {holder_from}."),
    words=_ORGANISATIONS,
    without={"holder_from": _("{holder} has the matter from now on; before, no desk had taken it over.")},
)
sentence_register(events.STATE_CHANGED, _("Incident {number}: {state_from} → {state}."), words=_INCIDENT)
sentence_register(
    events.TRACK_OVERRIDDEN, _("The track of {number} was changed from {track_from} to {track}."), words=_INCIDENT
)
sentence_register(
    events.CODE_CORRECTED,
    _("The type of {number} was corrected from {code_from} to {code}; now {priority}, {track}."),
    words=_INCIDENT,
)
sentence_register(events.PRIORITY_SET, _("The priority of {number} was changed from {priority_from} to {priority}."))
sentence_register(
    events.DANGER_SET,
    _("Danger at {number}: {danger}. It is {priority}, {track}."),
    words=_INCIDENT,
)
sentence_register(events.TAG_CONFIRMED, _("Tags confirmed: {tags}."), words=_INCIDENT)
sentence_register(events.TAG_CORRECTED, _("Tags corrected: {tags}."), words=_INCIDENT)
sentence_register(events.TAG_AUDITED, _("Tags audited: {tags}."), words=_INCIDENT)
sentence_register(
    events.REPORTER_REVEALED, _("Who made call {call} was looked at: {purpose}."), words={"purpose": REVEAL_PURPOSES}
)
sentence_register(events.REPORTER_ERASED, _("Who made call {call} was erased; the time for keeping it was over."))
sentence_register(
    events.HISTORY_IMPORTED, _("Past incidents were taken in from {source}: {accepted} new, {repeated} known.")
)
sentence_register(
    events.CONTENT_ERASED,
    _("Words and exact place were erased: the term of {days} days for this class ({keeping}) was over."),
    words={"keeping": KEEPING_LABELS},
)
