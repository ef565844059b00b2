"""Refusals at the mediating table: who has it, since when, and what to do now."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.errors import BadInput, DomainError


class SlotTaken(DomainError):
    """Somebody else was first."""

    code = "slot_taken"
    message = _(
        "{what} is taken {starts_at:%m-%d %H:%M}–{ends_at:%H:%M} by file {file}; {who} booked it at "
        "{since:%H:%M:%S}. "
        "Next free times: {free}."
    )


class OutsideHours(DomainError):
    code = "outside_hours"
    status = 422
    message = _(
        "{body} is not open for the whole of {starts_at:%Y-%m-%d %H:%M}–{ends_at:%H:%M}; its hours are {hours}, "
        "public holidays excepted. Next free times: {free}."
    )


class OffTheGrid(BadInput):
    code = "off_the_grid"
    message = _(
        "A session begins on a full or half hour, not before now, and takes one to {most} half hours; asked for was "
        "{starts_at:%Y-%m-%d %H:%M} and {slots}. Choose a free half hour in the calendar."
    )


class NeverTogether(DomainError):
    """A hard exclusion: no role and no reason lifts it."""

    code = "never_together"
    message = _(
        "File {file} stands under: {exclusion}. These parties are never booked to sit together. Book one party "
        "alone, "
        "on another day than the other."
    )


class ApartOnOneDay(DomainError):
    code = "apart_on_one_day"
    message = _(
        "File {file} stands under: {exclusion}, and another party of it comes on {day} at {starts_at:%H:%M}. "
        "Book this party on another day, so that the two do not meet."
    )


class MediationBarred(DomainError):
    code = "mediation_barred"
    message = _("File {file} can't be mediated this way ({method}): {bar}. {next}")


class MethodNotTheirs(DomainError):
    code = "method_not_theirs"
    status = 422
    message = _(
        "{body} doesn't offer this method ({method}); it offers: {methods}. Choose one of them or another body."
    )


class MediationRuns(DomainError):
    code = "mediation_runs"
    message = _("File {file} is being mediated by {body} since {since:%Y-%m-%d %H:%M}. End that mediation first.")


class MediationNotOpen(DomainError):
    code = "mediation_not_open"
    message = _(
        "The mediation of file {file} is {state} since {since:%Y-%m-%d %H:%M}. Begin another round, or give the "
        "court "
        "guide."
    )


class LimitPassed(DomainError):
    code = "mediation_limit_passed"
    message = _(
        "The time for mediating file {file} ended at {due_at:%Y-%m-%d %H:%M}. It can't be extended any more: write "
        "down that no agreement was found and give the court guide."
    )


class ConsentMissing(DomainError):
    code = "consent_missing"
    message = _(
        "More time needs the consent of every party, asked one by one; missing: {missing}. Ask them, or end the "
        "mediation by {due_at:%Y-%m-%d}."
    )


class SessionsUsedUp(DomainError):
    code = "sessions_used_up"
    message = _(
        "Police have mediated file {file} {count} times already, last at {since:%Y-%m-%d %H:%M}; more than two "
        "sessions "
        "there are not. Decide the case, and give the court guide."
    )


class SecondSessionTooLate(DomainError):
    code = "second_session_too_late"
    message = _(
        "The second session of a police mediation is held by {due_at:%Y-%m-%d %H:%M}, seven working days after the "
        "first at {since:%Y-%m-%d %H:%M}. Book it earlier, or decide the case."
    )


class SessionNotYet(DomainError):
    code = "session_not_yet"
    message = _("This session is booked for {starts_at:%Y-%m-%d %H:%M}. It can be written up once it has begun.")


class NobodyCame(BadInput):
    code = "nobody_came"
    message = _("A session held has somebody from both sides, or their representatives. If one stayed away, say so.")


class GuardianMissing(DomainError):
    code = "guardian_missing"
    message = _(
        "{minors} in file {file} is under age and had no guardian at the table. Enter the guardian who came, or "
        "write "
        "the session up as not held."
    )


class StillBooked(DomainError):
    code = "session_still_booked"
    message = _(
        "Session {ordinal} of file {file} is booked for {starts_at:%Y-%m-%d %H:%M}. Cancel it first, or move that "
        "one."
    )


class AgreementBeforeSession(DomainError):
    code = "agreement_before_session"
    status = 422
    message = _(
        "The agreement can't be dated {agreed_at:%Y-%m-%d %H:%M}: the session that led to it was held at "
        "{held_at:%Y-%m-%d %H:%M}. Correct the date."
    )


class NoSessionHeld(DomainError):
    code = "no_session_held"
    message = _(
        "No session of file {file} has been held, so there is nothing to agree on yet. Write the session up first."
    )


class AgreementNotDraft(DomainError):
    code = "agreement_not_draft"
    message = _(
        "Agreement {agreement} is {state} since {since:%Y-%m-%d %H:%M}; what was signed is not changed any more. "
        "Begin another round to agree anew."
    )


class AgreementIncomplete(BadInput):
    code = "agreement_incomplete"
    message = _("The agreement lacks: {missing}. Fill it in before the parties sign.")


class ObligationWithoutDay(BadInput):
    code = "obligation_without_day"
    message = _(
        "“{given}” is no day on which anybody could look. Give a date - or the condition together with a day by "
        "which it is looked at."
    )


class ObligationTooEarly(BadInput):
    code = "obligation_too_early"
    message = _("What is promised can't be due on {due_on}, before the agreement of {agreed_on}. Correct the date.")


class AmountUnreadable(BadInput):
    code = "amount_unreadable"
    message = _(
        "“{given}” is no amount in yuan and fen, such as 3500.50. Write the number, or leave it empty where no "
        "money is promised."
    )


class ObligationOver(DomainError):
    code = "obligation_over"
    message = _("This promise of agreement {agreement} is {state} since {since:%Y-%m-%d %H:%M}. Nothing was changed.")


class NotConfirmable(DomainError):
    code = "not_confirmable"
    message = _(
        "Agreement {agreement} was not made in people's or administrative mediation, so no court confirms it. "
        "If it is not performed: {path}."
    )


class ConfirmationTooLate(DomainError):
    code = "confirmation_too_late"
    message = _(
        "The thirty days to apply together for confirmation of agreement {agreement} ended at {due_at:%Y-%m-%d "
        "%H:%M}. "
        "If it is not performed, either party may sue on it."
    )


class PartyOfAnotherFile(BadInput):
    code = "party_of_another_file"
    message = _(
        "One of the parties named does not belong to file {file}, or has left it. Choose from the file's parties."
    )


class WindowsTaken(DomainError):
    code = "windows_taken"
    message = _(
        "All {windows} windows of {body} have an appointment at {starts_at:%m-%d %H:%M}. Next free times: {free}."
    )


class NotAMediator(BadInput):
    code = "not_a_mediator"
    message = _("{person} does not mediate for {body}. Choose one of its mediators, or have {person} entered there.")


class MinutesGone(DomainError):
    code = "minutes_gone"
    status = 410
    message = _("The minutes of this session are not kept any more, or were never written. Look into the paper file.")


class FontMissing(DomainError):
    """A page full of empty boxes would be worse than none."""

    code = "font_missing"
    status = 503
    message = _(
        "No Chinese font was found on the server, so the PDF can't be printed. Take the DOCX now; for PDF let the "
        "administrator put a font such as Noto Serif CJK SC into {folder}."
    )


class NothingAgreedYet(DomainError):
    code = "nothing_agreed_yet"
    message = _(
        "Dispute file {file} has no agreement at this mediation yet, not even a draft. Write the agreement first; "
        "the court guide can be printed without one."
    )


class NothingHeldYet(DomainError):
    code = "nothing_held_yet"
    message = _(
        "No session of dispute file {file} was written up yet, so there are no minutes to print. Write the session "
        "up once it is over."
    )


class TermDoesNotPause(DomainError):
    code = "term_does_not_pause"
    message = _(
        "The terms of a police mediation are set by law: they neither pause nor grow. For file {file} the next one "
        "ends "
        "at {due_at:%Y-%m-%d %H:%M}."
    )


class SessionAfterLimit(DomainError):
    code = "session_after_limit"
    message = _(
        "The mediation of file {file} ends at {due_at:%Y-%m-%d %H:%M}, before this session would be over. Book it "
        "earlier, or extend the time with the consent of all parties."
    )


class ExtendedAlready(DomainError):
    code = "extended_already"
    message = _(
        "The time for mediating file {file} was extended by {days} days already, to {due_at:%Y-%m-%d}. It is "
        "extended "
        "once: end the mediation by then."
    )


class RoomNameTaken(DomainError):
    """Whoever reads a letter must know to which door to go."""

    code = "mediation_room_name_taken"
    message = _(
        "{body} has a room called {name} already ({seats} seats). Choose another name, or rename that one first."
    )


class BodyStillMediates(DomainError):
    """A mediation without its body would have neither calendar nor desk."""

    code = "body_still_mediates"
    message = _(
        "{count} mediations are open at {body} (files {files}). End them or let another body take them up, then "
        "close it."
    )
