"""Organisations, the people who work in them, what they may do, and what they prove themselves by."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.functional import Promise, lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Organisation(models.Model):
    """A node of the tree: the bureau, and under it zones, stations, town rooms, centres, partner desks.

    ``path`` is the chain of ids from the root, ``/1/4/9/``: everything beneath a node starts with it.
    """

    class Kind(models.TextChoices):
        BUREAU = "bureau", _("bureau")
        ZONE = "zone", _("zone")
        STATION = "station", _("police station")
        BRIGADE = "brigade", _("brigade")
        TOWN_ROOM = "town_room", _("town command room")
        MEDIATION_CENTRE = "mediation_centre", _("mediation centre")
        PARTNER = "partner", _("partner desk")

    code = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    name_zh = models.CharField(max_length=64)
    name_en = models.CharField(max_length=64)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(max_length=200, blank=True, db_index=True)
    contact_line = models.CharField(max_length=32, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(parent=None), name="accounts_one_root_per_kind"
            )
        ]

    def __str__(self) -> str:
        return self.name_zh

    @property
    def name_shown(self) -> Promise:
        """The name in the language in which it is shown, decided only then."""
        shown: Promise = lazy(self._name, str)()  # type: ignore[assignment]
        return shown

    def _name(self) -> str:
        return self.name_zh if (get_language() or "").startswith("zh") else self.name_en


class Role(models.TextChoices):
    """What a person does here; what each role may do stands in ``core/data/permissions.csv``."""

    CALL_TAKER = "call_taker", _("call taker")
    DISPATCHER = "dispatcher", _("dispatcher")
    DUTY_LEADER = "duty_leader", _("duty leader")
    STATION_ROOM = "station_room", _("station command room")
    PATROL = "patrol", _("patrol officer")
    BEAT_OFFICER = "beat_officer", _("community officer")
    TOWN_OPERATOR = "town_operator", _("town room operator")
    STREET_TEAM = "street_team", _("street team member")
    MEDIATION_DESK = "mediation_desk", _("guide desk of the mediation centre")
    MEDIATOR = "mediator", _("mediator")
    PARTNER_DESK = "partner_desk", _("partner desk")
    CHIEF = "chief", _("chief")
    ANALYST = "analyst", _("analyst")
    AUDITOR = "auditor", _("privacy officer")
    ADMIN = "admin", _("administrator")
    SECURITY_ADMIN = "security_admin", _("security administrator")
    INTEGRATION = "integration", _("feed of another system")


class PersonManager(BaseUserManager["Person"]):
    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(username=username)


class Person(AbstractBaseUser):
    """Somebody who works with the system. Rights come from roles at organisations, never from here.

    ``password_is_first``: somebody else set it, so that its owner sets another before anything.
    """

    username = models.CharField(_("user name"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=40)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="people")
    language = models.CharField(max_length=8, default="zh-hans")
    is_active = models.BooleanField(default=True)
    password_set_at = models.DateTimeField(null=True, blank=True)
    password_is_first = models.BooleanField(default=False)

    # Said of each on the page of accounts (``selectors.people_told``).
    roles: list[str]
    is_stale: bool
    now_in: int

    USERNAME_FIELD = "username"
    objects = PersonManager()

    def __str__(self) -> str:
        return self.name


class RoleGrant(models.Model):
    """A role held at an organisation for a time; it reaches everything beneath that organisation."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20, choices=Role.choices)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "role", "organisation"],
                condition=models.Q(valid_to=None),
                name="accounts_one_open_grant",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.role}"


class SignInTry(models.Model):
    """Wrong tries to sign in, by a keyed hash of user name and address; neither of them is kept."""

    key = models.CharField(max_length=32, unique=True)
    failures = models.PositiveIntegerField(default=0)
    failed_at = models.DateTimeField(db_index=True)
    locked_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.failures} tries"


class ApiToken(models.Model):
    """A secret for a program or a terminal; only its digest is kept. It opens nothing from ``expires_at`` on.

    ``last_used_at`` is true to the hour; ``warned_at`` is when somebody was told that it runs out.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="tokens")
    label = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    is_over: bool
    is_ending: bool
    """Set by ``selectors.tokens_told``: its time is over, or is so soon."""

    def __str__(self) -> str:
        return self.label


class SecondFactor(models.Model):
    """What somebody signs in with besides the password: an authenticator app, whose secret is kept enciphered.

    Not in force before ``set_at``. ``step`` is the last half-minute of which a code was taken: none opens twice.
    """

    person = models.OneToOneField(Person, models.PROTECT, related_name="second_factor")
    secret = models.CharField(max_length=200)
    begun_at = models.DateTimeField()
    set_at = models.DateTimeField(null=True, blank=True)
    step = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.person_id}"


class RecoveryCode(models.Model):
    """Opens once in place of a lost telephone; only a keyed digest of it is kept."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="recovery_codes")
    digest = models.CharField(max_length=32)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "digest"], name="accounts_recovery_code_once")]

    def __str__(self) -> str:
        return f"{self.person_id}"


class SignedIn(models.Model):
    """A session somebody signed in with: so that they, and who guards the doors, see it and can end it.

    ``service_subject`` and ``service_session`` are the sign-in service's own names for person and session there,
    by which it says that they have left. No row outlives its session for long.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="sessions")
    session_key = models.CharField(max_length=40, unique=True)
    since = models.DateTimeField(db_index=True)
    browser = models.CharField(max_length=40, blank=True)
    service_subject = models.CharField(max_length=255, blank=True)
    service_session = models.CharField(max_length=255, blank=True)

    class Meta:
        verbose_name_plural = "signed in"

    def __str__(self) -> str:
        return f"{self.person_id}"


class GlassBroken(models.Model):
    """Somebody reaches an organisation that isn't theirs, for half an hour and a stated reason.

    Over at ``ends_at`` to the second, or when it is given back. Afterwards somebody who guards the record says what
    they found (``reviewed_at``).
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="glasses")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    broken_at = models.DateTimeField(db_index=True)
    ends_at = models.DateTimeField(db_index=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    finding = models.CharField(max_length=200, blank=True)

    # Said of each on its page (``selectors.glasses_for``).
    is_open: bool
    looks: int

    class Meta:
        verbose_name_plural = "glasses broken"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gte=models.F("broken_at")), name="accounts_glass_ends_after_it_began"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.organisation_id}"


class FactorDemand(models.Model):
    """Since when, and until when, whoever holds a role must sign in with two proofs.

    Where an ``organisation`` is named, only who holds it there or beneath; without a ``role`` everybody there.
    """

    role = models.CharField(max_length=20, choices=Role.choices, blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["role"], condition=models.Q(valid_to=None, organisation=None), name="accounts_one_open_demand"
            ),
            models.UniqueConstraint(
                fields=["role", "organisation"],
                condition=models.Q(valid_to=None),
                name="accounts_one_open_demand_there",
            ),
            models.CheckConstraint(
                condition=~models.Q(role="", organisation=None), name="accounts_demand_says_of_whom"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role or '*'} {self.organisation_id or ''}".strip()


class ServiceIdentity(models.Model):
    """By which lasting name a sign-in service knows a person; from the first time on that name decides, no other."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="service_identities")
    issuer = models.CharField(max_length=200)
    subject = models.CharField(max_length=255)
    tied_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "service identities"
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="accounts_subject_of_one_person"),
            models.UniqueConstraint(fields=["person", "issuer"], name="accounts_one_subject_a_service"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}"
