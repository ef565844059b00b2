"""The robots of WeCom, DingTalk and Feishu answer 200 even to what they drop, and say in the body that they did.

The message library looks at the status alone: a robot that was removed, or one that takes only messages with a
certain word, would count as told. Here the body is read too, and anything but the word "taken" is a refusal.
"""

from __future__ import annotations

import sys
from typing import Any

ROBOTS = ("wecombot", "dingtalk", "feishu", "lark")
CODES = ("errcode", "code", "StatusCode")
UNREADABLE = "unreadable"


def robot_code(body: Any) -> str:
    """What a robot's answer says: empty where it took the message, else its own code, or that it is none."""
    if not isinstance(body, dict):
        return UNREADABLE
    code = next((body[name] for name in CODES if name in body), None)
    if isinstance(code, bool) or not isinstance(code, int):
        return UNREADABLE
    return "" if code == 0 else str(abs(code))[:9]


class _Reading:
    """The HTTP library as a robot's plug-in uses it, with the body of each answer read."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self.refused = ""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def post(self, *args: Any, **more: Any) -> Any:
        """Send it; a refusal in the body becomes what the plug-in knows as trouble on the way."""
        answer = self._real.post(*args, **more)
        if answer.status_code == self._real.codes.ok:
            try:
                code = robot_code(answer.json())
            except ValueError:
                code = UNREADABLE
            if code:
                self.refused = code
                raise self._real.RequestException(f"the robot said {code}")
        return answer


def robot_listen(service: Any) -> _Reading | None:
    """From now on the answers to this sort of service are read, if it is a robot; what was heard before is forgotten.

    Its ``refused`` tells afterwards with which code the robot refused; the message library may send in a thread
    of its own, so it is kept here and not with the caller. One worker sends, one message at a time.
    """
    name = type(service).__module__
    if name.rpartition(".")[2] not in ROBOTS:
        return None
    held = vars(sys.modules[name])
    if not isinstance(held["requests"], _Reading):
        held["requests"] = _Reading(held["requests"])
    reading: _Reading = held["requests"]
    reading.refused = ""
    return reading
