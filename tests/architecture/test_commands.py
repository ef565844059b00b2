"""Whatever the interface lets somebody change takes effect once, however often it is sent."""

from __future__ import annotations

import inspect

# Routers within routers are joined when the addresses are made.
import anlan.config.urls  # noqa: F401
from anlan.api.root import api

READING = frozenset({"GET", "HEAD"})
NO_COMMANDS = {
    "/suggest": "asks what words suggest; changes nothing, its text is too long for an address",
    "/calls/{call_id}/reporter": "shows who called: each look is logged, and its answer must not be kept under a key",
    "/parties/{int:party_id}/reveal": "shows a party: logged and not kept, as above",
    "/sessions/{session_id}/minutes": "shows the minutes: logged and not kept, as above",
    "/mediations/{mediation_id}/papers": "draws a paper, a file: each one made stands on record, and none is kept",
    "/gates/{reader}/sightings": "known by what they say: the same message again is the same row",
    "/positions": "known by unit, device run and number of each fix, so that a batch needs no row of its own",
}


def changing():
    """``(method, address, function)`` of every operation that is not read."""
    return [
        (method, prefix + path, operation.view_func)
        for prefix, router in api._routers
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
        if method not in READING
    ]


def is_command(function):
    """Whether it is wrapped by ``core.api.command``, which asks for a key and runs once."""
    return {"action", "endpoint", "key_optional"} <= set(inspect.getclosurevars(function).nonlocals)


def test_every_door_that_changes_something_is_a_command_with_a_key():
    found = {path for _method, path, function in changing() if not is_command(function)}
    assert found == set(NO_COMMANDS)


def test_a_door_without_a_key_is_seen():
    assert len(changing()) > 50
    assert not is_command(lambda request: None)
