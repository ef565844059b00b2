"""Timed work of this room."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from anlan.disputes.services.mediation_retention import mediation_words_erase
from anlan.disputes.services.obligations import obligations_tick
from anlan.disputes.services.parties import identities_erase
from anlan.disputes.services.ticking import contents_erase, files_archive_old, files_own, files_remind, pushes_remind

NIGHT_HOURS = range(2, 5)
A_NIGHT_AT_MOST = 20_000


def disputes_tick(*, at: datetime) -> int:
    """Late pushes, files and promises are told once, and no live file is without somebody; how many changed.

    Running twice at the same instant changes nothing more.
    """
    return pushes_remind(at=at) + files_remind(at=at) + files_own(at=at) + obligations_tick(at=at)


def dispute_words_expire(*, at: datetime, at_any_hour: bool = False) -> int:
    """By night: archive what lay long enough, erase who took part, and words whose term is over."""
    if not at_any_hour and timezone.localtime(at).hour not in NIGHT_HOURS:
        return 0
    done = 0
    for erase in (files_archive_old, identities_erase, contents_erase, mediation_words_erase):
        while done < A_NIGHT_AT_MOST and (batch := erase(at=at)):
            done += batch
    return done
