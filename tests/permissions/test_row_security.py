"""PostgreSQL's own policies: with the program's filter taken out, the store itself hands out nobody of others."""

from __future__ import annotations

from threading import Thread
from unittest import mock

import pytest
from click.testing import CliRunner
from django.db import connection, transaction

from anlan.accounts.selectors import ANONYMOUS, actor_for
from anlan.citizen.models import CitizenRequest
from anlan.citizen.selectors import requests_of_incident
from anlan.config.commands.guard import group
from anlan.config.row_security import OWNERS, policies_drop, policies_make, role_make, standing
from anlan.core.actor import SYSTEM
from anlan.core.purpose import looking, machine_use
from anlan.core.reach import EVERYTHING, GUARDED, LOOKED_EVERY, guard_look_again, is_guarded, reaching_as
from anlan.core.scope import ScopedQuerySet
from anlan.disputes.models import PartyIdentity, SessionMinutes
from anlan.intake.models import Call, Reporter
from anlan.intake.parts import reporter_keep
from anlan.notices.models import MessageRecipient
from permissions.county import FOREIGN, NOW, RELATIONS
from permissions.doors import doors

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.postgres]
ROLE = "anlan_centre_in_tests"
TELLING = ("/api/calls/{call}/reporter", "/api/parties/{party}/reveal", "/api/sessions/{session}/minutes")
MODELS = (Reporter, PartyIdentity, SessionMinutes, CitizenRequest, MessageRecipient)


@pytest.fixture
def guarded(county):
    """The centre's own role, bound by the policies; as it was afterwards."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            policies_make(cursor)
            role_make(cursor, ROLE)
            cursor.execute(f"SET LOCAL ROLE {ROLE}")
        guard_look_again(connection)
        yield county
        transaction.set_rollback(True)
    guard_look_again(connection)


@pytest.fixture
def unfiltered():
    """The first net gone: every look-up by reach gives everything."""
    with mock.patch.object(ScopedQuerySet, "visible_to", lambda rows, actor: rows):
        yield


def telling():
    found = [door for door in doors() if door.path in TELLING and door.record in ("call", "party", "session")]
    assert len(found) == len(TELLING)
    return [(door, next(role for role in ("station_room", "mediator") if role in door.roles)) for door in found]


def test_without_either_net_others_people_are_told(knocker, unfiltered):
    """So that the next test means something."""
    for door, role in telling():
        answer = knocker.ask(door, role, "sister", brief=True)
        assert answer.status == 200, (door, answer.body)
        assert "sister" in answer.body


def test_with_the_filter_taken_out_the_store_hands_out_nothing_of_others(guarded, knocker, unfiltered):
    for door, role in telling():
        for relation in FOREIGN:
            answer = knocker.ask(door, role, relation, brief=True)
            assert answer.status >= 400, (door, answer.body)
            assert relation not in answer.body.replace(door.path, "")


def test_whoever_may_see_it_sees_it_as_before(guarded, knocker):
    for door, role in telling():
        for relation in ("own", "beneath"):
            answer = knocker.ask(door, role, relation, brief=True)
            assert (answer.status, relation in answer.body) == (200, True), (door, answer.body)


def test_each_reach_is_handed_just_its_own_rows(guarded):
    actor = actor_for(guarded.people["station_room"], at=NOW)
    for model in MODELS:
        assert model._meta.db_table in OWNERS
        each = model.objects.count() // len(RELATIONS)
        assert each > 0
        with reaching_as(actor):
            assert model.objects.count() == 2 * each  # its own and those beneath
        with reaching_as(ANONYMOUS):
            assert not model.objects.exists()


def test_with_the_policies_dropped_the_store_hands_out_what_is_others(guarded):
    """The plant: what the test above relies on, taken away."""
    actor = actor_for(guarded.people["station_room"], at=NOW)
    all_there_are = [model.objects.count() for model in MODELS]
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        policies_drop(cursor)
        cursor.execute(f"SET LOCAL ROLE {ROLE}")
    with reaching_as(actor):
        assert [model.objects.count() for model in MODELS] == all_there_are


def test_a_look_reaches_as_far_as_whoever_looks_and_a_use_that_shows_nothing_further(guarded):
    actor = actor_for(guarded.people["station_room"], at=NOW)
    everybody, own = Reporter.objects.count(), 2
    target = Reporter.objects.only("id").first()
    with looking("call_back", by=actor, at=NOW, target=target):
        assert Reporter.objects.count() == own
    with reaching_as(actor):
        with machine_use("compare"):
            assert Reporter.objects.count() == everybody
        with machine_use("mask"):
            assert Reporter.objects.count() == own
        with looking("message", by=SYSTEM, at=NOW, target=target):
            assert Reporter.objects.count() == everybody


def test_what_is_changed_or_taken_away_without_a_filter_is_ones_own_alone(guarded):
    actor = actor_for(guarded.people["station_room"], at=NOW)
    everybody, own = Reporter.objects.count(), 2
    with reaching_as(ANONYMOUS):
        assert (Reporter.objects.update(expires_at=NOW), Reporter.objects.all().delete()[0]) == (0, 0)
    with reaching_as(actor):
        assert Reporter.objects.update(expires_at=NOW) == own
        assert Reporter.objects.all().delete()[0] == own
        with reaching_as(SYSTEM):
            assert Reporter.objects.update(expires_at=NOW) == everybody - own


def test_a_call_for_another_station_is_put_down_and_told_anew_whoever_takes_it(guarded):
    """An emergency call is never refused, whosever it is; the one who took it doesn't read it for that."""
    call = Call.objects.get(pk=guarded.records["sister"]["call"])
    Reporter.objects.filter(call=call).delete()
    Call.objects.filter(pk=call.pk).update(ringing_at=NOW)
    call.refresh_from_db()
    told = {"is_confidential": False, "at": NOW}
    with reaching_as(actor_for(guarded.people["station_room"], at=NOW)):
        reporter_keep(call=call, name="", phone="13900000001", **told)
        reporter_keep(call=call, name="Zhao", phone="", **told)
        assert not Reporter.objects.filter(call=call).exists()
    assert Reporter.objects.filter(call=call, phone="13900000001", name="Zhao").count() == 1


def test_a_statement_past_the_program_is_handed_nothing(guarded):
    """A cursor of the driver's own says on nobody's behalf."""
    with connection.connection.cursor() as cursor:
        for table in GUARDED:
            cursor.execute("SELECT set_config('anlan.reach', '', true)")
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone()[0] == 0


def test_what_citizens_asked_is_told_within_reach_alone_though_nobody_filters(guarded):
    actor = actor_for(guarded.people["station_room"], at=NOW)
    asked = {relation: guarded.records[relation]["incident"] for relation in RELATIONS}
    with reaching_as(actor):
        found = {relation for relation, incident in asked.items() if requests_of_incident(incident)}
    assert found == set(RELATIONS) - set(FOREIGN)


def test_a_store_without_policies_is_told_nothing_and_begins_no_transaction(county):
    """Each statement would else cost three more to and fro."""
    sent = []

    def note(execute, sql, *rest):
        sent.append(str(sql))
        return execute(sql, *rest)

    guard_look_again(connection)
    assert not is_guarded(connection)
    with connection.execute_wrapper(note), reaching_as(ANONYMOUS):
        for model in MODELS:
            model.objects.exists()
    assert len(sent) == len(MODELS)
    with connection.connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('anlan.reach', true), '')")
        assert cursor.fetchone()[0] == ""


def test_policies_made_while_the_centre_runs_are_noticed_and_hand_out_nothing_meanwhile(guarded):
    connection.anlan_guarded = (False, LOOKED_EVERY)
    seen = [Reporter.objects.exists() for _ in range(LOOKED_EVERY + 1)]
    assert seen == [False] * LOOKED_EVERY + [True]


def test_the_reach_does_not_stay_with_the_connection(county):
    """A pool hands connections on: what was told holds for its own transaction alone."""

    def ask():
        try:
            connection.ensure_connection()
            connection.anlan_guarded = (True, 0)  # as in a store that has policies
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*), current_setting('anlan.reach', true) FROM intake_reporter")
                told.append(cursor.fetchone()[1])
                cursor.execute("SELECT current_setting('anlan.reach', true)")
                told.append(cursor.fetchone()[0])
        finally:
            connection.close()

    told = []
    other = Thread(target=ask)  # with a connection of its own, outside any transaction
    other.start()
    other.join()
    assert told == [EVERYTHING, ""]


def test_the_operator_is_told_whether_the_store_is_guarded(county):
    run = CliRunner()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        assert run.invoke(group, ["on", "--role", ROLE]).exit_code == 0
        with connection.cursor() as cursor:
            rows, passes = standing(cursor)
            assert {row.table for row in rows if row.is_on and row.is_forced and row.has_policy} == set(GUARDED)
            assert passes  # the tests' own role is a superuser
            assert run.invoke(group, ["status"]).exit_code == 1
            cursor.execute(f"SET LOCAL ROLE {ROLE}")
            assert run.invoke(group, ["status"]).exit_code == 0
            cursor.execute("RESET ROLE")
            policies_drop(cursor)
        told = run.invoke(group, ["status"])
        assert told.output.count("not guarded") == len(GUARDED)
        transaction.set_rollback(True)
