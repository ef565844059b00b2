"""Refusals of this room."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.errors import DomainError


class NoticeAnswered(DomainError):
    """Somebody else was quicker; one answer is enough."""

    code = "notice_answered"
    message = _(
        "{who} acknowledged this notice at {since:%H:%M:%S}; one answer is enough. "
        "There is nothing left for you to do."
    )


class NoticeOver(DomainError):
    """A notice that has ended can't be answered any more."""

    code = "notice_over"
    message = _("This notice has been {state} since {since:%H:%M:%S}. If the matter still stands, send a new notice.")


class NoReceiver(DomainError):
    """A notice to nobody would look like one that was sent."""

    code = "no_receiver"
    message = _("Nobody would receive this notice. Choose a person, a role at an organisation, or a crew.")


class TextTooLong(DomainError):
    code = "text_too_long"
    status = 422
    message = _("The text has {length} characters; {most} fit on every screen and can be read aloud. Shorten it.")


class TextNamesSomebody(DomainError):
    code = "text_names_somebody"
    status = 422
    message = _(
        "The text holds what looks like a telephone or identity number. A notice lies open on many screens: leave "
        "the number out and name the incident; who handles it finds the caller there."
    )


class BadAddress(DomainError):
    """The address is not repeated: refusals are logged and shown."""

    code = "bad_address"
    status = 422
    message = _(
        "This is no address to which a {channel} can go. Give one receiver: a telephone number with digits only, "
        "one e-mail address, or the key of the group's robot."
    )
