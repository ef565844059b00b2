"""``anlan gate …``: doors that don't exist, to try real ones on. No database."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import click
import msgspec

from anlan.engines.gate_simulator import EDITION, LAYOUTS, LINES, SCENARIOS, over, passages
from anlan.engines.rfid import Event, journal_line


@click.group("gate")
def group() -> None:
    """A door with readers: make labelled streams of a simulated one, learn from some and keep score on others."""


@group.command("simulate")
@click.option("--seed", type=click.IntRange(0), required=True, help="Which door; it decides all that happens there.")
@click.option("--passages", "count", type=click.IntRange(1, 1_000_000), required=True)
@click.option("--layout", type=click.Choice(sorted(LAYOUTS)), default="pair", show_default=True)
@click.option("--scenario", type=click.Choice(sorted(SCENARIOS)), help="Only this; else all, as they occur.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
def simulate(seed: int, count: int, layout: str, scenario: str | None, out: Path) -> None:
    """Write what a reader tells of so many passages, a JSON object a line, and after each passage the truth of it.

    Lines of kind "truth" are for whoever keeps score; a reader knows nothing of them.
    """
    head = {"kind": "door", "edition": EDITION, "seed": seed, "layout": layout, "passages": count}
    events = things = 0
    try:
        with out.open("w", encoding="utf-8") as file:
            file.write(msgspec.json.encode(head).decode() + "\n")
            for told in passages(seed, count, layout, scenario=scenario or ""):
                file.writelines(journal_line(event) + "\n" for event in told.events)
                truth = {"kind": "truth", **msgspec.to_builtins(told.truth)}
                file.write(msgspec.json.encode(truth).decode() + "\n")
                events += len(told.events)
                things += len(told.truth.things)
    except OSError as problem:
        raise click.ClickException(
            f"写不进 {out}：{problem.strerror}。请换一个能写的位置。\n"
            f"{out} could not be written: {problem.strerror}. Choose a place that can be written to."
        ) from problem
    told_of = {**head, "events": events, "things": things, "out": str(out)}
    click.echo(msgspec.json.encode({key: value for key, value in told_of.items() if key != "kind"}).decode())


@group.command("score")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line instead of a table.")
@click.option("--line", "line_name", type=click.Choice(sorted(LINES)), default="good", show_default=True)
def score(file: Path, as_json: bool, line_name: str) -> None:
    """Judge a stream that `anlan gate simulate` wrote and say how much was right, with intervals, by scenario.

    With --line the same stream comes over a worse line: late, twice, out of order, with a clock that is wrong.
    """
    from anlan.config.gate_files import day_from
    from anlan.config.gate_score import score as keep_score
    from anlan.config.gate_score import told
    from anlan.equipment.learnt import trees_of

    day, layout = day_from(file, lambda seed, events: over(seed, LINES[line_name], events))
    for row in told(keep_score([day], layout, trees_of(layout)), layout):
        click.echo(msgspec.json.encode(row).decode() if as_json else _plain(row))


def _plain(row: dict[str, object]) -> str:
    between = f"  {row['interval']}" if "interval" in row else ""
    return f"{row['figure']}: {row['value']}{between}  n={row['n']}"


@group.command("train")
@click.option("--layout", type=click.Choice(sorted(LAYOUTS)), required=True)
@click.option("--doors", type=click.IntRange(1, 150), default=150, show_default=True)
@click.option("--passages", "count", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
def train(layout: str, doors: int, count: int, out: Path) -> None:
    """Learn to tell movements apart at simulated doors that no score is kept on."""
    from anlan.config.gate_learning import LEARNT_ON, learn
    from anlan.equipment.learnt import trees_write

    trees = learn(layout, LEARNT_ON[:doors], count)
    out.write_bytes(trees_write(trees))
    told_of = {"layout": layout, "doors": doors, "passages": doors * count, "trees": len(trees.root),
               "nodes": len(trees.feature), "edition": EDITION}  # fmt: skip
    click.echo(msgspec.json.encode(told_of).decode())


@group.command("listen")
@click.option("--host", default="127.0.0.1", show_default=True, help="Broker.")
@click.option("--port", default=1883, show_default=True, type=click.IntRange(1, 65535))
@click.option("--topic", "topics", multiple=True, default=("anlan/gates/+",), show_default=True,
              help="Filter; its one + stands for the reader's name. May be given several times.")  # fmt: skip
@click.option("--user", default="")
@click.option("--password-file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--ca-file", type=click.Path(exists=True, dir_okay=False), help="Speak TLS and trust this.")
def listen(
    host: str, port: int, topics: tuple[str, ...], user: str, password_file: Path | None, ca_file: str
) -> None:
    """Take what readers tell over a broker into the store, until told to stop.

    A message is acknowledged after the commit: killed at any moment, this loses none and takes none twice.
    """
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")
    django.setup()
    from anlan.integrations.mqtt.keep import messages_keep
    from anlan.integrations.mqtt.listen import Broker, Listener

    password = password_file.read_text("utf-8").strip() if password_file else ""
    broker = Broker(host, port, filters=topics, user=user, password=password, ca_file=ca_file or "")
    Listener(broker, messages_keep).run(_stopped())


@group.command("forward")
@click.option("--reader", required=True, help="The reader's name in the centre.")
@click.option("--llrp", "address", required=True, help="host or host:port of the reader.")
@click.option("--journal", "folder", required=True, type=click.Path(path_type=Path, file_okay=False))
@click.option("--url", help="The centre, for HTTP.")
@click.option("--token-file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--broker", help="host or host:port, for MQTT instead.")
def forward(
    reader: str, address: str, folder: Path, url: str | None, token_file: Path | None, broker: str | None
) -> None:
    """Beside the door: hold the reader (LLRP), write down what it hears, and send it on as soon as the line is up."""

    from anlan.integrations.llrp.client import PORT, LlrpClient
    from anlan.integrations.mqtt.forward import OverBroker, OverHttp, Way
    from anlan.integrations.mqtt.forward import forward as send_on
    from anlan.integrations.mqtt.journal import EdgeJournal
    from anlan.integrations.mqtt.listen import Broker

    way: Way
    if broker:
        host, _, port = broker.partition(":")
        way = OverBroker(Broker(host, int(port or 1883), client_id=f"anlan-{reader}"), f"anlan/gates/{reader}")
    elif url and token_file:
        way = OverHttp(url, reader, token_file.read_text("utf-8").strip())
    else:
        raise click.UsageError("请给出 --broker，或同时给出 --url 和 --token-file。\n"
                               "Name --broker, or both --url and --token-file.")  # fmt: skip
    journal, stop = EdgeJournal(folder), _stopped()
    host, _, port = address.partition(":")

    def heard(told: list[Event]) -> None:
        journal.append([journal_line(one) for one in told])

    client = LlrpClient(reader, host, heard, port=int(port or PORT))
    threading.Thread(target=client.run, args=(stop,), daemon=True).start()
    send_on(journal, way, stop)


@group.command("epcis")
@click.option("--hours", type=click.IntRange(1, 24 * 366), default=24, show_default=True, help="So far back.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
def epcis(hours: int, out: Path) -> None:
    """Write what doors said as GS1 EPCIS 2.0 (JSON-LD), with what was wrong declared so; nobody is named in it."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")
    django.setup()
    from datetime import timedelta

    from anlan.core.clock import now
    from anlan.engines.epcis import problems_of
    from anlan.equipment.gate_epcis import epcis_of

    at = now()
    told = epcis_of(since=at - timedelta(hours=hours), until=at, at=at)
    out.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=1))
    count = len(told["epcisBody"]["eventList"])
    click.echo(msgspec.json.encode({"events": count, "problems": problems_of(told), "out": str(out)}).decode())


def _stopped() -> threading.Event:
    """Set when this process is asked to end."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop
