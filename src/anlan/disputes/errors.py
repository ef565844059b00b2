"""Refusals of this room."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.errors import BadInput, DomainError


class FileOver(DomainError):
    """What was to be done needs a live file."""

    code = "dispute_file_over"
    message = _(
        "File {file} has been {state} since {since:%Y-%m-%d %H:%M}. Open it again first, or link the new report "
        "to it."
    )


class FileAlreadyMerged(DomainError):
    code = "dispute_file_merged"
    message = _(
        "File {file} was merged into {into} at {since:%Y-%m-%d %H:%M}. Work on {into}, or take the merge back first."
    )


class SameFile(DomainError):
    code = "dispute_same_file"
    message = _("{first} and {second} are the same file already. Choose the file of the other quarrel.")


class MergeIntoOver(DomainError):
    """A live matter must not disappear in one that nobody works on."""

    code = "dispute_merge_into_over"
    message = _(
        "File {file} is still being worked on, {into} has been {state} since {since:%Y-%m-%d %H:%M}. "
        "Open {into} again first, or merge the other way round."
    )


class NotMerged(DomainError):
    code = "dispute_not_merged"
    message = _("File {file} is not merged into another; there is nothing to take back. It is {state}.")


class PushOver(DomainError):
    code = "dispute_push_over"
    message = _(
        "Push {seq} of file {file} has been {state} since {since:%Y-%m-%d %H:%M}. Look at the file for the push that "
        "runs now."
    )


class PushNotReturnable(DomainError):
    code = "dispute_push_not_returnable"
    message = _(
        "Push 1 of file {file} goes with the unit that was sent: refuse the assignment instead, and another unit "
        "is sent."
    )


class ReturnSpent(DomainError):
    """Sent back once already: it stays with the receiver until the duty leader decides."""

    code = "dispute_return_spent"
    message = _(
        "Push {seq} of file {file} was sent back once already, at {since:%Y-%m-%d %H:%M}; whoever has it keeps it. "
        "Ask the duty leader to decide who handles it."
    )


class ReturnedBefore(DomainError):
    """The same organisation has sent this very file back: it would go round in a circle."""

    code = "dispute_returned_before"
    message = _(
        "{organisation} sent file {file} back at {since:%Y-%m-%d %H:%M}. Assign it to another organisation, or let "
        "the duty leader assign it."
    )


class OrganisationGone(DomainError):
    code = "dispute_organisation_gone"
    message = _("{organisation} does not work any more. Choose the organisation that took over its tasks.")


class NoReceiverOfPush(DomainError):
    code = "dispute_no_receiver"
    message = _(
        "Nobody answers for push {seq} of file {file}: its place has neither station nor town room. Correct the "
        "place, or name the organisation."
    )


class NotADispute(DomainError):
    code = "not_a_dispute"
    message = _("Incident {incident} is of type {type}, which is no quarrel. Correct its type first.")


class IncidentInAnotherFile(DomainError):
    code = "incident_in_another_file"
    message = _(
        "Incident {incident} belongs to file {file} since {since:%Y-%m-%d %H:%M}. Take that link back first, or "
        "merge the two files."
    )


class IncidentNotInFile(DomainError):
    code = "incident_not_in_file"
    message = _("Incident {incident} is not linked to file {file}; there is nothing to take back.")


class LastLinkStays(DomainError):
    """A file without any report would be about nothing."""

    code = "dispute_last_link"
    message = _(
        "Incident {incident} is the only report of file {file}. Close the file as no dispute, or merge it into the "
        "right one."
    )


class PartyGone(DomainError):
    code = "dispute_party_left"
    message = _("This party left file {file} at {since:%Y-%m-%d %H:%M}. Enter the party anew if they are back in it.")


class IdentityErased(DomainError):
    code = "dispute_identity_erased"
    message = _(
        "Nothing is kept of who this party of file {file} is. Ask the parties themselves, or read the paper file."
    )


class MatchDecided(DomainError):
    code = "dispute_match_decided"
    message = _("This suggestion has been {state} since {since:%Y-%m-%d %H:%M}. Take that back first to decide anew.")


class MatchNotAccepted(DomainError):
    code = "dispute_match_not_accepted"
    message = _("This suggestion is {state}; only an accepted one can be taken back.")


class NotYetOver(DomainError):
    code = "dispute_not_over"
    message = _("File {file} is {state} since {since:%Y-%m-%d %H:%M} and not over. Close it with its result first.")


class ReasonMissing(BadInput):
    code = "reason_missing"
    message = _("Say why: the next person reads it. Nothing was changed.")
