"""Handing a matter to 12345, 119 or 120, and getting it back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.core.errors import NotFound
from anlan.core.models import Event
from anlan.intake.errors import BounceSpent, PartnerUnknown, ReasonMissing, TransferAnswered, TransferOpen
from anlan.intake.models import Transfer
from anlan.intake.selectors import incident_for, transfer_for
from anlan.intake.services import (
    incident_bounce_take,
    transfer_accept,
    transfer_offer,
    transfer_return,
    transfer_withdraw,
)
from world import T0

LATER = T0 + timedelta(minutes=1)


@pytest.fixture
def asks(take):
    return take(narrative="咨询居住证怎么办理", code="1101")


@pytest.fixture
def offered(asks, ben):
    return transfer_offer(incident=asks.incident, partner="12345", by=ben, at=T0)


def test_the_sheet_says_which_desk_is_agreed(asks, take):
    assert asks.transfer_to == ("12345",)
    assert take(narrative="电梯里有人", code="0502").transfer_to == ("119",)


def test_until_it_is_accepted_the_first_receiver_keeps_it(offered, asks, county):
    asks.incident.refresh_from_db()
    assert (asks.incident.state, asks.incident.holder) == ("open", county.orgs["bureau"])
    assert offered.is_three_way


def test_accepted_with_a_receipt_it_is_theirs(offered, asks, county):
    transfer_accept(transfer=offered, receipt="R-77", by=county.actor("kai"), at=LATER)
    asks.incident.refresh_from_db()
    asks.call.refresh_from_db()
    assert (offered.state, offered.receipt, offered.answered_at) == ("accepted", "R-77", LATER)
    assert (asks.incident.state, asks.incident.holder.code) == ("transferred", "12345")
    assert asks.call.state == "transferred"


@pytest.mark.parametrize(("receipt", "told"), [("R-77/2026#1", "R-77/2026#1"), ("已告知王女士", "–"), ("", "–")])
def test_an_event_tells_a_receipt_that_is_a_number_and_no_words(offered, county, receipt, told):
    transfer_accept(transfer=offered, receipt=receipt, by=county.actor("kai"), at=LATER)
    assert offered.receipt == receipt
    assert Event.objects.get(kind="intake.transfer_accepted").data["receipt"] == told


def test_where_there_is_danger_police_go_beside_it(take, ben, county):
    fire = take(narrative="起火了", code="0701", danger=("fire",)).incident
    transfer = transfer_offer(incident=fire, partner="119", by=ben, at=T0)
    transfer_accept(transfer=transfer, by=ben, at=LATER)
    fire.refresh_from_db()
    assert transfer.keeps_police
    assert (fire.state, fire.holder, fire.track) == ("open", county.orgs["bureau"], "P")


def test_sent_back_it_is_waiting_again_with_the_first_receiver(offered, asks, county):
    kai = county.actor("kai")
    transfer_accept(transfer=offered, by=kai, at=LATER)
    transfer_return(transfer=offered, reason="不属于受理范围", by=kai, at=LATER)
    asks.incident.refresh_from_db()
    asks.call.refresh_from_db()
    assert (asks.incident.state, asks.incident.holder, asks.incident.bounces) == ("open", county.orgs["bureau"], 1)
    assert asks.call.state == "incident_open"
    assert asks.incident.reasons.get().text == "不属于受理范围"


def test_it_is_sent_back_once_at_most(offered, asks, ben, county):
    kai, jia = county.actor("kai"), county.actor("jia")
    transfer_return(transfer=offered, reason="不属于", by=kai, at=LATER)
    with pytest.raises(BounceSpent, match="sent back once already"):
        transfer_offer(incident=asks.incident, partner="12345", by=ben, at=LATER)
    again = transfer_offer(incident=asks.incident, partner="12345", reason="值班领导协调", by=jia, at=LATER)
    with pytest.raises(BounceSpent):
        transfer_return(transfer=again, reason="还是不属于", by=kai, at=LATER)
    again.refresh_from_db()
    assert again.state == "offered"


def test_a_matter_bounced_elsewhere_has_spent_its_bounce(asks, offered, ben, county):
    assert incident_bounce_take(incident=asks.incident, where="town-west", by=ben, at=T0) == 1
    with pytest.raises(BounceSpent):
        incident_bounce_take(incident=asks.incident, by=ben, at=T0)
    with pytest.raises(BounceSpent):
        transfer_return(transfer=offered, reason="不属于", by=county.actor("kai"), at=LATER)


def test_sending_back_needs_a_reason(offered, county):
    with pytest.raises(ReasonMissing):
        transfer_return(transfer=offered, reason="", by=county.actor("kai"), at=LATER)


def test_it_is_not_offered_twice_to_the_same_desk(offered, asks, ben):
    with pytest.raises(TransferOpen, match="offered to 12345 at 09:00"):
        transfer_offer(incident=asks.incident, partner="12345", by=ben, at=LATER)
    assert transfer_offer(incident=asks.incident, partner="120", by=ben, at=LATER).state == "offered"


def test_an_offer_is_withdrawn_before_it_is_answered_and_not_after(offered, ben, county):
    stale = Transfer.objects.get(pk=offered.pk)
    transfer_withdraw(transfer=offered, by=ben, at=LATER)
    with pytest.raises(TransferAnswered, match="withdrawn since 09:01; it can't become accepted"):
        transfer_accept(transfer=stale, by=county.actor("kai"), at=LATER)


def test_an_unknown_desk_is_refused_with_the_known_ones(asks, ben):
    with pytest.raises(PartnerUnknown, match="Possible: 119, 120, 12345"):
        transfer_offer(incident=asks.incident, partner="114", by=ben, at=T0)


def test_the_desk_sees_what_it_was_offered_and_the_matter_once_it_is_theirs(offered, asks, county):
    kai = county.actor("kai")
    assert transfer_for(kai, offered.pk) == offered
    with pytest.raises(NotFound):
        incident_for(kai, asks.incident.pk)
    transfer_accept(transfer=offered, by=kai, at=LATER)
    assert incident_for(kai, asks.incident.pk) == asks.incident


def test_who_has_nothing_to_do_with_it_sees_neither(offered, county):
    with pytest.raises(NotFound):
        transfer_for(county.actor("cleo"), offered.pk)
