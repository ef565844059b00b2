"""In by the bureau's own sign-in service, which runs here over HTTP and signs real proofs."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from click.testing import CliRunner
from django.test import Client
from django.urls import reverse
from joserfc.jwk import ECKey

from accounts.sign_in_service import CLIENT, SECRET, served
from anlan.accounts import sign_in_service
from anlan.accounts.checks import sign_in_service_is_whole
from anlan.accounts.models import Person, RoleGrant, ServiceIdentity
from anlan.accounts.services import factor_begin, factor_demand, person_deactivate
from anlan.config.commands.sso import group
from anlan.core import clock
from anlan.core.actor import SYSTEM
from anlan.core.models import Event
from world import PASSWORD, T0

pytestmark = pytest.mark.django_db(databases="__all__")
OFF = {
    "issuer": "",
    "client": CLIENT,
    "secret": SECRET,
    "claim": "preferred_username",
    "scope": "openid profile",
    "label": "",
    "factors": "",
    "admit": "",
}


@pytest.fixture(scope="module")
def running():
    with served() as service:
        yield service


@pytest.fixture
def service(running, world, settings, monkeypatch):
    """The service as it is on a good day, set up here; nothing of an earlier day is held."""
    running.rotate()
    running.claims, running.planted, running.asked = {}, {}, []
    settings.OIDC = {**OFF, "issuer": running.issuer, "label": "市局统一认证"}
    monkeypatch.setattr(sign_in_service, "_providers", {})
    return running


@pytest.fixture
def browser():
    client = Client()
    client.cookies["anlan_language"] = "en"
    return client


def begin(browser, **more):
    answer = browser.get(reverse("accounts:service_begin"), more)
    assert answer.status_code == 302, answer.content
    return answer.headers["Location"]


def come_back(browser, told):
    return browser.get(reverse("accounts:service_back"), told, headers={"Accept": "application/json"})


def come(browser, service, **more):
    return come_back(browser, service.let_in(begin(browser, **more)))


def who(browser):
    key = browser.session.get("_auth_user_id")
    return Person.objects.get(pk=key).username if key else None


def refused(answer, status, code):
    told = answer.json()
    assert (answer.status_code, told["code"]) == (status, code), told
    chinese, english = told["detail_i18n"]["zh-hans"], told["detail_i18n"]["en"]
    assert chinese != english
    assert any("一" <= letter <= "鿿" for letter in chinese.replace("市局统一认证", ""))
    return english


def test_without_a_service_there_are_no_such_pages_and_the_door_shows_no_button(world, browser):
    for page in ("service_begin", "service_back", "service_leave"):
        assert browser.get(reverse(f"accounts:{page}")).status_code == 404
    assert "/sign-in/service" not in browser.get(reverse("accounts:sign_in")).text


def test_a_colleague_comes_in_by_the_service_and_it_is_on_the_record(browser, service):
    assert "市局统一认证" in browser.get(reverse("accounts:sign_in")).text
    answer = come(browser, service, next="/console")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/console")
    assert who(browser) == "ada"
    tied = ServiceIdentity.objects.get()
    assert (tied.issuer, tied.subject) == (service.issuer, "s-1")
    told = Event.objects.get(kind="accounts.signed_in").data
    assert (told["by_service"], told["factor"]) == (True, None)
    assert Event.objects.filter(kind="accounts.identity_tied").count() == 1
    assert "s-1" not in str(list(Event.objects.values_list("data", flat=True)))
    # The second time nothing new is tied, and nobody's roles came from outside.
    assert come(Client(), service).status_code == 302
    assert ServiceIdentity.objects.count() == 1


def test_what_is_asked_of_the_service_carries_pkce_state_and_nonce_anew_each_time(browser, service):
    first, second = (dict(parse_qsl(urlsplit(begin(browser)).query)) for _ in range(2))
    for key in ("state", "nonce", "code_challenge"):
        assert len(first[key]) >= 20
        assert first[key] != second[key]


@pytest.mark.parametrize(
    ("planted", "says"),
    [
        ({"claims": {"iss": "https://elsewhere.example"}}, "issued by another service"),
        ({"claims": {"aud": "another-program"}}, "meant for another program"),
        ({"claims": {"aud": "another-program", "azp": CLIENT}}, "meant for another program"),
        ({"claims": {"aud": [CLIENT, "another-program"], "azp": "another-program"}}, "meant for another program"),
        ({"claims": {"nonce": "of-another-day"}}, "belongs to another sign-in"),
        ({"claims": {"nonce": None}}, "belongs to another sign-in"),
        ({"claims": {"exp": 1_600_000_000}}, "run out"),
        ({"claims": {"iat": 4_000_000_000}}, "run out"),
        ({"claims": {"sub": None}}, "lacks"),
        ({"claims": {"at_hash": "no"}}, "lacks"),
        ({"alg": "none"}, "published keys"),
        ({"alg": "HS256"}, "published keys"),
        ({"key": ECKey.generate_key("P-256")}, "published keys"),
        ({"kid": "unheard-of"}, "published keys"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_proof_that_is_not_what_it_should_be_lets_nobody_in(browser, service, planted, says):
    service.planted = planted
    assert says in refused(come(browser, service), 403, "proof_wrong")
    assert who(browser) is None
    assert not ServiceIdentity.objects.exists()
    service.planted = {}
    assert come(browser, service).status_code == 302


def test_a_description_in_anothers_name_is_refused(browser, service):
    service.planted = {"issuer": "https://elsewhere.example"}
    answer = browser.get(reverse("accounts:service_begin"), headers={"Accept": "application/json"})
    assert "another service" in refused(answer, 403, "proof_wrong")


def test_an_answer_in_anothers_name_is_refused(browser, service):
    told = service.let_in(begin(browser)) | {"iss": "https://elsewhere.example"}
    assert "another service" in refused(come_back(browser, told), 403, "proof_wrong")


def test_a_service_may_change_its_keys_at_any_time(browser, service):
    come(browser, service)
    service.rotate()
    service.asked.clear()
    assert come(Client(), service).status_code == 302
    assert service.asked.count("/keys") == 1
    assert come(Client(), service).status_code == 302
    assert service.asked.count("/keys") == 1


def test_the_way_back_is_gone_once(browser, service):
    told = service.let_in(begin(browser))
    assert come_back(browser, told).status_code == 302
    refused(come_back(browser, told), 422, "sign_in_stale")
    # A code that somebody saw opens nothing in another browser, which has begun a sign-in of its own.
    thief = Client()
    begun = dict(parse_qsl(urlsplit(begin(thief)).query))
    refused(come_back(thief, told), 422, "sign_in_stale")
    begin(thief)
    refused(come_back(thief, told | {"state": thief.session["sign_in_service"]["state"]}), 403, "provider_refused")
    assert begun["state"] != told["state"]
    assert who(thief) is None


def test_a_code_given_to_one_browser_opens_nothing_in_another(browser, service):
    """Whoever plants their own code in a colleague's browser, or takes one on its way: PKCE has it refused."""
    stolen = service.let_in(begin(browser))
    thief = Client()
    begin(thief)
    refused(come_back(thief, stolen | {"state": thief.session["sign_in_service"]["state"]}), 403, "provider_refused")
    assert who(thief) is None


def test_whoever_takes_more_than_ten_minutes_begins_anew(browser, service, monkeypatch):
    told = service.let_in(begin(browser))
    later = clock.now() + timedelta(minutes=10, seconds=1)

    class Later(clock.datetime):
        @classmethod
        def now(cls, tz=None):
            return later

    monkeypatch.setattr(clock, "datetime", Later)
    refused(come_back(browser, told), 422, "sign_in_stale")


def test_who_is_refused_there_is_told_here(browser, service):
    told = service.let_in(begin(browser))
    answer = come_back(browser, {"state": told["state"], "error": "access_denied"})
    assert "access_denied" in refused(answer, 403, "provider_refused")


def test_nobody_gets_an_account_out_of_nothing(browser, service):
    service.claims = {"preferred_username": "stranger", "sub": "s-2"}
    assert "stranger" in refused(come(browser, service), 403, "account_unknown")
    assert not Person.objects.filter(username="stranger").exists()


def test_where_the_bureau_says_so_an_account_is_made_and_may_do_nothing(browser, service, settings):
    settings.OIDC = {**settings.OIDC, "admit": "west"}
    service.claims = {"preferred_username": "newcomer", "name": "新同事", "sub": "s-2", "roles": ["admin"]}
    assert come(browser, service).status_code == 302
    made = Person.objects.get(username="newcomer")
    assert (made.name, made.organisation.code, made.has_usable_password()) == ("新同事", "west", False)
    assert not RoleGrant.objects.filter(person=made).exists()
    assert browser.get("/api/calls", headers={"Accept": "application/json"}).status_code == 403


def test_a_name_that_goes_to_somebody_else_there_opens_nothing_here(browser, service):
    come(browser, service)
    service.claims = {"sub": "s-2"}
    refused(come(Client(), service), 403, "account_tied")
    # The lasting name decides, whatever the person is called now.
    service.claims = {"preferred_username": "ben"}
    married = Client()
    come(married, service)
    assert who(married) == "ada"
    told = CliRunner().invoke(group, ["untie", "ada"])
    assert "untied" in told.output
    service.claims = {"sub": "s-2"}
    assert come(Client(), service).status_code == 302


def test_a_closed_account_stays_closed(browser, service, world):
    come(browser, service)
    person_deactivate(person=world.people["ada"], by=SYSTEM, at=T0)
    refused(come(Client(), service), 403, "account_unknown")


def test_a_second_proof_there_counts_only_where_the_operator_says_so(browser, service, settings, world):
    factor_demand(role="dispatcher", by=SYSTEM, at=T0)
    service.claims = {"amr": ["pwd", "otp"], "acr": "gold"}
    assert come(browser, service).headers["Location"] == reverse("accounts:code")
    assert who(browser) is None
    for marks, counts in (("amr:otp", True), ("acr:gold", True), ("amr:hwk acr:silver", False)):
        settings.OIDC = {**settings.OIDC, "factors": marks}
        each = Client()
        assert (come(each, service).headers["Location"] == "/") is counts
        assert (who(each) == "ada") is counts
    assert set(Event.objects.filter(kind="accounts.signed_in").values_list("data__factor", flat=True)) == {"service"}
    factor_begin(person=world.people["ada"], by=world.actor("ada"), at=T0)


def test_who_signs_out_is_shown_the_way_out_there(browser, service):
    come(browser, service)
    door = browser.post(reverse("accounts:sign_out"), follow=True)
    assert reverse("accounts:service_leave") in door.text
    away = browser.get(reverse("accounts:service_leave")).headers["Location"]
    assert away.startswith(f"{service.issuer}/leave?")
    assert dict(parse_qsl(urlsplit(away).query))["post_logout_redirect_uri"].endswith("/sign-in")
    # Who came by password isn't sent there.
    browser.post(reverse("accounts:sign_in"), {"username": "ben", "password": PASSWORD})
    assert browser.post(reverse("accounts:sign_out")).headers["Location"] == reverse("accounts:sign_in")


def test_without_the_service_people_come_in_by_password(browser, service, settings):
    settings.OIDC = {**settings.OIDC, "issuer": "http://127.0.0.1:9"}
    answer = browser.get(reverse("accounts:service_begin"), headers={"Accept": "application/json"})
    assert "password" in refused(answer, 503, "provider_unreachable")
    answer = browser.post(reverse("accounts:sign_in"), {"username": "ada", "password": PASSWORD})
    assert (answer.status_code, who(browser)) == (302, "ada")


def test_a_service_without_tls_is_refused_at_start(settings):
    assert sign_in_service_is_whole(None) == []
    settings.OIDC = {**OFF, "issuer": "http://sso.example"}
    assert [found.id for found in sign_in_service_is_whole(None)] == ["accounts.E001"]
    settings.OIDC = {**OFF, "issuer": "https://sso.example", "factors": "otp"}
    assert [found.id for found in sign_in_service_is_whole(None)] == ["accounts.E002"]


def test_an_operator_can_ask_whether_it_answers(service):
    told = CliRunner().invoke(group, ["check"])
    assert told.exit_code == 0, told.output
    assert "publishes 1 keys" in told.output
    service.planted = {"issuer": "https://elsewhere.example"}
    sign_in_service._providers.clear()
    assert CliRunner().invoke(group, ["check"]).exit_code == 1


# The service itself comes to say that somebody has left


def told_to_go(service, **claims):
    told = {"logout_token": service.leaving(**claims)}
    return Client().post(reverse("accounts:service_gone"), told, headers={"Accept": "application/json"})


def test_whoever_is_shut_out_at_the_service_is_out_here_at_once(service, browser):
    service.claims = {"sid": "there-1"}
    come(browser, service)
    by_password = Client()
    by_password.post(reverse("accounts:sign_in"), {"username": "ada", "password": PASSWORD})
    answer = told_to_go(service, sub="s-1")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert browser.get(reverse("accounts:account")).status_code == 302
    # What was begun by a password here is not the service's to end.
    assert by_password.get(reverse("accounts:account")).status_code == 200
    assert [row.data["why"] for row in Event.objects.filter(kind="accounts.sessions_ended")] == ["service"]


@pytest.mark.parametrize(("sid", "ends"), [("there-1", True), ("there-2", False)])
def test_one_session_there_is_one_session_here(service, browser, sid, ends):
    service.claims = {"sid": "there-1"}
    come(browser, service)
    assert told_to_go(service, sid=sid).status_code == 200
    assert (browser.get(reverse("accounts:account")).status_code == 302) is ends


def test_told_again_later_it_ends_nothing_of_who_came_in_anew(service, browser):
    come(browser, service)
    token = service.leaving(sub="s-1", iat=-90)  # said before this sign-in
    answer = Client().post(reverse("accounts:service_gone"), {"logout_token": token})
    assert answer.status_code == 200
    assert browser.get(reverse("accounts:account")).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"events": {}},
        {"nonce": "n"},
        {"iss": "https://elsewhere.example"},
        {"aud": "another"},
        {"jti": ""},
        {"sub": "", "sid": ""},
        {"iat": -600},
        {"iat": 600},
        {"key": ECKey.generate_key("P-256")},
    ],
)
def test_nobody_else_ends_a_session_by_it(service, browser, wrong):
    come(browser, service)
    answer = told_to_go(service, **{"sub": "s-1", **wrong})
    assert (answer.status_code, answer.json()["code"]) == (403, "proof_wrong")
    assert browser.get(reverse("accounts:account")).status_code == 200


def test_what_says_that_somebody_left_lets_nobody_in(service, browser):
    service.planted = {"head": {"typ": "logout+jwt"}}
    refused(come(browser, service), 403, "proof_wrong")
    assert who(browser) is None


def test_where_no_service_is_set_up_nobody_is_told(world):
    answer = Client().post(reverse("accounts:service_gone"), {"logout_token": "x"})
    assert answer.status_code == 404
