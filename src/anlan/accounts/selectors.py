"""Who is this, and what lies in their reach."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models import Q
from django.utils.crypto import constant_time_compare
from django.utils.translation import get_language

from anlan.accounts.models import (
    ApiToken,
    FactorDemand,
    Organisation,
    Person,
    RecoveryCode,
    RoleGrant,
    SecondFactor,
    SignInTry,
)
from anlan.core.actor import Actor
from anlan.core.selectors import number_last
from anlan.core.services import keyed_hash
from anlan.core.snapshot import Snapshot

ANONYMOUS = Actor(kind="anonymous", name="–")
ACCOUNTS_CHANGES = "accounts-changes"
ACTOR_HELD_FOR = timedelta(seconds=60)
MAX_HELD = 10_000


def organisation_ids_beneath(organisation: Organisation) -> frozenset[int]:
    """Ids of the organisation and everything beneath it."""
    return frozenset(Organisation.objects.filter(path__startswith=organisation.path).values_list("id", flat=True))


def actor_for(person: Person, *, at: datetime) -> Actor:
    """The person as an actor at ``at``: roles in force, and the organisations they reach."""
    if not person.is_active:
        return ANONYMOUS
    grants = list(
        RoleGrant.objects.filter(Q(valid_to=None) | Q(valid_to__gt=at), person=person, valid_from__lte=at)
        .select_related("organisation")
        .only("role", "organisation__path", "organisation__parent_id")
    )
    paths = {grant.organisation.path for grant in grants}
    sees_all = any(grant.organisation.parent_id is None for grant in grants)
    reach = Q(pk__in=[])
    for path in paths:
        reach |= Q(path__startswith=path)
    return Actor(
        kind="person",
        id=person.pk,
        name=person.name,
        org_id=person.organisation_id,
        org_ids=frozenset(Organisation.objects.filter(reach).values_list("id", flat=True)),
        sees_all=sees_all,
        roles=frozenset(grant.role for grant in grants),
    )


def person_by_token(secret: str) -> Person | None:
    """The person whose unrevoked token this is."""
    digest = hashlib.sha256(secret.encode()).hexdigest()
    token = (
        ApiToken.objects.filter(digest=digest, revoked_at=None, person__is_active=True)
        .select_related("person")
        .first()
    )
    return token.person if token else None


def actor_by_token(secret: str, *, at: datetime) -> Actor:
    """The actor a token stands for; nobody where it is unknown or revoked."""

    def look() -> Actor:
        person = person_by_token(secret)
        return actor_for(person, at=at) if person else ANONYMOUS

    return _held.get(("token", hashlib.sha256(secret.encode()).hexdigest()), at, look)


def actor_by_person(person: Person, *, at: datetime) -> Actor:
    """The same as ``actor_for``, without asking again while no right has changed."""
    return _held.get(("person", person.pk), at, lambda: actor_for(person, at=at))


def actors_by_people(people: Iterable[Person], *, at: datetime) -> dict[int, Actor]:
    """``actor_by_person`` for many, by primary key: it is asked once whether any right has changed."""
    version = number_last(ACCOUNTS_CHANGES)
    return {
        each.pk: _held.get(("person", each.pk), at, partial(actor_for, each, at=at), version=version)
        for each in people
    }


class _HeldActors:
    """Actors as last looked up, good while no change to accounts has been committed, a minute at most.

    Every service of this room draws a number; one cheap question tells whether any has since.
    """

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str | int], tuple[int, datetime, Actor]] = {}

    def get(
        self, key: tuple[str, str | int], at: datetime, look: Callable[[], Actor], *, version: int | None = None
    ) -> Actor:
        """``version``: the number last drawn, where it has just been asked for others."""
        if version is None:
            version = number_last(ACCOUNTS_CHANGES)
        row = self._rows.get(key)
        if row is not None and row[0] == version and timedelta() <= at - row[1] < ACTOR_HELD_FOR:
            return row[2]
        if len(self._rows) > MAX_HELD:
            self._rows.clear()
        actor = look()
        if version:
            self._rows[key] = (version, at, actor)
        return actor

    def forget(self) -> None:
        """Look everybody up anew."""
        self._rows.clear()


_held = _HeldActors()


def people_by_sessions(keys: Collection[str], *, at: datetime) -> dict[str, Person]:
    """Who is signed in under which of these session keys, by the checks of a page: two questions for all of them.

    A key that is unknown, has run out or was made with another password is left out.
    """
    held = {
        row.session_key: row.get_decoded() for row in Session.objects.filter(session_key__in=keys, expire_date__gt=at)
    }
    ids = {data[SESSION_KEY] for data in held.values() if SESSION_KEY in data}
    people = {str(each.pk): each for each in Person.objects.filter(pk__in=ids, is_active=True)}
    marks = {key: each.get_session_auth_hash() for key, each in people.items()}
    return {
        key: people[who]
        for key, data in held.items()
        if (who := data.get(SESSION_KEY)) in people
        and constant_time_compare(data.get(HASH_SESSION_KEY, ""), marks[who])
    }


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
    """The demand on one of the person's roles at ``at``, the oldest first; None where a password is enough."""
    roles = RoleGrant.objects.filter(Q(valid_to=None) | Q(valid_to__gt=at), person=person, valid_from__lte=at)
    demands = FactorDemand.objects.filter(valid_to=None, valid_from__lte=at, role__in=roles.values("role"))
    return demands.order_by("valid_from", "id").first()


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
