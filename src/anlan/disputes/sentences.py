"""How a timeline tells what happened to a file and its pushes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.accounts.models import Role
from anlan.core.sentences import sentence_register
from anlan.disputes import events
from anlan.disputes.opening_rules import OPENING_RULES
from anlan.disputes.rules import (
    FILE,
    LEFT_REASONS,
    LEVELS,
    LINK_KINDS,
    PARTY_PURPOSES,
    POLICE_REASONS,
    PUSH_OUTCOMES,
    PUSH_REASONS,
    REOPEN_REASONS,
    RESULTS,
    ROLES,
    TERM_LABELS,
    TRACK_NAMES,
)

_STATES = {"state": FILE.labels, "state_from": FILE.labels, "due_kind": TERM_LABELS}
_LEVELS = {"level": LEVELS, "level_from": LEVELS}

sentence_register(
    events.FILE_OPENED, _("Dispute file {file} was opened ({track} track)."), words={"track": TRACK_NAMES}
)
sentence_register(events.FILE_MOVED, _("Dispute file {file} is now: {state}. Next: {due_kind}."), words=_STATES)
sentence_register(events.FILE_CLOSED, _("Dispute file {file} was closed: {result}."), words={"result": RESULTS})
sentence_register(
    events.FILE_REOPENED, _("Dispute file {file} was opened again: {why}."), words={"why": REOPEN_REASONS}
)
sentence_register(events.FILE_ARCHIVED, _("Dispute file {file} went to the archive."))
sentence_register(
    events.FILE_TO_POLICE, _("Dispute file {file} went back to police at once: {why}."), words={"why": POLICE_REASONS}
)
sentence_register(events.HOLDER_CHANGED, _("Dispute file {file} is now in other hands."))
sentence_register(
    events.DUE_SET, _("Dispute file {file} has a new deadline: {due_kind}."), words={"due_kind": TERM_LABELS}
)
sentence_register(events.CASE_LINKED, _("A case grew out of dispute file {file}."))
sentence_register(
    events.ASSIGNMENT_RETURNED, _("Who dispute file {file} was assigned to sent it back; the reason stands with it.")
)
sentence_register(
    events.CHARGE_GIVEN,
    _("Dispute file {file} was given to team {unit} of its owner."),
    without={"unit": _("Dispute file {file} was given to an officer of its owner; who it is stands on its page.")},
)
sentence_register(events.CHARGE_TAKEN, _("Dispute file {file} was taken back from who had it in charge."))
sentence_register(
    events.OPENING_SUGGESTED,
    _("Incident {incident} may be the matter of {earlier} again: {rule}. A dispute file is suggested."),
    words={"rule": OPENING_RULES},
)
sentence_register(
    events.OPENING_ACCEPTED, _("Somebody said that {incident} is the matter of {earlier}: both are in file {file}.")
)
sentence_register(events.OPENING_REJECTED, _("Somebody said that {incident} is not the matter of {earlier}."))
sentence_register(
    events.INCIDENT_LINKED,
    _("Incident {incident} belongs to dispute file {file}: {link}. Reports so far: {reports}."),
    words={"link": LINK_KINDS},
)
sentence_register(events.INCIDENT_UNLINKED, _("Incident {incident} was taken out of dispute file {file}."))
sentence_register(events.FILES_MERGED, _("Dispute file {file} was merged into {into}."))
sentence_register(
    events.FILES_UNMERGED, _("Dispute file {file} was taken out of {left} again and stands as it stood.")
)
sentence_register(
    events.PUSH_SENT,
    _("Push {seq} of dispute file {file} was sent to: {to_role} ({why})."),
    words={"to_role": dict(Role.choices), "why": PUSH_REASONS},
)
sentence_register(events.PUSH_RECEIVED, _("Push {seq} of dispute file {file} was received."))
sentence_register(events.PUSH_ACTED, _("Push {seq} of dispute file {file} was acted on."))
sentence_register(
    events.PUSH_CLOSED, _("Push {seq} of dispute file {file} ended: {outcome}."), words={"outcome": PUSH_OUTCOMES}
)
sentence_register(
    events.PUSH_RETURNED, _("Push {seq} of dispute file {file} was sent back; the reason stands with it.")
)
sentence_register(events.PUSH_SUPERSEDED, _("Push {seq} of dispute file {file} was overtaken by another."))
sentence_register(events.PUSH_OVERDUE, _("Push {seq} of dispute file {file} is late; its receiver was told."))
sentence_register(events.FILE_OVERDUE, _("Dispute file {file} is late: {due_kind}."), words={"due_kind": TERM_LABELS})
sentence_register(events.FILE_UNOWNED, _("Nobody had dispute file {file} in hand for an hour; somebody was told."))
sentence_register(events.LEVEL_WEIGHED, _("Dispute file {file} was weighed: {level}."), words=_LEVELS)
sentence_register(events.PARTY_ADDED, _("A party was entered in dispute file {file}: {role}."), words={"role": ROLES})
sentence_register(
    events.PARTY_CORRECTED, _("A party of dispute file {file} was corrected: {role}."), words={"role": ROLES}
)
sentence_register(events.PARTIES_SWAPPED, _("Two parties of dispute file {file} changed places."))
sentence_register(
    events.PARTY_LEFT,
    _("A party left dispute file {file} ({role}): {why}."),
    words={"role": ROLES, "why": LEFT_REASONS},
)
sentence_register(
    events.PARTY_REVEALED,
    _("Who a party of dispute file {file} is was looked at: {purpose}."),
    words={"purpose": PARTY_PURPOSES},
)
sentence_register(events.PARTY_KEYS_ERASED, _("The hashes of the parties of dispute file {file} were erased."))
sentence_register(events.IDENTITIES_ERASED, _("Who took part in dispute file {file} was erased: its term is over."))
sentence_register(events.CONTENT_ERASED, _("Words and exact place of dispute file {file} were erased."))
sentence_register(
    events.MATCH_SUGGESTED, _("Incident {incident} may be the quarrel of dispute file {file} come back.")
)
sentence_register(events.MATCH_ACCEPTED, _("Somebody said it is the quarrel of dispute file {file}."))
sentence_register(events.MATCH_REJECTED, _("Somebody said it is not the quarrel of dispute file {file}."))
sentence_register(events.MATCH_UNDONE, _("A match with dispute file {file} was taken back."))
