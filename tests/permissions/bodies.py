"""What is sent with a command: enough that it gets as far as looking for its records, and no further matter."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from permissions.doors import Door


class Of(str):
    """The name of a record of that kind."""

    __slots__ = ()


PHOTO_SENT = b"\xff\xd8\xff\xe0 no picture"
NOTED = {"source": "on_site", "hazard": "dog", "text": "dog", "until": "2026-03-03"}
PROMISE = {"what": "repair", "way": "deed", "due_on": "2026-03-09"}

API: dict[str, dict[str, Any]] = {
    "POST /api/calls": {"narrative": "quarrel", "lon": 120.065, "lat": 28.90},
    "POST /api/calls/{}/link": {"incident_id": Of("second")},
    "POST /api/calls/{}/invalid": {"kind": "prank"},
    "POST /api/calls/{}/reporter": {"purpose": "call_back"},
    "POST /api/callbacks/{}/done": {"outcome": "no_answer"},
    "POST /api/incidents/{}/merge": {"incident_id": Of("second")},
    "POST /api/incidents/{}/repeat": {"earlier_id": Of("second")},
    "POST /api/incidents/{}/transfer": {"partner": "own"},
    "POST /api/incidents/{}/track": {"track": "P", "reason": "danger"},
    "POST /api/incidents/{}/priority": {"priority": "P2", "reason": "danger"},
    "POST /api/incidents/{}/code": {"code": "0201"},
    "POST /api/incidents/{}/tags": {"values": {}},
    "POST /api/telephony/answer": {"call_id": Of("loose")},
    "POST /api/telephony/hang-up": {"call_id": Of("loose")},
    "POST /api/imports/calls": {"source": "old", "calls": []},
    "POST /api/incidents/{}/assignments": {"unit_id": Of("spare")},
    "POST /api/incidents/{}/response-level": {"level": 1},
    "POST /api/response-plans": {
        "key": "own",
        "name_zh": "本局预案",
        "name_en": "Ours",
        "levels": [{"needs": [{"count": 1}]}],
    },
    "POST /api/response-plans/proposals/{}": {"approve": False},
    "POST /api/whatif/questions": {
        "organisation": Of("organisation"),
        "first_day": "2026-02-20",
        "last_day": "2026-02-28",
        "first_policy": "closest",
        "second_policy": "cover",
        "runs": 2,
    },
    "POST /api/incidents/{}/joint": {"unit_id": Of("spare")},
    "POST /api/assignments/{}/divert": {"incident_id": Of("second")},
    "POST /api/batch": {"pairs": [{"incident_id": Of("incident"), "unit_id": Of("spare")}]},
    "POST /api/assignments/{}/replace": {"unit_id": Of("spare"), "reason": "nearer"},
    "POST /api/incidents/{}/feedback": {"result": "settled_on_site"},
    "POST /api/orders/{}/assign": {"unit_id": Of("spare")},
    "POST /api/orders/{}/move-on": {"moved_on_to": "mediation"},
    "POST /api/revisits/{}/record": {"outcome": "satisfied"},
    "POST /api/broadcasts": {"text": "look out", "organisation": Of("organisation")},
    "POST /api/assignments/{}/checkin": {"minutes": 15, "reason": "alone"},
    "POST /api/handovers/{}/notes": {"incident_id": Of("incident"), "note": "look at it"},
    "POST /api/disputes/{}/pushes": {"seq": 2},
    "POST /api/pushes/{}/act": {"action": "visited"},
    "POST /api/pushes/{}/close": {"outcome": "settled"},
    "POST /api/disputes/{}/assign": {"organisation_id": Of("organisation_id")},
    "POST /api/disputes/{}/settled-on-site": {"outcome": "settled"},
    "POST /api/disputes/{}/close": {"result": "settled_on_site"},
    "POST /api/disputes/{}/case": {"case_number": "A1"},
    "POST /api/disputes/{}/incidents": {"incident_id": Of("second")},
    "POST /api/disputes/{}/merge": {"into_id": Of("other_file")},
    "POST /api/disputes/{}/parties": {"role": "more"},
    "POST /api/parties/{}/swap": {"with_party_id": Of("other_party")},
    "POST /api/parties/{}/reveal": {"purpose": "visit"},
    "POST /api/disputes/{}/charge": {"unit_id": Of("spare")},
    "POST /api/mediation/bodies": {"organisation_id": Of("organisation_id"), "type": "county_centre"},
    "POST /api/mediation/bodies/{}/mediators": {"person_id": Of("person")},
    "POST /api/mediation/bodies/{}/tickets": {"file_id": Of("file")},
    "POST /api/mediation/tickets/{}/move": {"to": "called"},
    "POST /api/disputes/{}/mediations": {
        "body_id": Of("body"),
        "method": "people",
        "mediator_id": Of("person"),
    },
    "POST /api/mediations/{}/extend": {"days": 5, "consents": []},
    "POST /api/mediations/{}/sessions": {"starts_at": "2026-03-03T02:00:00Z", "mediator_id": Of("person")},
    "POST /api/sessions/{}/hold": {"attendance": [], "outcome": "again"},
    "POST /api/sessions/{}/miss": {"attendance": []},
    "POST /api/sessions/{}/minutes": {"purpose": "mediation"},
    "POST /api/agreements/{}/obligations": {"debtor_id": Of("party"), **PROMISE},
    "POST /api/agreements/{}/conclude": {"agreed_at": "2026-03-02T01:10:00Z"},
    "POST /api/obligations/{}/perform": {"performed_on": "2026-03-02", "evidence": "seen"},
    "POST /api/agreements/{}/confirmation": {"applied_at": "2026-03-02T01:10:00Z"},
    "POST /api/mediations/{}/papers": {"kind": "agreement", "agreement_id": Of("agreement")},
    "POST /api/disputes/revisits/{}/assign": {"person": Of("person")},
    "POST /api/disputes/revisits/{}/calls": {"side": "a", "outcome": "no_answer"},
    "POST /api/units/{}/state": {"state": "busy"},
    "POST /api/units/{}/capabilities": {"capabilities": []},
    "POST /api/gates/{}/sightings": {"lines": ""},
    "POST /api/positions": {
        "fixes": [
            {
                "unit_id": Of("unit"),
                "boot": "b",
                "seq": 1,
                "lon": 120.065,
                "lat": 28.9,
                "fixed_at": "2026-03-02T01:30:00Z",
            }
        ]
    },
    "POST /api/notices": {"text": "come back", "role": "dispatcher", "organisation": Of("organisation")},
    "POST /api/notices/seen": {"notices": [Of("notice")]},
    "POST /api/places/notes": {
        "hazard": "dog",
        "address_text": "road 1",
        "lon": 120.065,
        "lat": 28.9,
        "source": "station",
        "expires_at": "2026-03-20T00:00:00Z",
    },
    "POST /api/places/roads": {
        "kind": "closed",
        "cause": "works",
        "lon": 120.065,
        "lat": 28.9,
        "ends_at": "2026-03-20T00:00:00Z",
    },
    "POST /api/places/points": {
        "kind": "booth",
        "code": "n",
        "name_zh": "岗亭",
        "lon": 120.065,
        "lat": 28.9,
        "organisation": Of("organisation"),
    },
    "POST /api/calls/{}/reopen": {"reason": "other"},
    "POST /api/transfers/{}/return": {"reason": "other"},
    "POST /api/assignments/{}/refuse": {"reason": "other"},
    "POST /api/assignments/{}/cancel": {"reason": "other"},
    "POST /api/checkins/{}/end": {"reason": "other"},
    "POST /api/pushes/{}/return": {"reason": "other"},
    "POST /api/disputes/{}/assignment-return": {"reason": "other"},
    "POST /api/disputes/{}/reopen": {"reason": "other"},
    "POST /api/parties/{}/leave": {"reason": "other"},
    "POST /api/weather": {"source": "office"},
    "POST /api/external-codes": {"system": "old", "code": "1", "maps_to": "0402"},
}

FORMS: dict[str, dict[str, Any]] = {
    "POST /reports/outside.csv": {"first": "2026-01", "last": "2026-01", "by": ["area"]},
    "POST /beyond/break": {"organisation": "sister", "reason": "a child is missing on both sides"},
    "POST /beyond/{}/review": {"finding": "as it should be"},
    "POST /console/calls/save": {"narrative": "quarrel"},
    "POST /console/calls/suggest": {"narrative": "quarrel"},
    "POST /console/map/call": {"narrative": "quarrel"},
    "POST /console/calls/{}/reporter": {"purpose": "call_back"},
    "POST /console/call-backs/{}": {"outcome": "no_answer"},
    "POST /console/incidents/{}/do/send": {"unit": Of("spare")},
    "POST /console/incidents/{}/do/ask": {"unit": Of("spare")},
    "POST /console/incidents/{}/do/level": {"level": 1},
    "POST /console/incidents/{}/do/joint": {"unit": Of("spare")},
    "POST /console/incidents/{}/do/divert": {"assignment": Of("assignment")},
    "POST /console/roads/{}": {
        "place": "120.065, 28.90",
        "kind": "closed",
        "cause": "water",
        "for_h": "2",
        "condition": Of("condition"),
    },
    "POST /console/many/send": {"pair": "{incident_number}|{spare}|9|1|road|60|90|60|5"},
    "POST /console/incidents/{}/do/reassign": {
        "unit": Of("spare"),
        "assignment": Of("assignment"),
        "reason": "nearer",
    },
    "POST /console/incidents/{}/do/track": {"track": "P", "reason": "danger"},
    "POST /console/incidents/{}/do/merge": {"into": Of("second_number")},
    "POST /console/incidents/{}/do/unmerge": {"other": Of("second_number")},
    "POST /console/incidents/{}/do/repeat": {"earlier": Of("second_number")},
    "POST /console/incidents/{}/do/unlink": {"call": Of("call")},
    "POST /console/incidents/{}/do/reopen": {"call": Of("call")},
    "POST /console/incidents/{}/do/transfer": {"partner": "own"},
    "POST /console/incidents/{}/do/note": NOTED,
    "POST /console/incidents/{}/do/feedback": {"result": "settled_on_site", "assignment": Of("assignment")},
    "POST /console/incidents/{}/do/safe_set": {"minutes": "15", "assignment": Of("assignment"), "reason": "alone"},
    "POST /console/orders/{}/assign": {"unit": Of("spare")},
    "POST /console/orders/{}/move_on": {"moved_on_to": "mediation"},
    "POST /console/orders/{}/decide": {"town_room": "beneath"},
    "POST /console/revisits/{}": {"outcome": "satisfied"},
    "POST /console/tags/audit/{}": {"deed": "agree"},
    "POST /handover/{}/note": {"incident": Of("incident_number"), "note": "look at it"},
    "POST /handover/{}/take": {"read": "1"},
    "POST /notices/seen": {"ids": Of("notice")},
    "POST /notices/send": {"text": "come back", "role": "dispatcher", "organisation": Of("organisation")},
    "POST /unit/do/feedback": {"result": "settled_on_site", "assignment": Of("assignment")},
    "POST /unit/do/state": {"to": "busy"},
    "POST /unit/do/join": {"unit": Of("spare")},
    "POST /unit/visits/receive": {"push": Of("push")},
    "POST /unit/visits/record": {"push": Of("push"), "words": "visited"},
    "POST /mediation/setup/body": {"organisation": Of("organisation_id"), "type": "county_centre", "windows": "1"},
    "POST /mediation/setup/room": {"body": Of("body"), "name_zh": "二", "name_en": "2", "seats": "4"},
    "POST /mediation/setup/mediator": {"body": Of("body"), "person": Of("person")},
    "POST /mediation/setup/leave": {"body": Of("body"), "mediator": Of("mediator")},
    "POST /mediation/{}/draw": {"file": Of("file_number")},
    "POST /mediation/{}/appoint": {"file": Of("file_number"), "starts_at": "2026-03-03T10:00"},
    "POST /mediation/{}/move": {"ticket": Of("ticket"), "to": "called"},
    "POST /disputes/{}/parties/{}": {"purpose": "visit"},
    "POST /disputes/{}/do/push": {"seq": "2"},
    "POST /disputes/{}/do/assign": {"organisation": Of("organisation")},
    "POST /disputes/{}/do/give": {"to": "unit-{spare}"},
    "POST /disputes/{}/do/link": {"incident": Of("second_number")},
    "POST /disputes/{}/do/unlink": {"incident": Of("second_number")},
    "POST /disputes/{}/do/party": {"role": "more"},
    "POST /disputes/{}/do/party_leave": {"party": Of("party")},
    "POST /disputes/{}/do/merge": {"into": Of("other_file_number")},
    "POST /disputes/{}/table/start": {"mediator": "{body}.{person}", "method": "people"},
    "POST /disputes/{}/table/extend": {"mediation": Of("mediation"), "days": "5"},
    "POST /disputes/{}/table/book": {
        "mediation": Of("mediation"),
        "cell": "{room}|2026-03-03T10:00",
        "slots": "2",
        "mediator": Of("person"),
    },
    "POST /disputes/{}/table/promise": {"agreement": Of("agreement"), "debtor": Of("party"), **PROMISE},
    "POST /disputes/{}/table/conclude": {"agreement": Of("agreement"), "agreed_at": "2026-03-02T09:10"},
    "POST /disputes/{}/table/perform": {"obligation": Of("obligation"), "performed_on": "2026-03-02"},
    "POST /disputes/{}/paper": {"mediation": Of("mediation"), "kind": "agreement", "agreement": Of("agreement")},
    "POST /disputes/{}/minutes": {"session": Of("session"), "purpose": "mediation"},
    "POST /disputes/revisits/{}/assign": {"person": Of("person")},
    "POST /disputes/revisits/{}/call": {"side": "a", "outcome": "no_answer"},
    "POST /ledger/proof": {"number": Of("incident_number")},
    "POST /citizens/{}": {"grant": "no", "answer": "no"},
    "POST /patrol/new": {
        "organisation": Of("organisation"),
        "starts_at": "2026-03-02T16:00",
        "ends_at": "2026-03-03T00:00",
    },
    "POST /patrol/trials/new": {
        "plan": Of("patrol_plan"),
        "design": "switchback",
        "family": "calls",
        "first_day": "2026-03-09",
        "days": "28",
        "blocks": "8",
        "visits": "1",
    },
    "POST /patrol/trials/{}/do/stop": {"reason": "units"},
    "POST /patrol/stops/{}/visited": {"reason": "no_fix"},
    "POST /patrol/stops/{}/missed": {"reason": "weather"},
    "POST /patrol/stops/{}/explain": {"reason": "weather"},
    "POST /patrol/plans/{}/change/move": {"stop": Of("patrol_stop"), "route": Of("patrol_route"), "place": "1"},
    "POST /patrol/plans/{}/change/lock": {"stop": Of("patrol_stop")},
    "POST /patrol/plans/{}/change/unlock": {"stop": Of("patrol_stop")},
    "POST /patrol/plans/{}/change/swap": {"route": Of("patrol_route"), "other": Of("patrol_route")},
    "POST /patrol/plans/{}/change/remove": {"stop": Of("patrol_stop")},
    "POST /equipment/counter/issue": {"numbers": "none", "holder": "patrol"},
    "POST /equipment/counter/return": {"numbers": "none"},
    "POST /equipment/questions/{}": {"so": "no"},
    "POST /equipment/gates/{}/more": {"number": "none", "holder": "patrol"},
    "POST /equipment/gates/questions/{}": {"so": "no"},
    "POST /equipment/mine/deny": {"loan": "0"},
    "POST /equipment/loans/{}/return": {"damaged": "no"},
    "POST /equipment/items/{}/look": {"fit": "yes"},
    "POST /equipment/items/{}/used": {"uses": "1"},
    "POST /equipment/items/{}/repair": {"fault": "broken"},
    "POST /equipment/items/{}/scrap": {"reason": "broken"},
    "POST /equipment/repairs/{}": {"fixed": "yes"},
    "POST /equipment/scrapping/{}/decide": {"approved": "no"},
    "POST /equipment/scrapping/{}/destroy": {"method": "melted", "witness": "patrol"},
    "POST /equipment/plan/needs": {"place": Of("organisation"), "kit": "x", "kind": "baton", "count": "1"},
    "POST /equipment/bookings/ask": {
        "number": "none",
        "starts_at": "2026-03-04T08:00",
        "ends_at": "2026-03-04T09:00",
    },
    "POST /equipment/bookings/{}/decide": {"to": "refused"},
    "POST /equipment/transfers/begin": {"number": "none", "goal": Of("organisation")},
    "POST /equipment/counts/begin": {"place": Of("organisation"), "read": "B-1"},
    "POST /equipment/counts/{}/add": {"read": "B-1"},
    "POST /equipment/own/take": {"number": "none"},
    "POST /equipment/own/{}/return": {"damaged": "no"},
    "POST /equipment/own/{}/longer": {"until": "2026-03-04T08:00"},
    "POST /equipment/own/{}/fault": {"fault": "broken"},
    "POST /equipment/loans/{}/longer": {"granted": "no"},
    "POST /equipment/enter/thing": {"number": "N-1", "kind": "baton", "place": Of("organisation")},
    "POST /equipment/enter/kind": {"code": "helmet", "name": "头盔", "measure_word": "顶"},
    "POST /equipment/enter/door": {
        "reader": "new",
        "name": "door",
        "layout": "pair",
        "place": Of("organisation"),
    },
    "POST /equipment/enter/badge": {"badge": "B-1", "holder": "patrol"},
    "POST /equipment/items/{}/tags": {"epc": "E28011700000020A1B2C3D4E"},
    "POST /equipment/items/{}/parts": {"part": Of("spare_item")},
    "POST /equipment/pieces/set": {"place": Of("organisation"), "kind": "baton", "least": "3"},
    "POST /equipment/pieces/{}/move": {"count": "1", "reason": "received"},
    "POST /equipment/pieces/{}/counted": {"count": "1"},
    "POST /equipment/plan/budgets": {"place": Of("organisation"), "year": "2026", "amount_yuan": "1"},
    "POST /whatif/new": {
        "organisation": Of("organisation"),
        "first_day": "2026-02-20",
        "last_day": "2026-02-28",
        "runs": "2",
        "a_send": "closest",
        "b_send": "cover",
    },
}
for _deed in ("sign", "depart", "arrive", "report", "finish", "support", "refuse", "cancel"):
    FORMS[f"POST /console/incidents/{{}}/do/{_deed}"] = {"assignment": Of("assignment"), "reason": "far"}
for _deed in ("sign", "depart", "arrive", "report", "finish", "support"):
    FORMS[f"POST /unit/do/{_deed}"] = {"assignment": Of("assignment")}
FORMS["POST /second-factor"] = {"deed": "begin"}
for _deed in ("transfer_accept", "transfer_return", "transfer_withdraw"):
    FORMS[f"POST /console/incidents/{{}}/do/{_deed}"] = {"transfer": Of("transfer"), "reason": "other"}
for _deed in ("review", "return"):
    FORMS[f"POST /console/incidents/{{}}/do/{_deed}"] = {"feedback": Of("feedback"), "note": "unclear"}
for _deed in ("safe", "safe_end"):
    FORMS[f"POST /console/incidents/{{}}/do/{_deed}"] = {"checkin": Of("checkin"), "reason": "over"}
for _deed in ("receive", "act", "outcome", "return"):
    FORMS[f"POST /disputes/{{}}/do/{_deed}"] = {"push": Of("push"), "words": "visited", "outcome": "settled"}
for _deed in ("match_accept", "match_reject", "match_undo"):
    FORMS[f"POST /disputes/{{}}/do/{_deed}"] = {"match": Of("match")}
for _deed in ("pause", "resume", "end", "draft"):
    FORMS[f"POST /disputes/{{}}/table/{_deed}"] = {"mediation": Of("mediation"), "reason": "other"}
for _deed in ("cancel", "hold", "miss"):
    FORMS[f"POST /disputes/{{}}/table/{_deed}"] = {"session": Of("session"), "reason": "ill", "outcome": "again"}
for _deed in ("change", "drop", "apply", "decide"):
    FORMS[f"POST /disputes/{{}}/table/{_deed}"] = {"agreement": Of("agreement"), "form": "written"}
for _deed in ("unpromise", "waive", "broken"):
    FORMS[f"POST /disputes/{{}}/table/{_deed}"] = {"obligation": Of("obligation"), "reason": "paid"}


def body_for(door: Door, name: Callable[[str], Any]) -> dict[str, Any]:
    """What the client sends with a command at ``door``; ``name`` gives the record of a kind."""
    from permissions.doors import blank

    key = f"{door.method} {blank(door.path)}"
    if key.endswith("/attachments"):
        return {"data": PHOTO_SENT, "content_type": "application/octet-stream"}
    if door.is_api:
        filled = _filled({**_least(key), **API.get(key, {})}, name)
        return {"data": json.dumps(filled), "content_type": "application/json"}
    form = _filled(FORMS.get(key, {}), name)
    return {"data": urlencode(form, doseq=True), "content_type": "application/x-www-form-urlencoded"}


def _filled(value: Any, name: Callable[[str], Any]) -> Any:
    if isinstance(value, Of):
        return name(value)
    if isinstance(value, dict):
        return {key: _filled(part, name) for key, part in value.items()}
    if isinstance(value, list):
        return [_filled(part, name) for part in value]
    if isinstance(value, str) and "{" in value:
        for kind in ("spare", "body", "person", "room", "incident_number"):
            value = value.replace(f"{{{kind}}}", str(name(kind)) if f"{{{kind}}}" in value else "")
    return value


@cache
def _schemas() -> dict[str, Any]:
    from anlan.api.root import api

    return dict(api.get_openapi_schema())


def _least(key: str) -> dict[str, Any]:
    """The least body the interface's description lets through."""
    from permissions.doors import blank

    described = _schemas()
    for path, item in described["paths"].items():
        for method, operation in item.items():
            if f"{method.upper()} {blank(path)}" == key:
                content = operation.get("requestBody", {}).get("content", {})
                least = _example(content.get("application/json", {}).get("schema", {}), described)
                return least if isinstance(least, dict) else {}
    return {}


def _example(schema: dict[str, Any], described: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _example(described["components"]["schemas"][schema["$ref"].rpartition("/")[2]], described)
    if "anyOf" in schema:
        return _example(schema["anyOf"][0], described)
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        asked = schema.get("required", [])
        return {
            name: _example(part, described) for name, part in schema.get("properties", {}).items() if name in asked
        }
    return {"integer": 1, "number": 1.0, "boolean": True, "array": []}.get(kind or "", "x")
