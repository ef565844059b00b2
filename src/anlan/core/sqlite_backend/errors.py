"""Refusals of a centre that has a standby."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.errors import DomainError


class Replaced(DomainError):
    """Another machine has taken over from this one; here nothing is written any more."""

    code = "replaced"
    status = 503
    message = _(
        "This machine was replaced at {at:%H:%M:%S} by {by}; nothing was saved here and nothing will be. "
        "Open the centre's address on the new machine and send it again there; if this page comes up again, "
        "tell the administrator that the address still leads to the old one."
    )


class StandbySilent(DomainError):
    """The standby does not answer, and a commit before has not reached it: nothing more is written meanwhile."""

    code = "standby_silent"
    status = 503
    message = _(
        "The second machine has not answered since {since:%H:%M:%S}, and this centre keeps nothing on one machine "
        "alone; this was not saved. Keep the page, send it again in a moment, and tell the administrator now."
    )


class StandbyUnsure(DomainError):
    """Committed here and not known to be with the standby: it may be lost with this machine, so it isn't accepted."""

    code = "standby_unsure"
    status = 503
    message = _(
        "The second machine has not answered since {since:%H:%M:%S}; whether this is safe is not certain. Send it "
        "again from this page as it is: it takes effect once. Tell the administrator now."
    )


class CutOff(DomainError):
    """No word from the second machine for longer than the lease: it may have taken over. New calls go on."""

    code = "cut_off"
    status = 503
    message = _(
        "This machine has not heard from the second one since {since:%H:%M:%S}, and that one may have taken over; so "
        "only new calls are taken here, and this was not saved. Ask the duty leader which machine is the centre. "
        "If it is this one, the administrator says so with “anlan standby alone”."
    )
