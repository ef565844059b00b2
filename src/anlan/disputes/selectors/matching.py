"""Which files a new report may bring back: candidates by place and cause from the store, judged by the matcher."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.db import connection

from anlan.core.actor import SYSTEM, Actor
from anlan.core.services import keyed_hash
from anlan.disputes.models import DisputeFile, FileIncident, FileKey, MatchSuggestion, PartyKey
from anlan.disputes.rules import LIVE
from anlan.engines.recurrence import CallFacts, FileFacts, Lookup, Match, call_keys, file_keys, match_call, party_keys
from anlan.intake.models import Incident, IncidentLink

_DAY_ZERO = datetime(2000, 1, 1, tzinfo=UTC)
_KEY_CHARS = 64


def day_of(moment: datetime) -> float:
    """Days since a common origin, as the matcher counts."""
    return (moment - _DAY_ZERO) / timedelta(days=1)


def moment_of(day: float) -> datetime:
    """The instant of a counted day."""
    return _DAY_ZERO + timedelta(days=day)


def keys_of(file: DisputeFile) -> list[str]:
    """The keys a file is found by, from its place and type."""
    facts = FileFacts(
        str(file.pk), (), day_of(file.last_report_at), file.code, False, file.address_text, file.lon, file.lat
    )
    return sorted({key[:_KEY_CHARS] for key in file_keys(facts)})


def salted(salt: str, key: str) -> str:
    """A party's key under the key of one file, "kind:hash"; without that file's salt it is comparable to nothing."""
    kind, _sep, value = key.partition(":")
    return f"{kind}:{keyed_hash(f'party:{salt}:{kind}:{value}')}"


def call_facts(incident: Incident) -> CallFacts:
    """A report as the matcher sees it; who called is not in it."""
    links = IncidentLink.objects.filter(incident=incident, undone_at=None).values_list("earlier_id", flat=True)
    return CallFacts(
        id=str(incident.pk),
        text=incident.narrative,
        day=day_of(incident.received_at),
        code=incident.code,
        address=incident.address_text,
        lon=incident.lon,
        lat=incident.lat,
        radius_m=incident.location_radius_m or 0.0,
        linked_incident_ids=frozenset(str(one) for one in links),
    )


def candidate_ids(lookup: Lookup, linked: Iterable[str] = ()) -> list[int]:
    """Files with one of the keys, latest report first, and those that hold a linked incident. Two queries."""
    found = dict.fromkeys(_latest_of(lookup))
    known = [int(one) for one in linked]
    if known:
        tied = FileIncident.objects.filter(incident_id__in=known, undone_at=None).values_list("file_id", flat=True)
        found = dict.fromkeys((*tied, *found))
    return list(found)[: lookup.at_most]


_OF_KEY_SQL = f"""SELECT file_id, last_at FROM (
    SELECT file_id, last_at FROM {FileKey._meta.db_table} WHERE key = %s AND last_at >= %s
    ORDER BY last_at DESC, file_id DESC LIMIT %s
) AS of_key"""


def _latest_of(lookup: Lookup) -> list[int]:
    """The files of the keys, latest first; one with several keys stands there as often, one after the other.

    A key of a busy place has thousands of files. Of each key its latest ``at_most`` are enough: a file that is among
    the latest of all is among the latest of each key it has, since all its keys carry its own latest report.
    """
    keys = sorted({key[:_KEY_CHARS] for key in lookup.keys})
    if not keys:
        return []
    since = connection.ops.adapt_datetimefield_value(moment_of(lookup.not_before_day))
    asked = " UNION ALL ".join([_OF_KEY_SQL] * len(keys))
    of_each = [value for key in keys for value in (key, since, lookup.at_most)]
    with connection.cursor() as cursor:
        cursor.execute(f"{asked} ORDER BY 2 DESC, 1 DESC LIMIT %s", [*of_each, lookup.at_most * 4])
        return [int(file_id) for file_id, _last in cursor.fetchall()]


def files_facts(ids: Iterable[int]) -> list[FileFacts]:
    """Files as the matcher sees them; a merged one is left to the file it went into. Three queries, however many."""
    rows = list(DisputeFile.objects.filter(pk__in=list(ids)).exclude(state="merged"))
    texts: dict[int, list[str]] = defaultdict(list)
    incidents: dict[int, set[str]] = defaultdict(set)
    links = FileIncident.objects.filter(file_id__in=[row.pk for row in rows], undone_at=None)
    for file_id, incident_id, told in links.order_by("made_at", "id").values_list(
        "file_id", "incident_id", "incident__narrative"
    ):
        texts[file_id].append(told)
        incidents[file_id].add(str(incident_id))
    tokens: dict[int, set[str]] = defaultdict(set)
    open_ids = [row.pk for row in rows if row.state in LIVE]
    for file_id, kind, value in PartyKey.objects.filter(file_id__in=open_ids).values_list("file_id", "kind", "value"):
        tokens[file_id].add(f"{kind}:{value}")
    return [
        FileFacts(
            id=str(row.pk),
            texts=tuple(texts[row.pk]),
            last_day=day_of(row.last_report_at),
            code=row.code,
            is_open=row.state in LIVE,
            address=row.address_text,
            lon=row.lon,
            lat=row.lat,
            incident_ids=frozenset(incidents[row.pk]),
            party_tokens=frozenset(tokens[row.pk]),
        )
        for row in rows
    ]


def tokens_for(files: Iterable[FileFacts], *, name: str, phone: str) -> dict[str, frozenset[str]]:
    """Who called, hashed under the own key of each open file that knows its parties. One query."""
    keys = party_keys(name=name, phone=phone)
    wanted = [int(file.id) for file in files if file.party_tokens]
    if not keys or not wanted:
        return {}
    salts = DisputeFile.objects.filter(pk__in=wanted).exclude(key_salt="").values_list("pk", "key_salt")
    return {str(pk): frozenset(salted(salt, key) for key in keys) for pk, salt in salts}


def matches_for(incident: Incident, *, name: str = "", phone: str = "", limit: int = 5) -> list[Match]:
    """Files this report may belong to, likeliest first, each with its evidence. Some seven queries, however many.

    ``name`` and ``phone`` of the caller are compared only inside files that are open, under each one's own key.
    """
    call = call_facts(incident)
    lookup = call_keys(call)
    ids = candidate_ids(lookup, call.linked_incident_ids)
    files = files_facts(ids) if ids else []
    if not files:
        return []
    return match_call(call, files, tokens=tokens_for(files, name=name, phone=phone), limit=limit)


def suggestions_of(incident_id: int, *, by: Actor = SYSTEM) -> list[MatchSuggestion]:
    """What was suggested for a report, likeliest first; nothing of a file whose parties ``by`` is asking."""
    rows = MatchSuggestion.objects.unasked_by(by).filter(incident_id=incident_id).select_related("file")
    return list(rows.order_by("-score", "id"))
