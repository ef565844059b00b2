"""The table of all doors, read; and the doors there are, found in the program."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from permissions.county import RELATIONS, ROLES

TABLE = Path(__file__).with_name("doors.csv")
COLUMNS = ("method", "path", "record", "roles", "given", *RELATIONS, "why")
METHODS = {"get", "post", "put", "patch", "delete"}
EVERYBODY, ANYONE = "signed-in", "anyone"


@dataclass(frozen=True, slots=True)
class Door:
    """One row: who may come in, and about whose records they are answered.

    ``record`` is the kind of record the row is about; ``list`` shows what is in reach, ``same`` the same to
    everybody who may come in, ``own`` the asker's own desk. ``open`` are the relations that are answered; those in
    ``given`` are answered only about what was given to them by name. In the path ``{incident}`` is a record of that
    kind and ``{=word}`` the word itself, where the address takes any.
    """

    method: str
    path: str
    record: str
    roles: frozenset[str]
    given: frozenset[str]
    open: frozenset[str]
    why: str
    is_public: bool = False

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")

    @property
    def has_record(self) -> bool:
        return self.record not in ("list", "same", "own")

    @property
    def in_body(self) -> bool:
        """Whether the record in question is named in what is sent and not in the address."""
        return self.has_record and f"{{{self.record}}}" not in self.path

    def __str__(self) -> str:
        return f"{self.method} {self.path} ({self.record})"


@cache
def doors() -> tuple[Door, ...]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(_door(row) for row in csv.DictReader(file))


def _door(row: dict[str, str]) -> Door:
    words = row["roles"].split()
    roles = frozenset(ROLES) if words in ([EVERYBODY], [ANYONE]) else frozenset(words)
    return Door(
        row["method"],
        row["path"],
        row["record"],
        roles,
        frozenset(row["given"].split()),
        frozenset(relation for relation in RELATIONS if row[relation] == "yes"),
        row["why"],
        is_public=words == [ANYONE],
    )


@cache
def shared() -> frozenset[str]:
    """Addresses where the table says, with its reason, that some of what others have is shown to all."""
    return frozenset(door.path for door in doors() if door.record == "list" and door.open & {"sister", "above"})


DEEDS: dict[str, tuple[str, str | Iterable[str]]] = {
    # Where one address has many buttons: the table of them in the program, or the words it takes.
    "/console/incidents/{}/do/{}": ("anlan.console.pages.deeds", "DEEDS"),
    "/console/orders/{}/{}": ("anlan.console.pages.deeds", "ORDER_DEEDS"),
    "/console/transfers/{}/{}": ("", ("accept", "return")),
    "/console/begin/{}": ("", ("list", "map")),
    "/handover/{}/{}": ("anlan.console.pages.handover", "DEEDS"),
    "/desk/{}/{}": ("", ("take", "leave")),
    "/notices/{}/{}": ("", ("acknowledge", "withdraw")),
    "/unit/do/{}": ("anlan.console.pages.phone", "DEEDS"),
    "/unit/visits/{}": ("anlan.console.pages.visits", "DEEDS"),
    "/mediation/setup/{}": ("anlan.console.pages.mediation_setup", "DEEDS"),
    "/mediation/{}/{}": ("anlan.console.pages.mediation", "DEEDS"),
    "/disputes/{}/table/{}": ("anlan.console.pages.mediation_file", "DEEDS"),
    "/disputes/revisits/{}/{}": ("", ("assign", "call")),
    "/disputes/suggested/{}/{}": ("", ("accept", "reject")),
    "/disputes/{}/do/{}": ("anlan.console.pages.disputes_do", "DEEDS"),
    "/patrol/plans/{}/{}": ("anlan.patrol.pages", "DEEDS"),
    "/patrol/plans/{}/change/{}": ("anlan.patrol.pages.editor", "CHANGES"),
    "/patrol/trials/{}/do/{}": ("anlan.patrol.trials.pages", "DEEDS"),
    "/patrol/stops/{}/{}": ("", ("visited", "missed", "explain")),
}
MORE_DEEDS = {"/handover/{}/{}": ("open",)}


def addresses() -> set[str]:
    """Every address of the program, blanks as ``{}``, buttons spelled out; API addresses with their method."""
    found = set()
    for address in _patterns():
        if address not in DEEDS:
            found.add(address)
            continue
        module, words = DEEDS[address]
        deeds = getattr(import_module(module), str(words)) if module else words
        head = address.removesuffix("{}")
        found.update(f"{head}{deed}" for deed in (*deeds, *MORE_DEEDS.get(address, ())))
    return found | set(operations())


def _patterns() -> Iterator[str]:
    from django.urls import get_resolver

    def walk(resolver: Any, before: str) -> Iterator[str]:
        for pattern in resolver.url_patterns:
            whole = before + str(pattern.pattern)
            if hasattr(pattern, "url_patterns"):
                yield from walk(pattern, whole)
            else:
                yield "/" + re.sub(r"<[^>]+>", "{}", whole)

    return (address for address in walk(get_resolver(), "") if not address.startswith("/api/"))


def operations() -> Iterator[str]:
    """``GET /api/incidents/{}`` of everything the interface describes, and its description itself."""
    from anlan.api.root import api

    yield "GET /api/openapi.json"
    for path, item in api.get_openapi_schema()["paths"].items():
        for method in item:
            if method in METHODS:
                yield f"{method.upper()} {blank(path)}"


def blank(path: str) -> str:
    """``/console/incidents/{}/do/send`` for whatever the blanks are called."""
    return re.sub(r"{[^}]*}", "{}", path.partition("?")[0])


def addresses_listed() -> set[str]:
    return {(f"{door.method} " if door.is_api else "") + blank(door.path) for door in doors()}
