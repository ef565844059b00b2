"""Notes about premises: hazards of the place, never of who lives there; they run out; looks are logged."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.core.errors import BadInput
from anlan.core.models import Event, ViewLog
from anlan.places.errors import NoteAboutPeople, NoteOver, NoteTooLong
from anlan.places.models import PremiseNote
from anlan.places.rules import word_about_people
from anlan.places.selectors import notes_near
from anlan.places.services import note_add, note_withdraw
from world import T0, build_world

pytestmark = pytest.mark.django_db
LON, LAT = 120.06, 28.90
DAY = timedelta(days=1)


@pytest.fixture
def county():
    return build_world(units=False, roads=False)


def add(county, *, days=30, who="ida", org="west", **more) -> PremiseNote:
    note = {"hazard": "dog", "address_text": "安澜大道6号", "lon": LON, "lat": LAT, "source": "现场核实", **more}
    expires_at = T0 + days * DAY
    return note_add(organisation=county.orgs[org], expires_at=expires_at, by=county.actor(who), at=T0, **note)


ABOUT_PEOPLE = [
    "租客脾气大",
    "住户有前科",
    "三楼老人独居",
    "男子曾吸毒",
    "他会动手",
    "户主 13812345678",
    "户主电话１３８１２３４５６７８",
    "身份证330781199001011234",
    "信访人家",
    "He is violent",
    "tenant is a drunk",
    "mentally ill resident",
    "HER dog",
]
ABOUT_PLACES = [
    "",
    "院内有大型犬，未拴",
    "居民楼楼道狭窄，无照明",
    "燃气总阀在西侧，其他出入口已封",
    "女子学校后门锁闭",
    "老人公寓电梯停运",
    "排他性门禁，需刷卡",
    "Heavy iron gate, ring twice",
    "Manhole without cover; main stairs steep",
    "Residential block, heating pipes exposed",
    "History of roof collapse",
]


@pytest.mark.parametrize("text", ABOUT_PEOPLE)
def test_a_note_about_occupants_is_refused_in_both_languages(county, text):
    with pytest.raises(NoteAboutPeople) as caught:
        add(county, text=text)
    word = word_about_people(text)
    assert word
    assert word in caught.value.detail("zh-hans")
    assert "处所" in caught.value.detail("zh-hans")
    assert "never of who lives there" in caught.value.detail("en")
    assert not PremiseNote.objects.exists()


@pytest.mark.parametrize("text", ABOUT_PLACES)
def test_a_note_about_the_place_is_taken(county, text):
    assert add(county, text=text).text == text


def test_words_about_occupants_are_refused_in_the_address_and_the_source_too(county):
    for field in ("address_text", "source"):
        with pytest.raises(NoteAboutPeople):
            add(county, **{field: "租客有前科"})


def test_a_note_stands_for_twelve_months_at_most_and_for_a_dwelling_for_ninety_days(county):
    assert add(county, days=365).expires_at == T0 + 365 * DAY
    assert add(county, days=90, is_dwelling=True).expires_at == T0 + 90 * DAY
    for days, is_dwelling, latest in ((366, False, "2027-03-02"), (91, True, "2026-05-31")):
        with pytest.raises(NoteTooLong) as caught:
            add(county, days=days, is_dwelling=is_dwelling)
        assert latest in caught.value.detail("zh-hans")
        assert latest in caught.value.detail("en")


def test_a_note_that_is_over_already_is_refused(county):
    for days in (0, -1):
        with pytest.raises(NoteOver):
            add(county, days=days)


@pytest.mark.parametrize(
    "more",
    [
        {"hazard": "temper"},
        {"lon": 28.9, "lat": 120.06},
        {"lon": float("nan")},
        {"text": "门" * 121},
        {"address_text": "路" * 201},
    ],
    ids=["a hazard not on the list", "swapped", "no number", "too long a text", "too long an address"],
)
def test_what_can_not_be_a_note_is_refused_before_the_database_sees_it(county, more):
    with pytest.raises(BadInput):
        add(county, **more)


def test_an_expired_note_and_a_withdrawn_one_are_not_shown(county):
    add(county, days=10, text="短期")
    gone = add(county, days=30, text="已撤")
    add(county, days=60, text="有效")
    assert note_withdraw(note=gone, by=county.actor("ida"), at=T0) is True
    assert note_withdraw(note=gone, by=county.actor("ida"), at=T0) is False
    ida = county.actor("ida")
    assert {n.text for n in notes_near(LON, LAT, by=ida, at=T0)} == {"短期", "有效"}
    assert {n.text for n in notes_near(LON, LAT, by=ida, at=T0 + 10 * DAY)} == {"有效"}
    assert notes_near(LON, LAT, by=ida, at=T0 + 60 * DAY) == []


def test_notes_of_the_premises_are_shown_and_not_those_of_the_next_street(county):
    # 0.0005 degrees of longitude here are 49 m, 0.0007 are 68 m; sixty metres is the limit.
    add(county, text="近", lon=LON + 0.0005)
    add(county, text="远", lon=LON + 0.0007)
    assert [n.text for n in notes_near(LON, LAT, by=county.actor("ida"), at=T0)] == ["近"]


def test_in_the_far_north_as_well_sixty_metres_are_sixty_metres(county):
    # At 69 degrees north a degree of longitude is 39.8 km: 0.0014 degrees are 56 m.
    add(county, text="north", lon=25.0014, lat=69.0)
    assert [n.text for n in notes_near(25.0, 69.0, by=county.actor("jia"), at=T0)] == ["north"]


def test_every_note_shown_is_logged_with_who_and_for_which_incident(county):
    shown = [add(county), add(county, hazard="gas")]
    eve = county.actor("eve")
    notes_near(LON, LAT, by=eve, at=T0, incident_id=7)
    rows = ViewLog.objects.order_by("object_id")
    assert [(r.actor_id, r.purpose, r.object_id, r.incident_id) for r in rows] == [
        (eve.id, "attend", note.pk, 7) for note in shown
    ]
    notes_near(120.15, 28.9, by=eve, at=T0, incident_id=7)
    assert ViewLog.objects.count() == 2


def test_another_stations_notes_are_not_shown_unless_its_unit_goes_there(county):
    add(county)
    cleo = county.actor("cleo")
    assert notes_near(LON, LAT, by=cleo, at=T0) == []
    assert not ViewLog.objects.exists()
    assert len(notes_near(LON, LAT, by=cleo, at=T0, incident_id=7)) == 1


def test_those_who_answer_for_the_place_see_what_others_noted(county):
    add(county, who="ada", org="bureau")
    for name in ("eve", "dan", "ada"):
        assert len(notes_near(LON, LAT, by=county.actor(name), at=T0)) == 1, name


def test_the_record_never_holds_the_words_of_a_note(county):
    note = add(county, text="院内有犬")
    note_withdraw(note=note, by=county.actor("ida"), at=T0)
    kinds = [e.kind for e in Event.objects.filter(subject_type="places.premisenote").order_by("id")]
    assert kinds == ["places.note_added", "places.note_withdrawn"]
    assert not any("犬" in str(e.data) for e in Event.objects.all())
