"""Which of our events the platform is told, and in which of its states: a table."""

from __future__ import annotations

from anlan.accounts.models import Organisation
from anlan.citizen import events as citizen
from anlan.core.models import Event
from anlan.core.selectors import Cursor
from anlan.dispatch import events as dispatch
from anlan.disputes import events as disputes
from anlan.integrations.town_platform.port import Envelope

OF_EVENT = {
    dispatch.ORDER_ROUTED: "offer",
    dispatch.ORDER_SIGNED: "accept",
    dispatch.ORDER_ASSIGNED: "assign",
    dispatch.ORDER_CONTACTED: "handle",
    dispatch.ORDER_ON_SITE: "handle",
    dispatch.ORDER_SETTLED: "handle",
    dispatch.ORDER_MOVED_ON: "triage",
    dispatch.ORDER_CLOSED: "close",
    dispatch.ORDER_BOUNCED: "return",
    dispatch.ORDER_ESCALATED: "escalate",
    dispatch.REVISIT_DONE: "revisit",
    citizen.RATING_GIVEN: "rate",
    disputes.FILE_CLOSED: "close",
    disputes.FILE_REOPENED: "offer",
    disputes.FILE_ARCHIVED: "archive",
    disputes.FILE_TO_POLICE: "escalate",
    disputes.ASSIGNMENT_RETURNED: "return",
    disputes.PUSH_OVERDUE: "supervise",
}
OF_FILE_STATE = {
    "pushed": "offer",
    "accepted": "accept",
    "triaged": "triage",
    "assigned": "assign",
    "mediating": "handle",
    "agreement": "handle",
    "no_agreement": "handle",
    "performed": "handle",
    "defaulted": "handle",
    "revisited": "revisit",
    "rated": "rate",
}
"""``file_moved`` by the state the file moved to."""
KINDS = frozenset({*OF_EVENT, disputes.FILE_MOVED})


def state_told(event: Event) -> str:
    """The platform's state for an event; empty where it is not told."""
    if event.kind == disputes.FILE_MOVED:
        return OF_FILE_STATE.get(str(event.data.get("state", "")), "")
    return OF_EVENT.get(event.kind, "")


def envelope_of(event: Event, organisation: Organisation) -> Envelope | None:
    """What is told of an event to the platform of ``organisation``; None where nothing is.

    The event row alone is read: told again years later it is the same, to the letter.
    """
    state = state_told(event)
    matter = str(event.data.get("file") or event.data.get("incident") or "")
    if not state or not matter or organisation.pk not in event.org_ids:
        return None
    return Envelope(
        id=f"anlan-{event.pk}",
        matter=matter,
        state=state,
        at=event.at,
        organisation=organisation.code,
        sequence=str(Cursor.of(event)),
        result=str(event.data.get("result") or ""),
    )
