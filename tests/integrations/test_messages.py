"""Messages go out to real receivers on this machine: taken, refused, down, and back again."""

from __future__ import annotations

import subprocess
import sys
from base64 import b64decode
from datetime import timedelta
from email import message_from_string

import pytest
from django.db import transaction

from anlan.core.actor import SYSTEM
from anlan.integrations.messages.carrier import AppriseCarrier, channel_told
from anlan.integrations.messages.delivery import messages_deliver
from anlan.notices.outbox_rules import address_read
from anlan.notices.selectors import message_reference, message_register
from anlan.notices.services import Outgoing, message_queue
from integrations.receivers import http_receiver, mail_receiver
from world import T0, build_world

SAYS = "tests.says"
message_register(SAYS, "Matter {incident} is closed.")


@pytest.fixture
def bureau(transactional_db):
    return build_world(units=False, roads=False)


def queue(world, at=T0, **more):
    usual = {"message": SAYS, "channel": "sms", "address": "13800001234", "blanks": {"incident": "260302-00001"}}
    return message_queue(**{**usual, **more}, organisation=world.orgs["bureau"], by=SYSTEM, at=at)


def go_out(settings, at):
    return messages_deliver(port=AppriseCarrier(settings.MESSAGE_CHANNELS), clock=lambda: at)


def gateway(port, path="sms"):
    """How a bureau would write down its own gateway for text messages."""
    return f"json://127.0.0.1:{port}/{path}?:to={{address}}&+X-Reference={{reference}}&cto=1&rto=1"


def test_it_comes_to_the_gateway_once_with_address_words_and_reference(bureau, settings):
    with http_receiver() as got:
        settings.MESSAGE_CHANNELS = {"sms": gateway(got.port)}
        row = queue(bureau)
        assert go_out(settings, T0) == 1
        assert go_out(settings, T0 + timedelta(hours=1)) == 0
    ((path, headers, _body),) = got.requests
    assert (path, headers["X-Reference"]) == ("/sms", message_reference(row.pk))
    assert (got.bodies()[0]["to"], got.bodies()[0]["message"]) == ("13800001234", "Matter 260302-00001 is closed.")
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("sent", 1)


def test_a_receiver_that_is_down_gets_it_when_it_is_back_under_the_same_reference(bureau, settings):
    with http_receiver() as got:
        port = got.port
    settings.MESSAGE_CHANNELS = {"sms": gateway(port)}
    row = queue(bureau)
    assert go_out(settings, T0) == 0
    row.refresh_from_db()
    assert (row.state, row.problem, row.next_at) == ("queued", "no_answer", T0 + timedelta(minutes=1))
    with http_receiver(port) as got:
        got.answers = 503
        assert go_out(settings, row.next_at) == 0
        row.refresh_from_db()
        assert (row.problem, row.attempts) == ("http_503", 2)
        got.answers = 200
        assert go_out(settings, row.next_at) == 1
    assert len({headers["X-Reference"] for _path, headers, _body in got.requests}) == 1


def test_one_bad_receiver_does_not_keep_the_others_from_theirs(bureau, settings):
    with http_receiver() as got:
        settings.MESSAGE_CHANNELS = {"sms": gateway(got.port), "wecom": "nonsense://{address}"}
        bad, good = queue(bureau, channel="wecom", address="robot-key"), queue(bureau)
        assert go_out(settings, T0) == 1
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, bad.problem, good.state) == ("queued", "bad_settings", "sent")


def test_a_mail_comes_to_its_one_receiver(bureau, settings):
    with mail_receiver() as got:
        settings.MESSAGE_CHANNELS = {
            "email": f"mailto://127.0.0.1:{got.port}?mode=insecure&from=anlan@example.cn&to={{address}}"
        }
        queue(bureau, channel="email", address="wang.fang+1@example.cn")
        assert go_out(settings, T0) == 1
    ((to, mail),) = got.mails
    assert to == ["wang.fang+1@example.cn"]
    words = mail.partition("\n\n")[2].replace("\n", "")
    assert "Matter 260302-00001 is closed." in mail or b"Matter 260302-00001" in b64decode(words + "==")


def test_no_word_and_no_address_brings_a_header_or_a_receiver_of_its_own(settings):
    """ASVS V1.3.11: what people typed stands in the body and nowhere else."""
    more = "\r\nBcc: evil@example.cn\r\nSubject: x"
    with mail_receiver() as got:
        settings.MESSAGE_CHANNELS = {
            "email": f"mailto://127.0.0.1:{got.port}?mode=insecure&from=anlan@example.cn&to={{address}}"
        }
        words = Outgoing(1, "m1", "email", "wang@example.cn", f"Matter{more}", 1)
        assert AppriseCarrier(settings.MESSAGE_CHANNELS).send(words) == ""
    ((to, mail),) = got.mails
    head = message_from_string(mail)
    assert to == ["wang@example.cn"]
    assert (head["Bcc"], len(head.get_all("Subject", [])), len(head.get_all("To"))) == (None, 1, 1)


@pytest.mark.parametrize("address", ["wang@example.cn\r\nBcc: evil@example.cn", "wang@example.cn,evil@example.cn"])
def test_an_address_that_is_more_than_one_is_no_address(address):
    """The library would take a second one behind a comma: what is none never comes to it."""
    assert address_read("email", address) == ""


def test_nothing_goes_out_of_a_channel_switched_off_since(bureau, settings):
    with http_receiver() as got:
        settings.MESSAGE_CHANNELS = {"sms": gateway(got.port)}
        row = queue(bureau)
        settings.MESSAGE_CHANNELS = {"sms": ""}
        assert go_out(settings, T0) == 0
        assert go_out(settings, T0 + timedelta(days=2)) == 0
    row.refresh_from_db()
    assert (row.state, got.requests) == ("expired", [])


def test_nothing_is_sent_while_a_transaction_is_open(bureau, settings):
    with transaction.atomic(), pytest.raises(RuntimeError, match="no transaction"):
        go_out(settings, T0)


def test_a_port_that_breaks_is_a_channel_that_is_down(bureau, settings, caplog):
    class Broken:
        def send(self, outgoing):
            raise OSError(f"no route to {outgoing.address}")

    settings.MESSAGE_CHANNELS = {"sms": "json://127.0.0.1:9/?:to={address}"}
    row = queue(bureau)
    assert messages_deliver(port=Broken(), clock=lambda: T0) == 0
    row.refresh_from_db()
    assert row.problem == "port_broke"
    assert "13800001234" not in caplog.text


def test_an_address_is_one_receiver_whatever_stands_in_it():
    """The queue lets no such address in; were it to, the carrier would still not read an option out of it."""
    with http_receiver() as got:
        carrier = AppriseCarrier({"sms": gateway(got.port)})
        assert carrier.send(Outgoing(1, "m1", "sms", "1&:to=2?x#y", "words", 1)) == ""
    assert got.bodies()[0]["to"] == "1&:to=2?x#y"


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("mailto://user:secret@mail.example.cn?to={address}", "mailto mail.example.cn"),
        ("wecombot://{address}", "wecombot"),
        ("dingtalk://secrettoken@{address}", "dingtalk"),
        ("feishu://{address}", "feishu"),
        ("jsons://sms.example.cn/send?:to={address}&+Authorization=secret", "jsons sms.example.cn"),
    ],
)
def test_of_a_channel_its_service_and_host_are_told_and_no_secret(target, told):
    assert channel_told(target) == told


@pytest.mark.parametrize("wrong", ["json://127.0.0.1/", "nonsense://{address}", "{address}"])
def test_a_channel_that_could_reach_nobody_is_told_as_wrong(wrong):
    with pytest.raises(ValueError, match="address"):
        channel_told(wrong)


def test_loading_the_library_opens_no_connection_and_the_product_loads_it_only_to_send():
    """In a process of its own, in which opening any socket ends it."""
    code = (
        "import socket, sys\n"
        "def no(*a, **k): raise SystemExit('a socket was opened')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = no\n"
        "from anlan.integrations.messages import carrier, delivery\n"
        "assert not any(m.split('.')[0] in ('apprise', 'requests') for m in sys.modules), 'loaded too early'\n"
        "print(carrier.channel_told('json://127.0.0.1/?:to={address}'))\n"
    )
    code = "import django; django.setup()\n" + code
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "json 127.0.0.1"), done.stderr
