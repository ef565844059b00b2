"""Refusals at the door, before anybody has looked at what was asked."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.errors import DomainError


class BodyTooSlow(DomainError):
    """What was sent stopped half-way, or came so slowly that it would hold the line for ever."""

    code = "body_too_slow"
    status = 408
    message = _(
        "The line brought only {kb} KB in {waited_s} seconds and was given up; nothing was saved. "
        "Send it again, where the line is better if you can."
    )


class BodyCut(DomainError):
    """The line broke in the middle of what was sent; mostly nobody is there any more to be told."""

    code = "body_cut"
    status = 400
    message = _("The line broke after {kb} KB, before all had come; nothing was saved. Send it again.")


class BodyTooLarge(DomainError):
    """More than any page or device may send at once."""

    code = "body_too_large"
    status = 413
    message = _(
        "More than {limit_mb} MB came at once; nothing was saved. Send it in parts; the administrator imports "
        "large files at the server itself."
    )


class PositionsPutOff(DomainError):
    """More positions than can be kept beside calls; devices send them again."""

    code = "positions_put_off"
    status = 429
    message = _(
        "More positions come in than can be kept beside calls; these were not taken. Keep them and send them again "
        "in {after_s} seconds."
    )
