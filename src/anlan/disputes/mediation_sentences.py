"""How a timeline tells what happened at the mediating table."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.sentences import sentence_register
from anlan.disputes import events
from anlan.disputes.mediation_rules import (
    BODY_TYPES,
    FAIL_REASONS,
    FORMS,
    LEGAL_PATHS,
    MEDIATION,
    OUTCOMES,
    PAPERS,
    PAUSE_REASONS,
    TICKET,
)
from anlan.disputes.rules import EXCLUSIONS, METHODS

_METHODS = {"method": METHODS}

sentence_register(events.BODY_SET, _("{body} is entered as {type}."), words={"type": BODY_TYPES})
sentence_register(events.ROOM_SET, _("A mediation room of {body} was entered or changed."))
sentence_register(events.ROOM_RENAMED, _("A mediation room of {body} has another name from now on."))
sentence_register(events.MEDIATOR_ADDED, _("Somebody now mediates for {body}."))
sentence_register(
    events.MEDIATOR_LEFT, _("Somebody no longer mediates for {body}; {open_mediations} of their mediations are open.")
)
sentence_register(events.TICKET_DRAWN, _("Number {number} was drawn at the guide desk of {body}."))
sentence_register(events.TICKET_APPOINTED, _("An appointment at the guide desk of {body} was made for {starts_at}."))
sentence_register(
    events.TICKET_MOVED, _("Number {number} at the guide desk of {body}: {state}."), words={"state": TICKET.labels}
)
sentence_register(events.MEDIATION_STARTED, _("{body} took the file up: {method}, round {round}."), words=_METHODS)
sentence_register(
    events.MEDIATION_PAUSED, _("The limit of the mediation stands still: {reason}."), words={"reason": PAUSE_REASONS}
)
sentence_register(events.MEDIATION_RESUMED, _("The limit of the mediation runs again, until {due_at}."))
sentence_register(
    events.MEDIATION_EXTENDED,
    _("With the consent of all parties the mediation has {days} days more, until {due_at}."),
)
sentence_register(
    events.MEDIATION_ENDED,
    _("The mediation ended: {state} ({reason})."),
    words={"state": MEDIATION.labels, "reason": FAIL_REASONS},
)
sentence_register(
    events.MEDIATION_BARRED,
    _("What bars mediating or sitting together: {exclusion}; sessions cancelled: {cancelled}."),
    words={"exclusion": EXCLUSIONS},
)
sentence_register(events.SESSION_BOOKED, _("Session {ordinal} was booked for {starts_at}."))
sentence_register(events.SESSION_CANCELLED, _("Session {ordinal} was cancelled; the reason stands with it."))
sentence_register(events.SESSION_HELD, _("Session {ordinal} was held: {outcome}."), words={"outcome": OUTCOMES})
sentence_register(events.SESSION_MISSED, _("Somebody stayed away from session {ordinal}."))
sentence_register(events.MINUTES_READ, _("The minutes of session {ordinal} were read."))
sentence_register(
    events.AGREEMENT_DRAFTED, _("Agreement {agreement} ({form}) is being written."), words={"form": FORMS}
)
sentence_register(events.AGREEMENT_CHANGED, _("The draft of agreement {agreement} was changed."))
sentence_register(
    events.AGREEMENT_MADE,
    _("Agreement {agreement} ({form}) was made with {obligations} promises; in force since {effective_at}."),
    words={"form": FORMS},
)
sentence_register(events.AGREEMENT_DROPPED, _("The draft of agreement {agreement} was thrown away."))
sentence_register(events.AGREEMENT_PERFORMED, _("Agreement {agreement} is performed in full."))
sentence_register(
    events.AGREEMENT_DEFAULTED,
    _("Agreement {agreement} was not performed; what stands open: {legal_path}."),
    words={"legal_path": LEGAL_PATHS},
)
sentence_register(events.OBLIGATION_PERFORMED, _("Promise {seq} of agreement {agreement} was performed on {on}."))
sentence_register(events.OBLIGATION_WAIVED, _("Promise {seq} of agreement {agreement} was waived."))
sentence_register(
    events.OBLIGATION_LATE, _("Promise {seq} of agreement {agreement} is late; it was due on {due_on}.")
)
sentence_register(events.OBLIGATION_DEFAULTED, _("Promise {seq} of agreement {agreement} was not performed."))
sentence_register(
    events.CONFIRMATION_APPLIED, _("The parties applied together for judicial confirmation of agreement {agreement}.")
)
sentence_register(events.CONFIRMATION_DECIDED, _("The court has decided on confirming agreement {agreement}."))
sentence_register(
    events.CONFIRMATION_LAPSED, _("The time to apply for judicial confirmation of agreement {agreement} is over.")
)
sentence_register(events.PAPER_MADE, _("A paper was made: {paper} ({format}, {language})."), words={"paper": PAPERS})
sentence_register(events.MEDIATION_WORDS_ERASED, _("The words of the mediation were erased; their term is over."))
