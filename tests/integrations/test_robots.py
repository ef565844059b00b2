"""WeCom, DingTalk and Feishu by their own addresses, over TLS, to a receiver here that holds their names."""

from __future__ import annotations

import json
import socket

import pytest
from urllib3.util import connection

from anlan.integrations.messages.carrier import AppriseCarrier
from anlan.integrations.messages.delivery import messages_deliver
from anlan.integrations.messages.robots import robot_code
from anlan.notices.services import Outgoing
from integrations.receivers import certificate_for, http_receiver
from integrations.test_messages import queue
from world import T0, build_world

WORDS = "事项 260302-00001 已办结。<b>😀"
ROBOTS = {
    "wecom": (
        "wecombot://{address}",
        "qyapi.weixin.qq.com",
        "/cgi-bin/webhook/send?key=robot1",
        lambda told: (told["msgtype"], told["text"]["content"]),
        {"errcode": 0, "errmsg": "ok"},
        {"errcode": 93000, "errmsg": "invalid webhook url"},
    ),
    "dingtalk": (
        "dingtalk://{address}",
        "oapi.dingtalk.com",
        "/robot/send?access_token=robot1",
        lambda told: (told["msgtype"], told["text"]["content"]),
        {"errcode": 0, "errmsg": "ok"},
        {"errcode": 310000, "errmsg": "keywords not in content"},
    ),
    "feishu": (
        "feishu://{address}",
        "open.feishu.cn",
        "/open-apis/bot/v2/hook/robot1/",
        lambda told: (told["msg_type"], told["content"]["text"]),
        {"code": 0, "data": {}, "msg": "success"},
        {"code": 19001, "msg": "param invalid: incoming webhook access token invalid"},
    ),
}
HOSTS = [robot[1] for robot in ROBOTS.values()]
SETTINGS = {name: robot[0] for name, robot in ROBOTS.items()}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return certificate_for(HOSTS, tmp_path_factory.mktemp("tls"))


@pytest.fixture
def here(monkeypatch, certificate):
    """The three hosts are this machine, and whoever trusts the receiver's certificate reaches them."""
    context, trusted = certificate
    asked = []
    with http_receiver(tls=context) as got:

        def connect(address, *_args, **_more):
            asked.append(address)
            return socket.create_connection(("127.0.0.1", got.port), timeout=10)

        monkeypatch.setattr(connection, "create_connection", connect)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted))
        got.asked = asked
        yield got


def send(channel: str) -> str:
    return AppriseCarrier(SETTINGS).send(Outgoing(1, "m1", channel, "robot1", WORDS, 1))


@pytest.mark.parametrize("channel", ROBOTS)
def test_it_comes_whole_to_the_robots_own_address(here, channel):
    _target, host, path, words, taken, _refusal = ROBOTS[channel]
    here.body = json.dumps(taken).encode()
    assert send(channel) == ""
    ((came, headers, body),) = here.requests
    assert (here.asked, headers["Host"], came) == ([(host, 443)], host, path)
    assert words(json.loads(body)) == ("text", WORDS)


@pytest.mark.parametrize("channel", ROBOTS)
def test_what_the_robot_dropped_while_saying_200_is_not_sent(here, channel):
    refusal = ROBOTS[channel][5]
    here.body = json.dumps(refusal).encode()
    assert send(channel) == f"robot_{refusal.get('errcode') or refusal.get('code')}"
    here.body = b"<html>log in to use this network</html>"
    assert send(channel) == "robot_unreadable"
    here.body = json.dumps(ROBOTS[channel][4]).encode()
    assert send(channel) == "", "what was heard before is forgotten"


@pytest.mark.parametrize("channel", ROBOTS)
def test_one_that_is_down_is_told_as_down(here, channel):
    here.answers = 503
    assert send(channel) == "http_503"


def test_a_receiver_nobody_vouches_for_gets_nothing(here, monkeypatch):
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    assert {send(channel) for channel in ROBOTS} == {"no_answer"}
    assert here.requests == []


@pytest.mark.django_db(transaction=True)
def test_from_the_outbox_it_goes_to_all_three_and_a_refusal_waits_for_its_next_try(here, settings):
    world = build_world(units=False, roads=False)
    settings.MESSAGE_CHANNELS = SETTINGS
    rows = [queue(world, channel=channel, address="robot1") for channel in ROBOTS]
    here.body = b'{"errcode": 45009}'
    assert messages_deliver(port=AppriseCarrier(SETTINGS), clock=lambda: T0) == 0
    for row in rows:
        row.refresh_from_db()
    assert {(row.state, row.problem) for row in rows} == {("queued", "robot_45009")}
    here.body = b'{"errcode": 0, "code": 0}'
    due = max(row.next_at for row in rows)
    assert messages_deliver(port=AppriseCarrier(SETTINGS), clock=lambda: due) == 3
    assert sorted(headers["Host"] for _path, headers, _body in here.requests[3:]) == sorted(HOSTS)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"errcode": 0}, ""),
        ({"StatusCode": 0, "StatusMessage": "success"}, ""),
        ({"code": -1}, "1"),
        ({"errcode": "0"}, "unreadable"),
        ({"errcode": False}, "unreadable"),
        ({}, "unreadable"),
        ([0], "unreadable"),
        (None, "unreadable"),
    ],
)
def test_only_a_plain_nought_is_taken(body, code):
    assert robot_code(body) == code
