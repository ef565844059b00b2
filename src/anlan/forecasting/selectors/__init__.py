"""Questions to this room, and the words of its rules for those who ask."""

from anlan.forecasting.messages import FAMILY_NAMES
from anlan.forecasting.rules import (
    ALARMS,
    BAR,
    CALLS,
    FAMILIES,
    LEAST_ADDRESSES,
    LEAST_SHOWN,
    NEVER,
    PERMITTED_USE,
    REASONS,
    forecast_place,
)
from anlan.forecasting.selectors.record import Kept, record_kept
from anlan.forecasting.selectors.scores import (
    CARD_VERSION,
    CardFigure,
    FamilyCard,
    alarms_open,
    cards,
    days_scored,
    run_latest,
    scores_of,
)
from anlan.forecasting.selectors.shown import PlaceTold, ShiftTold, Span, run_for, shift_told, spans_ahead
from anlan.forecasting.selectors.staffing import Practice, ShiftStaffed, practice_of, station_staffing
from anlan.forecasting.selectors.strip import Anomaly, Readiness, readiness, strip_shown

__all__ = [
    "ALARMS",
    "BAR",
    "CALLS",
    "CARD_VERSION",
    "FAMILIES",
    "FAMILY_NAMES",
    "LEAST_ADDRESSES",
    "LEAST_SHOWN",
    "NEVER",
    "PERMITTED_USE",
    "REASONS",
    "Anomaly",
    "CardFigure",
    "FamilyCard",
    "Kept",
    "PlaceTold",
    "Practice",
    "Readiness",
    "ShiftStaffed",
    "ShiftTold",
    "Span",
    "alarms_open",
    "cards",
    "days_scored",
    "forecast_place",
    "practice_of",
    "readiness",
    "record_kept",
    "run_for",
    "run_latest",
    "scores_of",
    "shift_told",
    "spans_ahead",
    "station_staffing",
    "strip_shown",
]
