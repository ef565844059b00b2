"""Who called: shown for a purpose, logged, kept for a time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.core.errors import NotFound
from anlan.core.models import Event, ViewLog
from anlan.core.purpose import machine_use
from anlan.core.selectors import event_log_hash
from anlan.core.services import keyed_hash
from anlan.intake.errors import NotInList, ReporterErased
from anlan.intake.jobs import reporters_expire
from anlan.intake.models import Reporter
from anlan.intake.selectors import incident_by_tracking_code, tracking_code
from anlan.intake.services import incident_state_set, reporter_reveal
from world import T0

AFTER = T0 + timedelta(days=180)


@pytest.fixture
def known(take):
    return take(narrative="有人吵架", reporter_name="王某", reporter_phone="138 0000-1234")


def test_a_look_is_logged_with_its_purpose(known, ben):
    shown = reporter_reveal(call=known.call, purpose="dispatch_contact", by=ben, at=T0)
    assert (shown.name, shown.phone) == ("王某", "138 0000-1234")
    log = ViewLog.objects.get()
    assert (log.actor_id, log.purpose, log.incident_id) == (ben.id, "dispatch_contact", known.incident.pk)


def test_curiosity_is_no_purpose(known, ben):
    with pytest.raises(NotInList, match="call_back, dispatch_contact"):
        reporter_reveal(call=known.call, purpose="curiosity", by=ben, at=T0)
    assert not ViewLog.objects.exists()


def test_when_its_time_is_over_it_is_erased_and_the_matter_stays(known, take, ben):
    later = take(narrative="另一件", reporter_phone="13900000000", at=T0 + timedelta(days=1))
    assert reporters_expire(at=AFTER) == 1
    assert Reporter.objects.only("call").get().call == later.call
    with pytest.raises(ReporterErased, match="is not kept any more"):
        reporter_reveal(call=known.call, purpose="audit", by=ben, at=AFTER)
    known.incident.refresh_from_db()
    assert known.incident.narrative == "有人吵架"


def test_what_is_over_is_not_shown_even_before_it_is_erased(known, ben):
    with pytest.raises(ReporterErased):
        reporter_reveal(call=known.call, purpose="audit", by=ben, at=AFTER)


def test_erasure_leaves_an_event_without_data_and_every_older_row_as_it_was(known):
    opened = Event.objects.get(kind="intake.incident_opened")
    before = (opened.data, event_log_hash())
    reporters_expire(at=AFTER)
    opened.refresh_from_db()
    erased = Event.objects.get(kind="intake.reporter_erased")  # its certificate follows it
    assert opened.data == before[0]
    assert erased.data == {"call": known.call.number}
    Event.objects.filter(pk__gte=erased.pk).delete()
    assert event_log_hash() == before[1]


def test_the_hash_in_the_event_is_of_the_salted_phone(known):
    with machine_use("compare"):
        row = Reporter.objects.get()
    assert Event.objects.get(kind="intake.incident_opened").data["reporter"] == keyed_hash(row.salt + row.phone)


def test_nothing_to_erase_is_nothing_done(known):
    before = Event.objects.count()
    assert reporters_expire(at=T0) == 0
    assert Event.objects.count() == before


# The citizen's code


def test_the_citizen_sees_where_it_stands_and_who_has_it(known, ben):
    incident_state_set(incident=known.incident, to="dispatched", first_sent_at=T0, by=ben, at=T0)
    view = incident_by_tracking_code(tracking_code(known.call), "1234")
    assert (view.number, view.state, view.sent_at) == (known.incident.number, "dispatched", T0)
    assert view.holder_en == "Anlan County Bureau"
    assert not hasattr(view, "narrative")


def test_the_code_is_read_as_people_type_it(known):
    code = tracking_code(known.call)
    assert len(code.replace("-", "")) == 12
    typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert incident_by_tracking_code(typed, " 1234 ").number == known.incident.number


@pytest.mark.parametrize("digits", ["", "123", "0000", "00001234", "１２３４"])
def test_wrong_digits_and_wrong_codes_answer_alike(known, digits):
    with pytest.raises(NotFound):
        incident_by_tracking_code(tracking_code(known.call), digits)


@pytest.mark.parametrize("code", ["", "0000-0000-0000", "ZZZZ-ZZZZ-ZZZZ", "K3F7", "你好"])
def test_a_code_cannot_be_made_up(known, code):
    with pytest.raises(NotFound):
        incident_by_tracking_code(code, "1234")


def test_one_sign_wrong_opens_nothing(known):
    code = tracking_code(known.call)
    for at in range(len(code)):
        if code[at] != "-":
            other = code[:at] + ("A" if code[at] != "A" else "B") + code[at + 1 :]
            with pytest.raises(NotFound):
                incident_by_tracking_code(other, "1234")


def test_without_a_telephone_the_code_opens_nothing(take):
    with pytest.raises(NotFound):
        incident_by_tracking_code(tracking_code(take(narrative="有人吵架").call), "")


def test_after_erasure_the_code_opens_nothing(known):
    reporters_expire(at=AFTER)
    with pytest.raises(NotFound):
        incident_by_tracking_code(tracking_code(known.call), "1234")
