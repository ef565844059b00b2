"""Who is this, and what lies in their reach."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models import F, Q, QuerySet
from django.utils.crypto import constant_time_compare
from django.utils.translation import get_language

from anlan.accounts.models import (
    ApiToken,
    FactorDemand,
    GlassBroken,
    Organisation,
    Person,
    RecoveryCode,
    RoleGrant,
    SecondFactor,
    SignedIn,
    SignInTry,
)
from anlan.accounts.profiles import FIRST_HOLDS, STALE_AFTER, is_over, profile
from anlan.core.actor import Actor
from anlan.core.errors import NotFound
from anlan.core.models import ViewLog
from anlan.core.permissions import permitted
from anlan.core.selectors import number_last
from anlan.core.services import keyed_hash
from anlan.core.snapshot import Snapshot

ANONYMOUS = Actor(kind="anonymous", name="–")
ACCOUNTS_CHANGES = "accounts-changes"
ACTOR_HELD_FOR = timedelta(seconds=60)
MAX_HELD = 10_000
TOKEN_WARNED = timedelta(days=14)
"""So long before a program's secret runs out somebody is told."""
TOKENS_SHOWN_FOR = timedelta(days=90)
"""So long those that ran out are still listed."""
SINCE, SEEN = "since", "seen"
"""In the session: when it began, and when its owner last did something; seconds since 1970."""
MAY_SIT = "accounts.sit"
"""The action of those on watch, at a desk or with a phone in the car: a quiet quarter of an hour is no absence, and
that phone asks an officer alone whether all is well."""


def organisation_ids_beneath(organisation: Organisation) -> frozenset[int]:
    """Ids of the organisation and everything beneath it."""
    return frozenset(Organisation.objects.filter(path__startswith=organisation.path).values_list("id", flat=True))


def actor_for(person: Person, *, at: datetime) -> Actor:
    """The person as an actor at ``at``: roles in force, and the organisations they reach.

    Whoever broke the glass reaches that organisation as well, until that is over.
    """
    return _actor_until(person, at)[0]


def _actor_until(person: Person, at: datetime) -> tuple[Actor, datetime | None]:
    """The actor, and when by the clock alone it is no longer that one."""
    if not person.is_active:
        return ANONYMOUS, None
    grants = list(
        RoleGrant.objects.filter(Q(valid_to=None) | Q(valid_to__gt=at), person=person, valid_from__lte=at)
        .select_related("organisation")
        .only("role", "valid_to", "organisation__path", "organisation__parent_id")
    )
    paths = {grant.organisation.path for grant in grants}
    broken = glasses_open(at=at).filter(person=person).values_list("organisation__path", "ends_at")
    glasses = list(broken) if grants else []
    ends = {until for _path, until in glasses} | {grant.valid_to for grant in grants if grant.valid_to}
    paths.update(path for path, _until in glasses)
    sees_all = any(grant.organisation.parent_id is None for grant in grants)
    reach = Q(pk__in=[])
    for path in paths:
        reach |= Q(path__startswith=path)
    actor = Actor(
        kind="person",
        id=person.pk,
        name=person.name,
        org_id=person.organisation_id,
        org_ids=frozenset(Organisation.objects.filter(reach).values_list("id", flat=True)),
        sees_all=sees_all,
        roles=frozenset(grant.role for grant in grants),
    )
    return actor, min(ends, default=None)


def token_digest(secret: str) -> str:
    """Under which a program's secret is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def token_for(secret: str) -> ApiToken | None:
    """The unrevoked token of an open account with this secret, whether or not its time is over."""
    rows = ApiToken.objects.filter(digest=token_digest(secret), revoked_at=None, person__is_active=True)
    return rows.select_related("person").first()


def token_over(secret: str, *, at: datetime) -> ApiToken | None:
    """The token whose time is over at ``at``; None where it is good, or nobody's."""
    token = token_for(secret)
    return token if token and token.expires_at and token.expires_at <= at else None


def actor_by_token(secret: str, *, at: datetime) -> Actor:
    """The actor a token stands for; nobody where it is unknown or revoked, or its time is over."""

    def look() -> tuple[Actor, datetime | None]:
        token = token_for(secret)
        if token is None or (token.expires_at and token.expires_at <= at):
            return ANONYMOUS, None
        actor, until = _actor_until(token.person, at)
        return actor, min(filter(None, (until, token.expires_at)), default=None)

    return _held.get(("token", token_digest(secret)), at, look)


def tokens_told(actor: Actor, *, at: datetime) -> list[ApiToken]:
    """Tokens of open accounts in the actor's reach that are good at ``at`` or ran out since ``TOKENS_SHOWN_FOR``.

    What runs out first comes first; each with ``is_over`` and ``is_ending``.
    """
    rows = ApiToken.objects.filter(revoked_at=None, person__is_active=True).select_related("person__organisation")
    rows = rows.exclude(expires_at__lt=at - TOKENS_SHOWN_FOR)
    if not actor.sees_all:
        rows = rows.filter(person__organisation__in=actor.org_ids)
    told = list(rows.order_by(F("expires_at").asc(nulls_last=True), "id"))
    for row in told:
        row.is_over = row.expires_at is not None and row.expires_at <= at
        row.is_ending = not row.is_over and row.expires_at is not None and row.expires_at <= at + TOKEN_WARNED
    return told


def tokens_to_warn(*, at: datetime) -> list[ApiToken]:
    """Tokens that run out within a fortnight of ``at``, of which nobody was told yet."""
    rows = ApiToken.objects.filter(warned_at=None, revoked_at=None, person__is_active=True)
    rows = rows.filter(expires_at__gt=at, expires_at__lte=at + TOKEN_WARNED).select_related("person__organisation")
    return list(rows.order_by("expires_at", "id"))


def actor_by_person(person: Person, *, at: datetime) -> Actor:
    """The same as ``actor_for``, without asking again while no right has changed."""
    return _held.get(("person", person.pk), at, lambda: _actor_until(person, at))


def actors_by_people(people: Iterable[Person], *, at: datetime) -> dict[int, Actor]:
    """``actor_by_person`` for many, by primary key: it is asked once whether any right has changed."""
    version = number_last(ACCOUNTS_CHANGES)
    return {
        each.pk: _held.get(("person", each.pk), at, partial(_actor_until, each, at), version=version)
        for each in people
    }


class _HeldActors:
    """Actors as last looked up, good while no change to accounts has been committed, a minute at most.

    Every service of this room draws a number; one cheap question tells whether any has since.
    """

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str | int], tuple[int, datetime, datetime, Actor]] = {}

    def get(
        self,
        key: tuple[str, str | int],
        at: datetime,
        look: Callable[[], tuple[Actor, datetime | None]],
        *,
        version: int | None = None,
    ) -> Actor:
        """``version``: the number last drawn, where it has just been asked for others.

        What ``look`` finds is good until the time it says as well: a right that ends by the clock ends to the second.
        """
        if version is None:
            version = number_last(ACCOUNTS_CHANGES)
        row = self._rows.get(key)
        if row is not None and row[0] == version and row[1] <= at < row[2]:
            return row[3]
        if len(self._rows) > MAX_HELD:
            self._rows.clear()
        actor, until = look()
        if version:
            self._rows[key] = (version, at, min(at + ACTOR_HELD_FOR, until or at + ACTOR_HELD_FOR), actor)
        return actor

    def forget(self) -> None:
        """Look everybody up anew."""
        self._rows.clear()


_held = _HeldActors()


def people_by_sessions(keys: Collection[str], *, at: datetime) -> dict[str, Person]:
    """Who is signed in under which of these session keys, by the checks of a page: two questions for all of them.

    A key that is unknown, has run out or was made with another password is left out.
    """
    held = _sessions(keys, at)
    ids = {data[SESSION_KEY] for data in held.values() if SESSION_KEY in data}
    people = {str(each.pk): each for each in Person.objects.filter(pk__in=ids, is_active=True)}
    marks = {key: each.get_session_auth_hash() for key, each in people.items()}
    return {
        key: people[who]
        for key, data in held.items()
        if (who := data.get(SESSION_KEY)) in people
        and constant_time_compare(data.get(HASH_SESSION_KEY, ""), marks[who])
        and not session_is_over(data, people[who], at=at)
    }


def _sessions(keys: Collection[str], at: datetime) -> dict[str, dict[str, Any]]:
    rows = Session.objects.filter(session_key__in=keys, expire_date__gt=at)
    return {row.session_key: row.get_decoded() for row in rows}


def session_is_over(data: Mapping[str, Any], person: Person, *, at: datetime) -> bool:
    """Whether a session has lasted its time, or nobody has done anything in it for too long.

    One from before sessions bore such marks ends as it would have then.
    """
    since, seen = (_instant(data.get(mark)) for mark in (SINCE, SEEN))
    # Who may sit is asked only where it matters: it costs a look at their rights.
    if not is_over(since=since, seen=seen, may_sit=False, at=at):
        return False
    return is_over(since=since, seen=seen, may_sit=_may_sit(person, at), at=at)


def _may_sit(person: Person, at: datetime) -> bool:
    return not settings.IDLE_DESKS and permitted(actor_by_person(person, at=at), MAY_SIT)


def _instant(told: Any) -> datetime | None:
    return datetime.fromtimestamp(told, UTC) if isinstance(told, int | float) else None


def sessions_of(person: Person, *, at: datetime) -> list[SignedIn]:
    """The sessions this person is signed in with now, the newest first."""
    rows = list(SignedIn.objects.filter(person=person).order_by("-since"))
    held = people_by_sessions([row.session_key for row in rows], at=at)
    return [row for row in rows if row.session_key in held]


def people_stale(*, at: datetime) -> list[Person]:
    """Open accounts with a password that nobody came in with for 90 days."""
    rows = Person.objects.filter(is_active=True).exclude(password__startswith="!").select_related("organisation")
    before = at - STALE_AFTER
    return [row for row in rows.order_by("username") if (row.last_login or row.password_set_at or before) <= before]


def password_due(person: Person, *, at: datetime) -> str:
    """Why the person sets another password before anything: ``first`` or ``old``; empty where they needn't."""
    if settings.DEMO or not person.has_usable_password():
        return ""
    if person.password_is_first:
        return "first"
    renewed = profile().renewed_after
    return "old" if renewed and person.password_set_at and at - person.password_set_at >= renewed else ""


def first_password_over(person: Person, *, at: datetime) -> datetime | None:
    """When the password somebody else set stopped opening anything; None where it is one's own, or still good."""
    if not person.password_is_first or person.password_set_at is None:
        return None
    until: datetime = person.password_set_at + FIRST_HOLDS
    return until if at >= until else None


def glasses_open(*, at: datetime) -> QuerySet[GlassBroken]:
    """Who reaches beyond their own at ``at`` by having broken the glass."""
    return GlassBroken.objects.filter(broken_at__lte=at, ends_at__gt=at)


def glasses_for(actor: Actor, *, at: datetime) -> list[GlassBroken]:
    """Looks beyond, the newest first: one's own, those into one's reach; each with ``is_open`` and ``looks``."""
    rows = GlassBroken.objects.select_related("person__organisation", "organisation", "reviewed_by")
    if not actor.sees_all:
        rows = rows.filter(Q(person_id=actor.id) | Q(organisation__in=actor.org_ids))
    told = list(rows.order_by("-broken_at", "-pk")[:GLASSES_SHOWN])
    for row in told:
        row.is_open = row.ends_at > at
        row.looks = looks_between(row)
    return told


GLASSES_SHOWN = 200


def looks_between(glass: GlassBroken) -> int:
    """How often whoever broke it looked at protected data in that time."""
    looks = ViewLog.objects.filter(actor_kind="person", actor_id=glass.person_id, at__gte=glass.broken_at)
    return looks.filter(at__lt=glass.ends_at).count()


def glass_for(actor: Actor, key: int) -> GlassBroken:
    """One of them that the actor may see, or ``NotFound``."""
    rows = GlassBroken.objects.select_related("organisation")
    if not actor.sees_all:
        rows = rows.filter(Q(person_id=actor.id) | Q(organisation__in=actor.org_ids))
    row = rows.filter(pk=key).first()
    if row is None:
        raise NotFound
    return row


def organisations_beyond(actor: Actor) -> list[Organisation]:
    """Active organisations that the actor doesn't reach, in tree order."""
    return [] if actor.sees_all else [row for row in organisations() if row.pk not in actor.org_ids]


def person_known(actor: Actor, key: int) -> Person:
    """Somebody of an organisation in the actor's reach, or ``NotFound``."""
    row = Person.objects.filter(pk=key).first()
    if row is None or not (actor.sees_all or row.organisation_id in actor.org_ids):
        raise NotFound
    return row


def people_told(actor: Actor, *, at: datetime) -> list[Person]:
    """Accounts of the actor's reach in the order of the tree, each with ``roles``, ``is_stale`` and ``now_in``."""
    people = Person.objects.select_related("organisation").order_by("organisation__path", "username")
    rows = list(people if actor.sees_all else people.filter(organisation__in=actor.org_ids))
    stale = {row.pk for row in people_stale(at=at)}
    grants: dict[int, list[str]] = {}
    held = RoleGrant.objects.filter(Q(valid_to=None) | Q(valid_to__gt=at), valid_from__lte=at)
    for grant in held.order_by("role"):
        grants.setdefault(grant.person_id, []).append(str(grant.get_role_display()))
    noted = dict(SignedIn.objects.values_list("session_key", "person_id"))
    sessions = Counter(noted[key] for key in people_by_sessions(list(noted), at=at))
    for row in rows:
        row.roles, row.is_stale, row.now_in = grants.get(row.pk, []), row.pk in stale, sessions[row.pk]
    return rows


def sign_in_key(username: str, address: str) -> str:
    """Under which wrong tries are counted: one user name from one address, neither readable from it."""
    return keyed_hash(f"sign-in:{username.strip().casefold()}|{address}")


def sign_in_locked(*, username: str, address: str, at: datetime) -> SignInTry | None:
    """The tries that keep this user name from signing in from this address at ``at``; None if none do."""
    return SignInTry.objects.filter(key=sign_in_key(username, address), locked_until__gt=at).first()


def _cipher() -> Fernet:
    """Kept apart from what signs sessions, though drawn from the same key of the home folder."""
    how = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"anlan second factor")
    return Fernet(base64.urlsafe_b64encode(how.derive(settings.SECRET_KEY.encode())))


def secret_sealed(secret: str) -> str:
    """A secret as the store keeps it: who has the store alone, or a backup of it, can't read it."""
    return _cipher().encrypt(secret.encode()).decode()


def secret_opened(sealed: str) -> str:
    """The secret itself. Raises ``cryptography.fernet.InvalidToken`` where the home folder's key is another one."""
    return _cipher().decrypt(sealed.encode()).decode()


def recovery_digest(person: Person, code: str) -> str:
    """Under which a code for a lost telephone is kept."""
    return keyed_hash(f"recovery:{person.pk}|{code}")


def factor_of(person: Person) -> SecondFactor | None:
    """The second proof in force."""
    return SecondFactor.objects.filter(person=person).exclude(set_at=None).first()


def factor_begun(person: Person) -> str:
    """The secret that waits for its first code; nothing where none does."""
    row = SecondFactor.objects.filter(person=person, set_at=None).first()
    return secret_opened(row.secret) if row else ""


def recovery_codes_left(person: Person) -> int:
    return RecoveryCode.objects.filter(person=person, used_at=None).count()


def factor_demand_on(person: Person, *, at: datetime) -> FactorDemand | None:
    """The demand on the person at ``at``, the oldest first; None where a password is enough.

    One of a role is on whoever holds it; one of an organisation on whoever holds a role there or beneath.
    """
    grants = RoleGrant.objects.filter(Q(valid_to=None) | Q(valid_to__gt=at), person=person, valid_from__lte=at)
    held = set(grants.values_list("role", "organisation__path"))
    demands = FactorDemand.objects.filter(valid_to=None, valid_from__lte=at).select_related("organisation")
    for demand in demands.order_by("valid_from", "id"):
        where = demand.organisation.path if demand.organisation else ""
        if any(demand.role in ("", role) and path.startswith(where) for role, path in held):
            return demand
    return None


def demand_told(demand: FactorDemand) -> str:
    """Of whom a second proof is demanded, in words: a role, an organisation, or a role there."""
    role = str(demand.get_role_display()) if demand.role else ""
    where = str(demand.organisation.name_shown) if demand.organisation else ""
    return " · ".join(part for part in (role, where) if part)


def organisation_by_code(code: str) -> Organisation | None:
    return Organisation.objects.filter(code=code).first()


def _names_load() -> dict[str, tuple[str, str]]:
    return {code: (zh, en) for code, zh, en in Organisation.objects.values_list("code", "name_zh", "name_en")}


_names = Snapshot(_names_load, lambda: number_last(ACCOUNTS_CHANGES))


def organisation_names() -> dict[str, tuple[str, str]]:
    """Code to Chinese and English name of every organisation, held in memory."""
    return _names.get()


class OrganisationNames(Mapping[str, str]):
    """Codes of organisations to their names in the active language."""

    def __getitem__(self, code: str) -> str:
        zh, en = organisation_names()[code]
        return zh if (get_language() or "").startswith("zh") else en

    def __iter__(self) -> Iterator[str]:
        return iter(organisation_names())

    def __len__(self) -> int:
        return len(organisation_names())


def organisations(kind: str | None = None) -> list[Organisation]:
    """All active organisations in tree order, or those of one kind."""
    rows = Organisation.objects.filter(is_active=True)
    return list(rows.filter(kind=kind) if kind else rows)
