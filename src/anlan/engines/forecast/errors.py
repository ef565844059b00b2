"""What the forecaster refuses, in plain values; the words a user reads are made by the room or the command."""

from __future__ import annotations


class ForecastRefused(Exception):
    """Nothing sensible can be done. ``reason`` is a short key; ``facts`` fill the sentence of whoever tells it."""

    def __init__(self, reason: str, **facts: object) -> None:
        self.reason = reason
        self.facts = facts
        told = ", ".join(f"{name} {value}" for name, value in facts.items())
        super().__init__(f"{reason} ({told})" if told else reason)


class BadForecast(Exception):
    """A model broke the contract: it names the model, the day (since 1970-01-01), the category and the fault."""

    def __init__(self, model: str, day: int, category: str, fault: str) -> None:
        super().__init__(f"{model}, day {day}, {category}: {fault}")
