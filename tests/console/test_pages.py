"""Buttons do what they say, once, for those who may, and refuse like a colleague."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import reverse

from anlan.core.models import ViewLog
from anlan.dispatch.models import Assignment, Feedback, WorkOrder
from anlan.intake.models import Call, Incident, Transfer
from console.conftest import press

pytestmark = pytest.mark.django_db(databases="__all__")


def do(incident, deed):
    return reverse("console:incident_do", args=[incident.number, deed])


def test_a_form_sent_twice_sends_one_unit(town, desk, take):
    incident, key = take("两车追尾", code="0302"), str(uuid4())
    for _ in range(2):
        desk("ada").post(do(incident, "send"), {"idempotency_key": key, "unit": town.units["P-01"].pk})
    assert Assignment.objects.count() == 1


def test_a_unit_that_is_away_is_refused_with_where_it_is(town, desk, take):
    first, second = take("两车追尾", code="0302"), take("店里打架", code="0201")
    press(desk("ada"), do(first, "send"), unit=town.units["P-01"].pk)
    answer = press(desk("ada"), do(second, "send"), unit=town.units["P-01"].pk)
    assert answer.status_code == 409
    assert "P-01" in answer.content.decode()
    assert first.number in answer.content.decode()


def test_a_refusal_is_said_in_both_languages(desk, take):
    answer = desk("cleo").get(reverse("console:incident", args=[take("两车追尾", code="0302").number]))
    assert answer.status_code == 404
    assert "No such record in your area" in answer.content.decode()
    assert 'lang="zh-Hans"' in answer.content.decode()


def test_a_call_taker_can_not_send(town, desk, take):
    answer = press(desk("ben"), do(take("两车追尾", code="0302"), "send"), unit=town.units["P-01"].pk)
    assert answer.status_code == 403


def test_an_incident_is_brought_from_sending_to_closing_by_its_page(town, desk, take):
    incident, ada, ida = take("两车追尾", code="0302"), desk("ada"), desk("ida")
    press(ada, do(incident, "send"), unit=town.units["P-01"].pk, rank=1, eta_s="95.5", eta_source="road")
    sent = Assignment.objects.get()
    for deed in ("sign", "depart", "arrive", "finish"):
        press(ada, do(incident, deed), assignment=sent.pk)
        assert ada.get(reverse("console:incident", args=[incident.number])).status_code == 200
    press(
        desk("eve"), reverse("console:unit_do", args=["feedback"]), assignment=sent.pk, result="helped", code="0302"
    )
    press(ida, do(incident, "return"), feedback=Feedback.objects.get().pk, note="无伤亡人数")
    press(ada, do(incident, "feedback"), result="helped", code="0302", assignment=sent.pk)
    press(ida, do(incident, "review"), feedback=Feedback.objects.latest("pk").pk)
    press(ada, do(incident, "close"))
    incident.refresh_from_db()
    assert incident.state == "closed"
    page = ada.get(reverse("console:incident", args=[incident.number])).content.decode()
    assert page.count("<li") > 8  # the whole story stands in the timeline


def test_a_town_room_brings_its_order_to_the_end(town, desk, take):
    incident, dan = take("邻居噪声", code="0402"), desk("dan")
    press(desk("ada"), do(incident, "route"))
    order = WorkOrder.objects.get()

    def deed(name, **fields):
        press(dan, reverse("console:order_do", args=[order.pk, name]), **fields)
        order.refresh_from_db()
        assert dan.get(reverse("console:town")).status_code == 200
        return order.state

    assert deed("sign") == "signed"
    assert deed("contact") == "contacted"
    assert deed("assign", unit=town.units["C-01"].pk) == "assigned"
    press(desk("finn"), reverse("console:unit_do", args=["arrive"]), assignment=Assignment.objects.get().pk)
    order.refresh_from_db()
    assert order.state == "on_site"
    assert deed("settle") == "settled"
    assert deed("close") == "closed"


def test_a_community_matter_can_call_for_police_at_any_moment(desk, take):
    incident = take("邻居噪声", code="0402")
    press(desk("ada"), do(incident, "route"))
    press(desk("dan"), reverse("console:order_do", args=[WorkOrder.objects.get().pk, "escalate"]), reason="动手了")
    incident.refresh_from_db()
    assert (WorkOrder.objects.get().state, incident.track) == ("escalated", "P")


def test_two_reports_of_one_event_are_merged_and_parted_again(desk, take):
    first, second = take("两车追尾", code="0302"), take("两车相撞", code="0302")
    press(desk("ada"), do(second, "merge"), into=first.number)
    second.refresh_from_db()
    assert second.state == "merged"
    press(desk("ada"), do(first, "unmerge"), other=second.number)
    second.refresh_from_db()
    assert second.state == "open"


def test_who_called_is_shown_only_with_a_purpose_that_is_logged(desk, take):
    incident = take("两车追尾", code="0302", reporter_phone="13812345678", reporter_name="王某")
    ada, call = desk("ada"), Call.objects.get()
    assert "13812345678" not in ada.get(reverse("console:incident", args=[incident.number])).content.decode()
    answer = press(ada, reverse("console:reporter", args=[call.number]), purpose="dispatch_contact")
    assert "13812345678" in answer.content.decode()
    assert ViewLog.objects.filter(purpose="dispatch_contact").count() == 1


def test_an_empty_narrative_with_a_place_is_saved(desk, town):
    answer = press(desk("ben"), reverse("console:call_save"), address_text="安澜大道18号", then="save")
    assert answer.status_code == 302
    assert Incident.objects.get().address_text == "安澜大道18号"


def test_save_and_send_leads_to_the_units(desk, town):
    answer = press(desk("ada"), reverse("console:call_save"), narrative="两车追尾", then="send")
    assert answer["Location"] == f"{reverse('console:queue')}?incident={Incident.objects.get().number}&send=1"


def test_markup_in_what_a_caller_says_stays_words(desk, take):
    incident = take("<script>alert(1)</script>两车追尾 \u202e", code="0302")
    page = desk("ada").get(reverse("console:incident", args=[incident.number])).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_nothing_on_a_page_is_inline_or_from_elsewhere(desk, take):
    incident = take("两车追尾", code="0302")
    for name, url in [
        ("ada", reverse("console:queue") + f"?incident={incident.number}"),
        ("ben", reverse("console:call_new")),
        ("eve", reverse("console:phone")),
    ]:
        page = desk(name).get(url).content.decode()
        assert " style=" not in page
        assert "<style" not in page
        assert "<script>" not in page
        assert "//cdn" not in page


@pytest.mark.parametrize(
    ("name", "lands"),
    [
        ("ada", "console:queue"),
        ("dan", "console:town"),
        ("ida", "console:station"),
        ("eve", "console:phone"),
        ("kai", "console:partner"),
    ],
)
def test_everybody_begins_at_their_own_page(desk, name, lands, monkeypatch):
    monkeypatch.setattr("anlan.console.pages.queue.island_built", lambda: False)
    assert desk(name).get("/")["Location"] == reverse(lands)


def test_the_command_box_knows_pages_by_their_initials_and_incidents_by_their_last_digits(desk, take):
    incident, ada = take("两车追尾", code="0302"), desk("ada")
    assert reverse("console:call_new") in ada.get(reverse("console:find"), {"q": "xjj"}).content.decode()
    assert incident.number in ada.get(reverse("console:find"), {"q": incident.number[-5:]}).content.decode()
    assert "P-01" in ada.get(reverse("console:find"), {"q": "p-0"}).content.decode()


def test_a_figure_opens_to_the_records_it_counts(desk, take):
    take("两车追尾", code="0302")
    gus = desk("gus")
    page = gus.get(reverse("console:kpi")).content.decode()
    link = next(part.split('"')[0] for part in page.split('href="') if part.startswith("/console/figures/"))
    assert gus.get(link.replace("&amp;", "&")).status_code == 200


def test_a_partner_desk_accepts_what_was_handed_to_it_with_a_receipt(desk, take):
    incident, kai = take("路灯坏了", code="1102"), desk("kai")
    press(desk("ada"), do(incident, "transfer"), partner="12345")
    offered = Transfer.objects.get()
    assert incident.number in kai.get(reverse("console:partner")).content.decode()
    press(kai, reverse("console:transfer_do", args=[offered.pk, "accept"]), receipt="GD-7")
    offered.refresh_from_db()
    assert (offered.state, offered.receipt) == ("accepted", "GD-7")


def test_a_matter_that_was_linked_stays_on_the_sheet_when_it_no_longer_seems_alike(desk, take):
    incident, ben = take("两车追尾，没有人受伤", code="0302"), desk("ben")
    asked = {"narrative": "楼上漏水", "link_to": str(incident.pk)}
    shown = ben.post(reverse("console:call_suggest"), asked).content.decode()
    assert incident.number in shown
    assert f'data-link="{incident.pk}"' in shown
    assert 'aria-pressed="true"' in shown
    assert incident.number not in desk("cleo").post(reverse("console:call_suggest"), asked).content.decode()


def test_the_header_shows_five_pages_and_keeps_the_others_behind_one_word(desk):
    head = desk("ada").get(reverse("console:handover")).content.decode().split("</header>")[0]
    in_sight, more = head.split('class="pop nav-more"')
    assert in_sight.count("<a href=") == 5
    assert 'aria-current="page"' in more  # where one is stands in the header all the same
    assert reverse("console:wall") in more
