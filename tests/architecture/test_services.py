"""What a service promises: told who and when, and a change that is on the record."""

from __future__ import annotations

import ast

import pytest

from architecture.source import Module, chain, modules

# Writes that are no change of the world's state, each with its reason.
NO_EVENT = {
    "anlan.core.services.number_next": "draws a number for a change that records itself",
    "anlan.core.services.numbers_next": "draws numbers for a change that records itself",
    "anlan.accounts.services.sessions.session_note": "where somebody came in; the sign-in itself is on the record",
    "anlan.core.services.row_quarantine": "the parked row is its own record",
    "anlan.core.services.view_log": "the log row is the record",
    "anlan.disputes.services.holding.step": "a decorator; the service it makes one transaction of records itself",
    "anlan.ledger.services.sealing.checkpoint_sign": "the checkpoint is its record; an event would be sealed again",
    "anlan.ledger.services.sealing.ledger_begin": "the first row of the ledger's own; the checkpoints tell the rest",
    "anlan.ledger.services.sealing.rows_append": "writes down what is on record already",
    "anlan.ledger.services.witnessing.checkpoint_hand_over": "notes who outside has the checkpoint, beside it",
    "anlan.equipment.services.gate_batches.batch_take": "what a reader told; what is judged of it is on the record",
    "anlan.equipment.services.gate_batches.batches_forget": "what was judged is on the record",
    "anlan.equipment.services.gate_batches.batches_take": "what readers told, kept until it is judged",
    "anlan.units.services.positions.positions_take": "positions are a store of their own, with their own times",
    "anlan.units.services.positions.positions_forget": "removes positions past their keeping time, by a rule",
}
WITHOUT_ACTOR = {
    "anlan.accounts.services.sessions.session_note": "whoever has just come in; the row says so",
    "anlan.core.services.number_next": "a number has no author; the change that draws it has",
    "anlan.core.services.numbers_next": "a number has no author; the change that draws it has",
    "anlan.core.services.row_quarantine": "a file speaks; its import batch names who brought it",
    "anlan.disputes.services.holding.step": "a decorator; the service it wraps is told",
    "anlan.ledger.services.sealing.checkpoint_sign": "signed by the clock; the key says for whom",
    "anlan.ledger.services.sealing.ledger_begin": "begins with the first row, whoever wrote it",
    "anlan.ledger.services.sealing.rows_append": "each row it writes down names its own actor",
    "anlan.ledger.services.witnessing.checkpoint_hand_over": "handed over by the clock",
    "anlan.units.services.positions.positions_forget": "the keeping time is a rule, no person's decision",
}
WRITES = {"create", "bulk_create", "bulk_update", "update", "update_or_create", "get_or_create", "delete", "save"}
CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("timezone", "now"),
    ("time", "time"),
    ("time", "monotonic"),
    ("time", "perf_counter"),
}
# Where the outside world comes in, and with it the time.
EDGES = {"api", "pages", "admin", "middleware", "context", "clock", "templatetags", "management", "snapshot", "live"}
EDGE_ROOMS = {"api", "assurance", "config", "console", "drills", "integrations"}
PURE_ROOMS = {"engines"}


def is_service(module: Module) -> bool:
    return module.leaf.startswith("services") and module.room not in PURE_ROOMS


def top_functions(module: Module) -> list[ast.FunctionDef]:
    return [node for node in module.tree.body if isinstance(node, ast.FunctionDef)]


def called(function: ast.FunctionDef) -> set[str]:
    """Dotted names of everything ``function`` calls."""
    return {".".join(chain(node)) for node in ast.walk(function) if isinstance(node, ast.Call)}


def is_atomic(function: ast.FunctionDef) -> bool:
    words = [chain(d) for d in function.decorator_list]
    words += [
        chain(item.context_expr) for node in ast.walk(function) if isinstance(node, ast.With) for item in node.items
    ]
    return any("atomic" in word for word in words)


def writes(function: ast.FunctionDef) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            words = chain(node)
            if words and (
                (words[-1] in WRITES and ({"objects", "_base_manager"} & set(words) or words[-1] == "save"))
                or words[-1] == "move"
            ):
                return True
    return is_atomic(function)


def recording_services(all_modules: list[Module]) -> set[str]:
    """Full names of the service functions that lead to ``event_record``, directly or through others."""
    calls: dict[str, set[str]] = {}
    for module in all_modules:
        local = {function.name for function in top_functions(module)}
        imports = module.imports()
        for function in top_functions(module):
            names = set()
            for name in called(function):
                head, *rest = name.split(".") if name else [""]
                if head in local:
                    names.add(f"{module.name}.{head}")
                elif head in imports:
                    names.add(".".join([imports[head], *rest]))
            calls[f"{module.name}.{function.name}"] = names
    recording = {"anlan.core.services.event_record"}
    while True:
        more = {name for name, names in calls.items() if names & recording} - recording
        # A room's ``services/__init__`` hands functions on under a shorter name.
        more |= {short for name in more | recording if (short := _handed_on(name)) not in recording}
        if not more:
            return recording
        recording |= more


def _handed_on(name: str) -> str:
    parts = name.split(".")
    return ".".join([*parts[:3], parts[-1]])


def silent_services(all_modules: list[Module]) -> list[str]:
    """Public service functions that change rows and leave no event."""
    recording = recording_services(all_modules)
    return [
        f"{name} changes rows without event_record; add it, or name it in NO_EVENT with the reason"
        for module in all_modules
        for function in top_functions(module)
        if not function.name.startswith("_")
        and writes(function)
        and (name := f"{module.name}.{function.name}") not in recording | set(NO_EVENT)
    ]


def service_modules() -> list[Module]:
    # Private helper modules of a room may stand between two services.
    return [module for module in modules() if module.room not in PURE_ROOMS | EDGE_ROOMS]


def test_every_change_is_on_the_record():
    services = {module.name for module in modules() if is_service(module)}
    found = [line for line in silent_services(service_modules()) if line.split(" ")[0].rsplit(".", 1)[0] in services]
    assert not found, "\n".join(found)


def test_every_change_is_told_who_and_when():
    wrong = []
    for module in filter(is_service, modules()):
        for function in top_functions(module):
            name = f"{module.name}.{function.name}"
            if function.name.startswith("_") or not writes(function) or name in WITHOUT_ACTOR:
                continue
            names = {argument.arg for argument in (*function.args.kwonlyargs, *function.args.args)}
            if not {"by", "at"} <= names:
                wrong.append(f"{name} changes rows but is not told {' or '.join(sorted({'by', 'at'} - names))}")
    assert not wrong, "\n".join(wrong)


# What an event never carries: it stays when a person is erased.
NEVER_IN_EVENTS = {
    "name",
    "phone",
    "caller",
    "narrative",
    "text",
    "address",
    "address_text",
    "note",
    "username",
}


def spoken_events(module: Module) -> list[str]:
    """Calls of ``event_record`` that hand over somebody's name or words."""
    return [
        f"{module.name}:{node.lineno} puts {keyword.arg!r} into an event; ids, codes, times and keyed hashes only"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and chain(node)[-1:] == ["event_record"]
        for keyword in node.keywords
        if keyword.arg in NEVER_IN_EVENTS
    ]


def test_no_event_carries_a_name_a_phone_or_somebodys_words():
    assert not (found := [hit for module in modules() for hit in spoken_events(module)]), "\n".join(found)


def clock_reads(module: Module) -> list[str]:
    imports = module.imports()
    found = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and (words := chain(node)):
            named = ".".join([imports.get(words[0], words[0]), *words[1:]])
            if tuple(named.split(".")[-2:]) in CLOCKS or named == "anlan.core.clock.now":
                found.append(f"{module.name}:{node.lineno} reads the clock; take `at` as an argument")
    return found


def _parts(module: Module) -> set[str]:
    """The names along a module's path in its room; ``api_duty`` is the interface as ``api`` is."""
    return {"api" if part.startswith("api_") else part for part in module.name.split(".")[2:]}


def test_nothing_below_the_edge_reads_the_clock():
    inside = [m for m in modules() if m.room not in EDGE_ROOMS and not EDGES & _parts(m)]
    assert len(inside) > 40
    assert not (found := [hit for module in inside for hit in clock_reads(module)]), "\n".join(found)


@pytest.fixture
def planted(tmp_path, monkeypatch):
    """A service module with the given text, as if it stood in room ``intake``."""
    monkeypatch.setattr("architecture.source.SRC", tmp_path)

    def plant(text: str) -> Module:
        path = tmp_path / "anlan" / "intake" / "services.py"
        path.parent.mkdir(parents=True)
        path.write_text(text)
        return Module(path)

    return plant


def test_a_silent_change_is_seen(planted):
    module = planted(
        "from anlan.core.services import event_record\n"
        "def call_note(*, call, by, at):\n    call.save()\n"
        "def call_close(*, call, by, at):\n    call.save()\n    _tell(call)\n"
        "def _tell(call):\n    event_record('intake.call_closed', subject=call)\n"
    )
    assert [line.split(" ")[0] for line in silent_services([module])] == ["anlan.intake.services.call_note"]


def test_a_name_in_an_event_is_seen(planted):
    module = planted("def a(r):\n    event_record(K, subject=r, by=b, at=t, phone=r.phone)\n")
    assert [line.split(" ")[2] for line in spoken_events(module)] == ["'phone'"]


def test_a_hidden_look_at_the_clock_is_seen(planted):
    module = planted(
        "from django.utils import timezone\nfrom anlan.core.clock import now as t\n"
        "def a():\n    return timezone.now()\n"
        "def b():\n    return t()\n"
    )
    places = [line.split(" ")[0] for line in clock_reads(module)]
    assert places == ["anlan.intake.services:4", "anlan.intake.services:6"]
