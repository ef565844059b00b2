"""Honest arrival times: turn-out and driving learned from closed trips, with the spread that belongs to them."""

from anlan.engines.arrival.calibration import Calibration, calibration
from anlan.engines.arrival.fit import HOUR_BANDS, ArrivalFit, Trips, arrival_fit, fit_from, hour_band
from anlan.engines.arrival.rates import LogRate, rates_shrunk

__all__ = [
    "HOUR_BANDS",
    "ArrivalFit",
    "Calibration",
    "LogRate",
    "Trips",
    "arrival_fit",
    "calibration",
    "fit_from",
    "hour_band",
    "rates_shrunk",
]
