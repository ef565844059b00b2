"""Refusals. Each says who or what, since when, and what to do now, in both languages, as facts."""

from __future__ import annotations

from datetime import date, datetime
from string import Formatter
from typing import Any

from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LANGUAGES = ("zh-hans", "en")


class DomainError(Exception):
    """A change that can't be made, told as a colleague would tell it.

    ``message`` is a translatable sentence with named blanks, filled from ``facts``.
    ``status`` is the HTTP answer the edge gives.
    """

    code = "refused"
    status = 409
    message: str | Promise = _("This can't be done now.")

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        super().__init__(self.code)

    def detail(self, language: str | None = None) -> str:
        """The sentence in ``language`` (the active one by default)."""
        with translation.override(language or translation.get_language()):
            return _Filler().vformat(str(self.message), (), self.facts)

    def __str__(self) -> str:
        return self.detail("en")

    def as_json(self) -> dict[str, Any]:
        """The one shape of every refusal: ``{code, detail, detail_i18n, facts}``."""
        return {
            "code": self.code,
            "detail": self.detail(),
            "detail_i18n": {language: self.detail(language) for language in LANGUAGES},
            "facts": {key: _plain(value) for key, value in self.facts.items()},
        }


class _Filler(Formatter):
    """Fills the blanks; instants are shown in local time, lazy texts in the active language."""

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        value, used = super().get_field(field_name, args, kwargs)
        if isinstance(value, datetime) and timezone.is_aware(value):
            value = timezone.localtime(value)
        return (str(value) if isinstance(value, Promise) else value), used


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


class NotFound(DomainError):
    """Not there, or not yours: the two answer alike."""

    code = "not_found"
    status = 404
    message = _("No such record in your area. Check the number, or ask the duty leader.")


class PageUnknown(NotFound):
    """An address of no page."""

    code = "page_unknown"
    message = _("There is no page at this address. Check it, or begin at your first page.")


class PageFailed(DomainError):
    """A fault of the program's own, in words; what went wrong stands in the centre's log."""

    code = "page_failed"
    status = 500
    message = _(
        "This page failed at {at:%H:%M:%S}; what was saved before stands. Go back and try once more. "
        "If it fails again, work on by radio and paper and tell the administrator this time."
    )


class NotPermitted(DomainError):
    code = "not_permitted"
    status = 403
    message = _("Your role can't do this ({action}). Ask someone with one of these roles: {roles}.")


class NotSignedIn(DomainError):
    code = "not_signed_in"
    status = 401
    message = _("You are not signed in, or the session has ended. Sign in again; what you typed is kept.")


class BadInput(DomainError):
    """A value that can't be read. Names the field, what came, and what would do."""

    code = "bad_input"
    status = 422
    message = _("{field} can't be read: {problem}. Correct it and send again.")


class PurposeMissing(DomainError):
    """Personal data were to be read, and nobody said what for."""

    code = "purpose_missing"
    status = 403
    message = _(
        "Personal data ({what}) are shown for a purpose only, and none was named; nothing was shown. "
        "Choose a purpose beside the record; if this page never asks for one, tell the administrator its address."
    )


class LookNotLogged(DomainError):
    """Personal data were to be read and the look could not be put on record."""

    code = "look_not_logged"
    status = 503
    message = _(
        "Personal data ({what}) were not shown: the look could not be put on record. Calls are taken all the same; "
        "try again in a minute, and tell the administrator if it stays so."
    )


class WrongState(DomainError):
    """The record isn't in a state from which this step is possible."""

    code = "wrong_state"
    message = _(
        "{subject} is {state} since {since:%H:%M}; from there it can't become {wanted}. Next possible: {next}."
    )


class Overtaken(DomainError):
    """Somebody changed the record between the look and the step."""

    code = "overtaken"
    message = _("{subject} has just been changed by someone else and is now {state}. Look again, then decide.")


class FormStale(DomainError):
    """What was sent with a session did not come from a page of ours, or from one opened before the sign-in."""

    code = "form_stale"
    status = 403
    message = _(
        "This form was opened before you signed in, or comes from elsewhere; nothing was changed. "
        "Load the page again and send it once more."
    )


class IdempotencyKeyMissing(DomainError):
    code = "idempotency_key_missing"
    status = 400
    message = _("The request has no Idempotency-Key. Send it again with one, so that it takes effect once.")


class IdempotencyKeyReused(DomainError):
    code = "idempotency_key_reused"
    status = 422
    message = _(
        "This Idempotency-Key was used at {used_at:%H:%M:%S} for a different request. "
        "Use a new key for a new request."
    )


class EventTooNew(DomainError):
    """A newer edition of the program wrote this event; what it says is not guessed at."""

    code = "event_too_new"
    message = _(
        "Event {event} ({kind}, {at:%Y-%m-%d %H:%M}) was written by a newer edition of this program: its data is of "
        "edition {found}, this one reads up to {known}. Nothing was guessed and nothing changed. Start the newer "
        "edition again, or restore the backup made before it was installed."
    )


class StoreBusy(DomainError):
    """Another writer has held the store for too long; nothing was changed."""

    code = "store_busy"
    status = 503
    message = _(
        "The store has been busy with another change for {waited_s:g} seconds; nothing was saved. "
        "Send it again now; if it stays so, tell the administrator that an import or a backup holds the store."
    )


class StoreFull(DomainError):
    """The disk had no room for this change; nothing was changed, and the reserve has just been given free."""

    code = "store_full"
    status = 507
    message = _(
        "The server's disk is full; this was not saved. A reserve has just been given free: send it again now. "
        "Tell the administrator at once: the reserve lasts for some hours of calls."
    )


class StoreFullForGood(StoreFull):
    """Neither room nor reserve."""

    code = "store_full_for_good"
    message = _(
        "The server's disk is full and its reserve is used up; this was not saved. Keep this page open, or write it "
        "on paper, and send it again when the administrator has made room."
    )


class StoreFailing(DomainError):
    """The disk or the database server failed in the middle of a change; it may have been saved or not."""

    code = "store_failing"
    status = 503
    message = _(
        "The server's store failed at {at:%H:%M:%S}; whether this was saved is not certain. Send it again from this "
        "page as it is: it takes effect once. If it fails again, write it on paper and tell the administrator this "
        "time."
    )
