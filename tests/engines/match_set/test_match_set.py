"""The labelled set is made from its seed alone, and every label in it is true by construction."""

import re

import pytest

from anlan.engines.match_set import OTHERS, RETURNS, match_set
from anlan.engines.match_set.matters import MATTERS

SET = match_set(3, book=0, files=600, calls_per_kind=4)
FILES = {file.id: file for file in SET.files}


def test_the_same_seed_gives_the_same_set_and_another_seed_another() -> None:
    assert match_set(3, book=0, files=600, calls_per_kind=4) == SET
    assert match_set(4, book=0, files=600, calls_per_kind=4) != SET


def test_every_kind_of_noise_is_there_as_often_as_asked() -> None:
    kinds = [call.kind for call in SET.calls]
    assert {kind: kinds.count(kind) for kind in RETURNS | OTHERS} == dict.fromkeys(RETURNS | OTHERS, 4)
    assert len({call.id for call in SET.calls}) == len(SET.calls)


def test_a_return_names_its_file_and_comes_after_it_and_a_look_alike_names_none() -> None:
    for call in SET.calls:
        assert (call.file_id is not None) == (call.kind in RETURNS)
        if call.file_id is not None:
            assert call.day > FILES[call.file_id].last_day


def test_a_file_tells_of_one_quarrel_in_order_of_days() -> None:
    for file in SET.files:
        days = [telling.day for telling in file.tellings]
        assert days == sorted(days)
        assert file.last_day < file.closed_day
        assert not file.is_open_on(file.closed_day)


def test_the_two_books_share_no_wording() -> None:
    for matter in MATTERS:
        for phrases in (matter.first, matter.again, matter.other_side, matter.onlooker, matter.worse):
            assert len(set(phrases)) == len(phrases)
            assert set(phrases[0::2]).isdisjoint(phrases[1::2])
    other = {
        telling.text for file in match_set(3, book=1, files=600, calls_per_kind=0).files for telling in file.tellings
    }
    mine = {telling.text for file in SET.files for telling in file.tellings}
    assert not mine & other


def test_every_blank_of_a_wording_is_one_of_the_details() -> None:
    for matter in MATTERS:
        wordings = " ".join((*matter.first, *matter.again, *matter.other_side, *matter.onlooker, *matter.worse))
        assert set(re.findall(r"\{(\w+)\}", wordings)) == set(matter.details), matter.key


def test_the_kinds_are_what_their_names_say() -> None:
    by_kind = {kind: [call for call in SET.calls if call.kind == kind] for kind in RETURNS | OTHERS}
    assert all(not call.people for call in by_kind["anonymous_caller"])
    assert all(call.lon is None for call in by_kind["no_position"])
    assert all(call.day - FILES[call.file_id or ""].last_day >= 180 for call in by_kind["after_200_days"])
    assert all(len(FILES[call.file_id or ""].people) == 40 for call in by_kind["many_parties"])
    assert all(re.search(r"\d{17}X", call.text) for call in by_kind["numbers_in_text"])
    assert all(not set(call.people) & set(FILES[call.file_id or ""].people) for call in by_kind["phone_changed"])


def test_it_refuses_a_set_it_cannot_make() -> None:
    with pytest.raises(ValueError, match="books"):
        match_set(1, book=2)
    with pytest.raises(ValueError, match="cannot make"):
        match_set(1, files=0)
    with pytest.raises(ValueError, match="can show the kind"):
        match_set(1, files=1)
