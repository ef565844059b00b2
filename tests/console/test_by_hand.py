"""What the desk does by hand on the incident page, and what the figures and the command box show."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from anlan.console.selectors.trend import spark_lines, spark_points
from anlan.core.clock import now
from anlan.dispatch.models import Assignment, WorkOrder
from anlan.intake.models import Call, Incident, IncidentTag, Transfer
from anlan.notices.models import Notice
from anlan.places.models import Place, PremiseNote
from console.conftest import press

pytestmark = pytest.mark.django_db(databases="__all__")


def do(incident, deed):
    return reverse("console:incident_do", args=[incident.number, deed])


def page(client, incident):
    return client.get(reverse("console:incident", args=[incident.number])).content.decode()


def in_days(days):
    return f"{timezone.localtime(now() + timedelta(days=days)):%Y-%m-%d}"


@pytest.fixture
def joint(take):
    incident = take("两家为停车吵起来了，喝了酒", code="0402")
    Incident.objects.filter(pk=incident.pk).update(track="J")
    incident.refresh_from_db()
    return incident


def test_on_the_joint_track_one_button_sends_the_unit_and_asks_the_town_room(town, desk, joint):
    ada = desk("ada")
    units = ada.get(reverse("console:incident_units", args=[joint.number])).content.decode()
    assert "sending a unit asks West town room too" in units
    assert do(joint, "joint") in units
    assert do(joint, "send") not in units
    press(ada, do(joint, "joint"), unit=town.units["P-01"].pk)
    assert (Assignment.objects.get().state, WorkOrder.objects.get().state) == ("sent", "routed")
    assert "They meet there" in page(ada, joint)
    assert "Police meet you there" in desk("dan").get(reverse("console:town")).content.decode()
    assert "a team of West town room meets you there" in desk("eve").get(reverse("console:phone")).content.decode()


def test_without_a_town_room_the_unit_goes_and_the_page_says_so(town, desk, joint):
    Incident.objects.filter(pk=joint.pk).update(town_room=None)
    answer = desk("ada").post(
        do(joint, "joint"), {"idempotency_key": "k", "unit": town.units["P-01"].pk}, headers={"HX-Request": "true"}
    )
    assert "No town room answers for this place: only the unit was sent." in answer.content.decode()
    assert not WorkOrder.objects.exists()


def test_the_page_says_who_holds_the_matter_and_who_was_asked(desk, take):
    incident = take("邻居噪声", code="0402")
    press(desk("ada"), do(incident, "route"))
    assert "West town room was asked" in page(desk("ada"), incident)
    press(desk("dan"), reverse("console:order_do", args=[WorkOrder.objects.get().pk, "sign"]))
    shown = page(desk("ada"), incident)
    assert "West town room was asked<" not in shown
    assert "West town room has the matter from now on" in shown


def test_labels_are_said_by_hand_and_stand_confirmed(desk, take):
    incident = take("楼上漏水，两家吵起来了", code="0402")
    assert "suggested" in page(desk("ada"), incident)
    press(
        desk("ada"),
        do(incident, "tags"),
        dimension=["cause", "conditions"],
        **{"tag-cause": "noise", "tag-conditions": ["alcohol", "injury"]},
    )
    rows = IncidentTag.objects.filter(incident=incident, superseded_by=None, dimension__in=("cause", "conditions"))
    assert {(row.value, row.source) for row in rows if row.state != "suggested"} == {
        ("noise", "taker"),
        ("alcohol", "taker"),
        ("injury", "taker"),
    }
    assert "Tags corrected: cause of the dispute Noise" in page(desk("ada"), incident)


def test_a_hazard_of_the_place_is_noted_and_shown_to_those_who_go(town, desk, take):
    incident = take("两车追尾", code="0302")
    press(
        desk("ada"),
        do(incident, "note"),
        hazard="dog",
        text="院内有大型犬",
        source="caller",
        until=in_days(30),
        is_dwelling="1",
    )
    note = PremiseNote.objects.get()
    assert (note.hazard, note.organisation.code, note.is_dwelling) == ("dog", "bureau", True)
    notes = desk("ada").get(reverse("console:incident_notes", args=[incident.number])).content.decode()
    assert "院内有大型犬" in notes
    assert "told by a caller" in notes


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"text": "住户有暴力倾向"}, "note_about_people"),
        ({"until": in_days(120)}, "note_expiry_too_far"),
        ({"until": "soon"}, "bad_input"),
        ({"hazard": "ghost"}, "bad_input"),
        ({"source": "rumour"}, "bad_input"),
    ],
)
def test_a_note_about_people_or_without_an_end_is_refused(desk, take, change, code):
    fields = {"hazard": "dog", "text": "", "source": "caller", "until": in_days(30), "is_dwelling": "1", **change}
    answer = press(desk("ada"), do(take("两车追尾", code="0302"), "note"), **fields)
    assert (answer.status_code, PremiseNote.objects.count()) == (422, 0)
    assert f'data-code="{code}"' in answer.content.decode()


def test_a_unit_is_replaced_by_another_with_a_reason(town, desk, take):
    incident, ada = take("两车追尾", code="0302"), desk("ada")
    press(ada, do(incident, "send"), unit=town.units["P-01"].pk)
    sent = Assignment.objects.get()
    form = ada.get(reverse("console:incident_replace", args=[incident.number]), {"assignment": sent.pk})
    assert "P-02" in form.content.decode()
    assert "C-01" not in form.content.decode()
    press(ada, do(incident, "reassign"), assignment=sent.pk, unit=town.units["P-02"].pk, reason="tyre flat")
    sent.refresh_from_db()
    town.units["P-01"].refresh_from_db()
    assert (sent.state, sent.end_reason, town.units["P-01"].state) == ("reassigned", "tyre flat", "available")
    assert Assignment.objects.get(state="sent").unit.call_sign == "P-02"


def test_an_invalid_call_is_valid_again_on_the_duty_leaders_word(town, desk, take):
    from anlan.intake.services import call_mark_invalid

    incident = take("无事", code="9901")
    call_mark_invalid(call=Call.objects.get(), kind="prank", reason="none", by=town.actor("ben"), at=now())
    assert "Valid after all" in page(desk("jia"), incident)
    assert "Valid after all" not in page(desk("ada"), incident)
    press(desk("jia"), do(incident, "reopen"), call=Call.objects.get().pk, reason="she rang again")
    incident.refresh_from_db()
    assert (incident.state, Call.objects.get().state) == ("open", "incident_open")


def test_an_invalid_call_without_an_incident_is_opened_from_its_own_page(town, desk):
    from anlan.intake.services import call_answer, call_mark_invalid, call_ring

    ben = town.actor("ben")
    call = call_answer(call=call_ring(line="3", by=ben, at=now()), by=ben, at=now())
    call_mark_invalid(call=call, kind="wrong_number", by=ben, at=now())
    url = reverse("console:call_edit", args=[call.number])
    assert "The duty leader can open it again" in desk("ada").get(url).content.decode()
    assert reverse("console:call_reopen", args=[call.number]) in desk("jia").get(url).content.decode()
    press(desk("jia"), reverse("console:call_reopen", args=[call.number]), reason="she rang again")
    call.refresh_from_db()
    assert (call.state, call.incident.state) == ("incident_open", "open")


def test_an_offer_to_a_partner_desk_is_withdrawn(desk, take):
    incident, ada = take("路灯坏了", code="1102"), desk("ada")
    press(ada, do(incident, "transfer"), partner="12345")
    assert "Withdraw the offer" in page(ada, incident)
    press(ada, do(incident, "transfer_withdraw"), transfer=Transfer.objects.get().pk)
    assert Transfer.objects.get().state == "withdrawn"
    assert "Withdraw the offer" not in page(ada, incident)


def test_the_command_box_finds_places_with_how_sure_it_is_and_the_place_shows_what_was_there(town, desk, take):
    place = Place.objects.create(kind="estate", name_zh="锦绣花园", lon=120.07, lat=28.9, cell=1)
    Place.objects.create(kind="village", name_zh="上坞村", lon=120.09, lat=28.9, cell=1)
    incident, ada = take("两车追尾", code="0302"), desk("ada")
    found = ada.get(reverse("console:find"), {"q": "锦绣花园"}).content.decode()
    assert reverse("console:place", args=[place.pk]) in found
    assert "%" in found
    shown = ada.get(reverse("console:place", args=[place.pk])).content.decode()
    assert incident.number in shown
    assert "West station" in shown
    other = desk("cleo").get(reverse("console:place", args=[place.pk]))
    assert incident.number not in other.content.decode()


def test_calls_are_found_by_their_number(town, desk, take):
    take("两车追尾", code="0302")
    number = Call.objects.get().number
    assert number in desk("ada").get(reverse("console:find"), {"q": number.lower()}).content.decode()


def test_units_and_organisations_are_named_in_the_readers_language(town, desk, take):
    units = desk("ada").get(reverse("console:units")).content.decode()
    assert "West station" in units
    assert "城西派出所" not in units


def test_the_last_eight_weeks_of_each_figure_open_to_their_records(desk, take):
    take("两车追尾", code="0302")
    gus = desk("gus")
    page = gus.get(reverse("console:kpi")).content.decode()
    asked = [unescape(bit.split('"')[0]) for bit in page.split('hx-get="') if "/trends?" in bit.split('"')[0]]
    parts = [gus.get(each).content.decode() for each in asked]
    # Every figure of the page has its weeks, asked for by the section that comes into sight.
    places = {bit.split('"')[0] for bit in page.split('id="trend-')[1:]}
    assert places == {bit.split('"')[0] for part in parts for bit in part.split('id="trend-')[1:]}
    part = parts[0]
    first = part.split('hx-swap-oob="true"')[1]
    links = [bit.split('"')[0] for bit in first.split('href="') if bit.startswith("/console/figures/")]
    assert len(links) == 8
    assert gus.get(links[-1].replace("&amp;", "&")).status_code == 200


def test_a_trend_is_drawn_from_zero_and_broken_where_nothing_is_known():
    assert spark_points([0.0, None, 1.0, 2.0]) == [(3.0, 21.0), None, (63.0, 12.0), (93.0, 3.0)]
    assert spark_lines([0.0, None, 1.0, 2.0]) == ["63,12 93,3"]
    assert spark_lines([None] * 8) == []
    assert spark_points([0.0, 0.0]) == [(3.0, 21.0), (93.0, 21.0)]


def test_page_and_interface_agree_on_a_unit_of_next_door(town, desk, take):
    incident, ida = take("有人打架", code="0404"), desk("ida")
    east = town.units["P-03"].pk
    listed = ida.get(reverse("console:incident_units", args=[incident.number])).content.decode()
    assert "Ask for it" in listed
    assert (
        "Ask for it"
        not in desk("ada").get(reverse("console:incident_units", args=[incident.number])).content.decode()
    )
    answer = press(ida, do(incident, "send"), unit=east)
    by_api = ida.post(
        f"/api/incidents/{incident.pk}/assignments",
        {"unit_id": east},
        content_type="application/json",
        headers={"Idempotency-Key": "next-door"},
    )
    assert (answer.status_code, by_api.status_code) == (409, 409)
    assert by_api.json()["code"] == "unit_of_others"
    assert 'data-code="unit_of_others"' in answer.content.decode()
    press(ida, do(incident, "ask"), unit=east)
    assert Notice.objects.get().incident_number == incident.number
    press(desk("ada"), do(incident, "send"), unit=east)
    assert Assignment.objects.get().unit_id == east
