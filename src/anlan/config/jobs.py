"""The list of timed jobs, with how often each runs (in ticks of the worker)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from anlan.accounts.jobs import glass_words_erase
from anlan.citizen.handlers import closings_follow
from anlan.citizen.jobs import citizen_words_erase
from anlan.config.forecast_night import forecasts_apart
from anlan.config.gate_watching import gates_watch
from anlan.config.standby_begin import partner_ask
from anlan.config.store_statistics import statistics_take
from anlan.config.whatif_work import questions_apart
from anlan.core.retention import look_words_erase
from anlan.core.sqlite_backend.courier import contents_carry, standby_hear
from anlan.dispatch.handlers import merges_follow
from anlan.dispatch.jobs import attachments_expire, clocks_tick, cover_prepare, positions_watch
from anlan.dispatch.services.arrivals import arrivals_learn
from anlan.dispatch.services.checkins import checkins_tick
from anlan.dispatch.services.retention import words_erase
from anlan.dispatch.services.road_paces import road_paces_nightly
from anlan.disputes.closing_handlers import file_closings_follow
from anlan.disputes.handlers import disputes_follow
from anlan.disputes.jobs import dispute_words_expire, disputes_tick
from anlan.disputes.sheet_handlers import day_sheets_follow, day_sheets_renew
from anlan.disputes.sheet_jobs import day_sheets_count
from anlan.equipment.jobs import bookings_end, lives_end, loans_expire, passages_forget
from anlan.forecasting.jobs import forecasts_keep
from anlan.intake.jobs import contents_expire, reporters_expire
from anlan.integrations.messages.jobs import messages_go_out
from anlan.integrations.town_platform.jobs import platform_gather, platform_tell
from anlan.ledger.jobs import ledger_follow
from anlan.notices.handlers import glasses_follow
from anlan.notices.jobs import message_addresses_erase, notice_words_erase, notices_tick, tokens_warn
from anlan.notices.second_machine import standby_tell
from anlan.patrol.handlers import units_follow
from anlan.patrol.jobs import plans_better, plans_end, stops_watch
from anlan.patrol.trials.jobs import trials_tick
from anlan.units.jobs import positions_expire

JOBS: list[tuple[Callable[..., Any], int]] = [
    (clocks_tick, 1),
    (positions_watch, 1),
    (merges_follow, 1),
    (disputes_tick, 12),
    (checkins_tick, 1),
    (notices_tick, 1),
    (glasses_follow, 1),
    (closings_follow, 1),
    (platform_gather, 1),
    (positions_expire, 720),
    (reporters_expire, 720),
    (contents_expire, 720),
    (words_erase, 720),
    (attachments_expire, 720),
    (notice_words_erase, 720),
    (message_addresses_erase, 720),
    (dispute_words_expire, 720),
    (citizen_words_erase, 720),
    (forecasts_keep, 720),
    (look_words_erase, 720),
    (glass_words_erase, 720),
    (tokens_warn, 720),
    (passages_forget, 180),
    (loans_expire, 720),
    (lives_end, 720),
    (bookings_end, 60),
]
BESIDE: tuple[list[tuple[Callable[..., Any], int]], ...] = (
    [(messages_go_out, 1), (platform_tell, 1)],
    [(disputes_follow, 1), (file_closings_follow, 1), (day_sheets_follow, 6)],
    [
        (cover_prepare, 60),
        (day_sheets_count, 6),
        (day_sheets_renew, 720),
        (statistics_take, 720),
        (arrivals_learn, 720),
        (road_paces_nightly, 720),
    ],
    [(forecasts_apart, 12)],
    [(questions_apart, 1)],
    [(units_follow, 1), (stops_watch, 6), (plans_end, 12)],
    [(plans_better, 1)],
    [(trials_tick, 60)],
    [(ledger_follow, 12)],
    [(gates_watch, 1)],
    [(standby_hear, 1), (partner_ask, 1), (standby_tell, 2)],
    [(contents_carry, 1)],
)
"""What waits for others' machines, and what compares at length: each in a thread of its own, so that no clock
stands still for it."""
