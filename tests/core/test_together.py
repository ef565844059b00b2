"""Many commands, one commit: each as if alone, and nobody is answered before it is kept."""

from __future__ import annotations

import contextlib
import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from anlan.core import together
from anlan.core.errors import NotFound, StoreBusy
from anlan.core.models import Counter
from anlan.core.sqlite_backend.base import DatabaseWrapper
from anlan.core.together import MOST, commit_together

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]


def keep(name):
    return Counter.objects.create(name=name).name


class Desk:
    """The first command holds the line until all others stand in it; then they go on."""

    def __init__(self, crew):
        self.crew, self.inside, self.go_on = crew, threading.Event(), threading.Event()
        self.answers, self.line = {}, None

    def _first(self, act):
        def held():
            self.inside.set()
            assert self.go_on.wait(30)
            return act()

        return held

    def send(self, name, act, wait_s=30):
        def ask():
            try:
                self.answers[name] = commit_together(act)
            except Exception as refusal:
                self.answers[name] = refusal

        self.crew.start(ask)

    def all_of(self, first, *others):
        """Send all so that the others wait while the first is inside; what each was answered, by its name."""
        self.send("first", self._first(first))
        assert self.inside.wait(30)
        for number, act in enumerate(others):
            self.send(number, act)
        line = together._line()
        while len(line._waiting) < len(others):
            threading.Event().wait(0.005)
        self.go_on.set()
        self.crew.finish()
        return self.answers


@pytest.fixture
def desk(crew):
    return Desk(crew)


@pytest.fixture
def commits(monkeypatch):
    """The names that stand in the store after each commit."""
    seen, real = [], DatabaseWrapper._commit

    def counted(self):
        kept = real(self)
        seen.append(self.alias)
        return kept

    monkeypatch.setattr(DatabaseWrapper, "_commit", counted)
    return seen


def names():
    return set(Counter.objects.values_list("name", flat=True))


def test_what_stands_in_line_is_kept_by_one_commit(desk, commits):
    answers = desk.all_of(lambda: keep("first"), *(lambda n=n: keep(f"n{n}") for n in range(5)))
    assert answers == {"first": "first", **{n: f"n{n}" for n in range(5)}}
    assert names() == {"first", *(f"n{n}" for n in range(5))}
    assert commits == ["default"]


def test_no_more_than_so_many_share_a_commit_and_the_rest_share_the_next(desk, commits):
    desk.all_of(lambda: keep("first"), *(lambda n=n: keep(f"n{n}") for n in range(MOST + 3)))
    assert len(names()) == MOST + 4
    assert len(commits) == 2


def test_a_command_that_is_refused_leaves_nothing_and_hurts_nobody_beside_it(desk):
    def refused():
        keep("half")
        raise NotFound

    answers = desk.all_of(lambda: keep("first"), lambda: keep("before"), refused, lambda: keep("after"))
    assert isinstance(answers.pop(1), NotFound)
    assert answers == {"first": "first", 0: "before", 2: "after"}
    assert names() == {"first", "before", "after"}


def test_a_clash_in_the_store_is_the_clash_of_who_made_it(desk):
    answers = desk.all_of(lambda: keep("same"), lambda: keep("same"), lambda: keep("other"))
    assert isinstance(answers[0], IntegrityError)
    assert names() == {"same", "other"}


def test_where_the_first_is_refused_the_others_go_on_without_it(desk):
    def refused():
        raise NotFound

    answers = desk.all_of(refused, lambda: keep("one"), lambda: keep("two"))
    assert isinstance(answers["first"], NotFound)
    assert names() == {"one", "two"}


def test_nobody_is_answered_before_the_commit_has_come_back(desk, monkeypatch):
    answered_before, real = [], DatabaseWrapper._commit

    def slow(self):
        answered_before.append(dict(desk.answers))
        return real(self)

    monkeypatch.setattr(DatabaseWrapper, "_commit", slow)
    desk.all_of(lambda: keep("first"), lambda: keep("second"))
    assert answered_before == [{}]


def test_a_commit_that_fails_is_told_to_all_who_hang_on_it_and_nothing_is_kept(desk, monkeypatch):
    def full(self):
        self.connection.rollback()
        raise OSError("disk full")

    with monkeypatch.context() as fault:
        fault.setattr(DatabaseWrapper, "_commit", full)
        answers = desk.all_of(lambda: keep("first"), lambda: keep("second"), lambda: keep("third"))
    assert [str(answer) for answer in answers.values()] == ["disk full"] * 3
    assert not names()
    assert commit_together(lambda: keep("first")) == "first", "the line goes on"


def test_who_writes_for_others_does_it_in_their_language(desk):
    def in_english():
        with translation.override("en"):
            return commit_together(lambda: translation.get_language())

    told = {}
    desk.crew.start(lambda: told.update(first=commit_together(desk._first(translation.get_language))))
    assert desk.inside.wait(30)
    desk.crew.start(lambda: told.update(other=in_english()))
    while not together._line()._waiting:
        threading.Event().wait(0.005)
    desk.go_on.set()
    desk.crew.finish()
    assert told == {"first": "zh-hans", "other": "en"}


def test_who_stands_too_long_behind_a_slow_one_is_refused_and_has_changed_nothing(desk, monkeypatch):
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.05)
    desk.send("first", desk._first(lambda: keep("first")))
    assert desk.inside.wait(30)
    with pytest.raises(StoreBusy):
        together._line().write(lambda: keep("late"), within_s=0.05)
    desk.go_on.set()
    desk.crew.finish()
    assert names() == {"first"}


def test_a_failed_statement_that_was_passed_over_is_not_told_as_kept():
    def careless():
        keep("same")
        with contextlib.suppress(IntegrityError), transaction.atomic(savepoint=False):
            keep("same")
        return "kept"

    with pytest.raises(transaction.TransactionManagementError):
        commit_together(careless)
    assert not names()


def test_inside_a_transaction_that_is_open_a_command_is_part_of_it():
    def outer():
        with transaction.atomic():
            commit_together(lambda: keep("inner"))
            raise NotFound

    with pytest.raises(NotFound):
        outer()
    assert not names()
