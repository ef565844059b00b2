"""Refusals around revisits: who, why, and what to do instead."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.errors import BadInput, DomainError


class RevisitorHandledIt(DomainError):
    """Whoever had a hand in it can't ask blindly."""

    code = "revisitor_handled_it"
    message = _(
        "{person} had a part in file {file} ({what}). Choose somebody who had none, from another organisation than "
        "{organisations}."
    )


class RevisitorOfUnit(DomainError):
    code = "revisitor_of_unit"
    message = _(
        "{person} works for {organisation}, which handled file {file}. Choose somebody from another organisation "
        "than {organisations}."
    )


class RevisitorMayNot(DomainError):
    code = "revisitor_may_not"
    message = _("{person} has no role that asks the parties of closed files. Choose one of: {people}.")


class RevisitOver(DomainError):
    code = "revisit_over"
    message = _("The revisit of file {file} has been {state} since {since:%Y-%m-%d %H:%M}; nothing was changed.")


class RevisitNotYours(DomainError):
    """One asks, so that both sides are asked alike."""

    code = "revisit_not_yours"
    message = _(
        "The parties of file {file} are asked by {person} since {since:%Y-%m-%d %H:%M}. Have it given to you."
    )


class RevisitUnassigned(DomainError):
    code = "revisit_unassigned"
    message = _(
        "Nobody asks the parties of file {file} yet. Have it assigned first, to somebody who had no part in it."
    )


class SideThrough(DomainError):
    code = "revisit_side_through"
    message = _("{side} of file {file} was asked at {since:%Y-%m-%d %H:%M} already ({outcome}). Ask the other side.")


class AnswerMissing(BadInput):
    code = "revisit_answer_missing"
    message = _("Question “{question}” has no answer that the script knows. Choose one of the answers given there.")


class RatedBeforeRevisit(DomainError):
    """Satisfaction is what the parties say when asked, not what was entered at closing."""

    code = "rated_before_revisit"
    message = _(
        "File {file} is {state} since {since:%Y-%m-%d %H:%M} and was not revisited. Satisfaction is entered after "
        "both parties were asked."
    )


class AskedBlindly(DomainError):
    """Who asks must not know what the unit said."""

    code = "asked_blindly"
    status = 403
    message = _(
        "You have been asking the parties of file {file} since {since:%Y-%m-%d %H:%M}, and whoever asks knows "
        "nothing of the file. Until both sides are through, the script and whom to call are all you see of it: "
        "open revisit {revisit} under Revisits."
    )
