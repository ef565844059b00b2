"""Why an experiment can't be laid out or judged."""

from __future__ import annotations


class EffectsRefused(ValueError):
    """``code`` says why, ``facts`` with which numbers.

    Codes: ``no_blocks`` (none is left), ``one_block`` (nothing to compare it with), ``too_few_coins`` (so few free
    assignments that no result could be told from chance: ``coins`` of ``least``), ``no_counted_days`` (every day is
    washout or unknown), ``history_too_short`` (``days`` known of ``wanted``), ``no_calls`` (nothing was counted).
    """

    def __init__(self, code: str, **facts: int) -> None:
        super().__init__(f"{code} {facts}")
        self.code, self.facts = code, facts
