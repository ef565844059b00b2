"""What is demanded of passwords, sessions and administrators: two profiles, as the two standards disagree.

``gb``: GB/T 22239-2019 (等保 2.0), level 3, 8.1.4.1 and 8.1.4.2: complexity, renewal, an end for idleness, three
administrators apart. ``asvs``: OWASP ASVS 5.0, 6.2 and 7.3: length alone, neither complexity nor renewal. A password
that is tried first everywhere is refused by both.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.utils.translation import gettext_lazy as _

LONGEST = 128
"""Longer ones are refused and never cut."""
HOUSE_WORDS = ("anlan", "安澜", "110", "police", "gongan", "公安", "jingcha", "警察")
"""Words of the house: a password that is nothing but one of them with figures and signs around is guessed first."""
HOUSE_REST = 6
"""So many letters and figures must be left of a password that holds such a word or the account's own name."""
SESSION_LASTS = timedelta(hours=12)
FIRST_HOLDS = timedelta(hours=72)
"""So long a password that somebody else set opens the door to set one's own."""
STALE_AFTER = timedelta(days=90)
"""An account nobody came in with for so long is told to the administrator."""
APART = frozenset({"admin", "security_admin", "auditor"})
"""系统管理员, 安全管理员, 审计管理员: under ``gb`` nobody holds two of them."""


@dataclass(frozen=True, slots=True)
class Profile:
    """``kinds``: of capital letters, small letters, figures and signs, how many a password must have."""

    name: str
    least: int
    kinds: int
    renewed_after: timedelta | None
    idle: timedelta
    is_apart: bool


PROFILES = {
    "gb": Profile("gb", 8, 3, timedelta(days=90), timedelta(minutes=15), True),
    "asvs": Profile("asvs", 12, 0, None, timedelta(minutes=30), False),
}


def profile() -> Profile:
    """The one in force here (``ANLAN_PROFILE``)."""
    return PROFILES[settings.SECURITY_PROFILE]


PROBLEMS = {
    "short": _("it is shorter than {least} letters"),
    "long": _("it is longer than {longest} letters"),
    "kinds": _("it has fewer than {kinds} of these: capital letters, small letters, figures, signs"),
    "name": _("little is left of it without the account's own name and words of this house"),
    "listed": _("it is in the list of passwords that are tried first everywhere"),
    "same": _("it is the one you have"),
    "twice": _("the two are not the same"),
}


def password_problem(password: str, *, username: str, name: str = "", rule: Profile | None = None) -> str:
    """Which of ``PROBLEMS`` the password has under ``rule`` (the one in force by default); empty where it has none.

    Any letter of any writing is taken, blanks included; Chinese characters count as signs.
    """
    rule = rule or profile()
    if len(password) < rule.least:
        return "short"
    if len(password) > LONGEST:
        return "long"
    if _kinds(password) < rule.kinds:
        return "kinds"
    if _is_of_the_house(password, username, name):
        return "name"
    # Both profiles: a list of the usual ones is asked for by the one and harms nobody under the other.
    return "listed" if _is_listed(password) else ""


def problem_facts(rule: Profile | None = None) -> dict[str, Any]:
    """What fills the blanks of ``PROBLEMS``."""
    rule = rule or profile()
    return {"least": rule.least, "longest": LONGEST, "kinds": rule.kinds}


def is_over(*, since: datetime | None, seen: datetime | None, may_sit: bool, at: datetime) -> bool:
    """Whether a session that began at ``since`` and was last used at ``seen`` has ended by ``at``.

    ``may_sit``: whoever is on watch isn't sent out because it is quiet.
    """
    if since is not None and at - since >= SESSION_LASTS:
        return True
    idle = idle_after()
    return bool(idle and seen is not None and not may_sit and at - seen >= idle)


def idle_after() -> timedelta | None:
    """How long nothing may be done; None where that ends no session (a demo, or the operator's will)."""
    told = settings.IDLE_MINUTES
    if told is None:
        return None if settings.DEMO else profile().idle
    return timedelta(minutes=told) if told else None


def idle_minutes() -> int | None:
    """The same in minutes, as it is shown."""
    idle = idle_after()
    return round(idle.total_seconds() / 60) if idle else None


def _kinds(password: str) -> int:
    categories = {unicodedata.category(letter) for letter in password}
    return sum((bool(categories & {"Lu", "Lt"}), "Ll" in categories, bool(categories & {"Nd", "Nl"}),
                any(each[0] in "PSZ" or each in ("Lo", "Lm") for each in categories)))  # fmt: skip


def _is_of_the_house(password: str, username: str, name: str) -> bool:
    """Whether a word of the house or of the account stands in it, and too few letters and figures are left."""
    left = plain = password.casefold()
    for word in (username.casefold(), name.casefold(), *HOUSE_WORDS):
        if len(word) > 1:
            left = left.replace(word, "")
    return left != plain and sum(map(str.isalnum, left)) < HOUSE_REST


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    """Twenty thousand passwords of published leaks, brought by Django."""
    return frozenset(CommonPasswordValidator().passwords)


def _is_listed(password: str) -> bool:
    plain = password.casefold().strip()
    # With a year, a figure or a sign at its end it is tried just as soon.
    return bool({plain, plain.rstrip("0123456789!@#$%^&*.?_-")} & _common())
