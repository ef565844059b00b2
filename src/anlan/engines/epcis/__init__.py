"""What happened to things as GS1 EPCIS 2.0 events, written as JSON-LD; and what is wrong with such a document."""

from anlan.engines.epcis.events import (
    NAMESPACE,
    Correction,
    Kit,
    Observed,
    document,
    event_id,
    kit_event,
    observed_event,
)
from anlan.engines.epcis.rules import problems_of

__all__ = [
    "NAMESPACE",
    "Correction",
    "Kit",
    "Observed",
    "document",
    "event_id",
    "kit_event",
    "observed_event",
    "problems_of",
]
