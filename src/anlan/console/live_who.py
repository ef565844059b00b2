"""Who those are that come to the live stream, by token or session.

When all lines break at once, hundreds come back within a second. Those who wait to be known are then looked up
together: a look-up costs a few questions to the store, for however many.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from django.conf import settings
from django.http import parse_cookie

from anlan.accounts.selectors import ANONYMOUS, actor_by_token, actors_by_people, people_by_sessions
from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.permissions import permitted

Headers = dict[str, str]
TOGETHER_MAX = 100
"""So many are looked up in one go: between two goes the store answers others."""


def actors_of_headers(asking: Sequence[Headers]) -> list[Actor]:
    """Who each of them is; nobody where token or session is no good or its owner may not listen."""
    at = now()
    keys = [session_key(headers) if _token(headers) is None else "" for headers in asking]
    people = people_by_sessions({key for key in keys if key}, at=at) if any(keys) else {}
    actors = actors_by_people({each.pk: each for each in people.values()}.values(), at=at) if people else {}

    def one(headers: Headers, key: str) -> Actor:
        token = _token(headers)
        if token is not None:
            actor = actor_by_token(token, at=at)
        else:
            actor = actors[people[key].pk] if key in people else ANONYMOUS
        # Programs that only hand something in have nothing to listen to.
        return actor if permitted(actor, "console.live") else ANONYMOUS

    return [one(headers, key) for headers, key in zip(asking, keys, strict=True)]


def actor_of_headers(headers: Headers) -> Actor:
    """``actors_of_headers`` for one."""
    return actors_of_headers([headers])[0]


def session_key(headers: Headers) -> str:
    """The key of the page's session; empty where there is none."""
    return parse_cookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME, "")


def _token(headers: Headers) -> str | None:
    scheme, _, secret = headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None


class Porter:
    """Those who wait to be known. While some are looked up others come, and are the next look-up."""

    def __init__(self, look: Callable[[list[Headers]], Awaitable[list[Actor]]]) -> None:
        self._look = look
        self._waiting: list[tuple[Headers, asyncio.Future[Actor]]] = []
        self._work: asyncio.Task[None] | None = None

    async def known(self, headers: Headers) -> Actor:
        """Who this is."""
        found: asyncio.Future[Actor] = asyncio.get_running_loop().create_future()
        self._waiting.append((headers, found))
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._all())
        return await found

    async def _all(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:TOGETHER_MAX], self._waiting[TOGETHER_MAX:]
            waiting = [(headers, found) for headers, found in group if not found.done()]  # not those who left
            try:
                actors = await self._look([headers for headers, _ in waiting])
            except Exception as problem:
                for _, found in waiting:
                    if not found.done():
                        found.set_exception(problem)
                continue
            for (_, found), actor in zip(waiting, actors, strict=True):
                if not found.done():
                    found.set_result(actor)
