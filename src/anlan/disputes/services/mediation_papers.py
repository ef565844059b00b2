"""Papers are made outside of any transaction; looks are logged before, the digest is kept after."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from anlan.core.actor import Actor
from anlan.core.errors import BadInput, NotFound
from anlan.core.papers import Paper, chinese_font, docx_bytes, fonts_folder, pdf_bytes
from anlan.core.permissions import require
from anlan.disputes import events
from anlan.disputes.errors import IdentityErased
from anlan.disputes.mediation_errors import FontMissing, NothingAgreedYet, NothingHeldYet
from anlan.disputes.mediation_models import Agreement, Mediation, MediationPaper, Session
from anlan.disputes.mediation_rules import PAPERS
from anlan.disputes.models import Party
from anlan.disputes.papers import agreement_paper, court_guide_paper, minutes_paper
from anlan.disputes.services.mediation_base import SIDES, tell
from anlan.disputes.services.parties import party_reveal
from anlan.disputes.services.parts import person_id
from anlan.disputes.services.sessions import minutes_read

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
LANGUAGES = ("zh-hans", "en")


@dataclass(frozen=True, slots=True)
class PaperMade:
    """A paper as it goes out: its bytes, and the row that keeps its digest."""

    row: MediationPaper
    data: bytes
    media_type: str
    file_name: str


def paper_make(
    *,
    kind: str,
    mediation: Mediation,
    format: str = "pdf",
    language: str = "zh-hans",
    agreement: Agreement | None = None,
    session: Session | None = None,
    with_names: bool = False,
    purpose: str = "",
    note: str = "",
    by: Actor,
    at: datetime,
) -> PaperMade:
    """Make a paper: read (looks at names and minutes logged), compose and write it, keep its digest.

    ``with_names`` asks for a ``purpose`` of the closed list; ``note`` says in one's own words why the minutes are
    read. Raises ``FontMissing`` (PDF without a Chinese font), ``IdentityErased`` never: who is erased stays a role;
    ``NothingAgreedYet`` and ``NothingHeldYet`` for a paper of what is not there.
    """
    require(by, "disputes.mediate")
    if kind not in PAPERS or format not in MEDIA_TYPES or language not in LANGUAGES:
        raise BadInput(field="kind/format/language", problem=f"{kind}/{format}/{language}")
    if format == "pdf" and chinese_font() is None:
        raise FontMissing(folder=str(fonts_folder()))
    paper = _composed(kind, mediation, agreement, session, language, with_names, purpose, note, by, at)
    data = pdf_bytes(paper) if format == "pdf" else docx_bytes(paper)
    row = paper_record(
        kind=kind,
        mediation=mediation,
        agreement=agreement,
        session=session,
        format=format,
        language=language,
        with_names=with_names,
        data=data,
        by=by,
        at=at,
    )
    name = {
        "agreement": agreement.number if agreement else "",
        "minutes": f"{mediation.file.number}-{session.ordinal}" if session else "",
    }
    return PaperMade(row, data, MEDIA_TYPES[format], f"{kind}-{name.get(kind) or mediation.file.number}.{format}")


def _composed(
    kind: str,
    mediation: Mediation,
    agreement: Agreement | None,
    session: Session | None,
    language: str,
    with_names: bool,
    purpose: str,
    note: str,
    by: Actor,
    at: datetime,
) -> Paper:
    if kind == "court_guide":
        return court_guide_paper(mediation.file, mediation, agreement, language=language, at=at)
    if kind == "agreement":
        if agreement is None:
            raise NothingAgreedYet(file=mediation.file.number)
        if agreement.mediation_id != mediation.pk:
            raise NotFound
        rows = Party.objects.filter(file=mediation.file, left_at=None).exclude(role="witness")
        parties = sorted(rows, key=lambda row: (SIDES.index(row.role) if row.role in SIDES else 9, row.ordinal))
        names = _names(parties, purpose, by, at) if with_names else {}
        return agreement_paper(agreement, parties, names, language=language, at=at)
    if session is None:
        raise NothingHeldYet(file=mediation.file.number)
    if session.mediation_id != mediation.pk:
        raise NotFound
    text = minutes_read(session=session, purpose=note or purpose, by=by, at=at)
    came = [row.party for row in session.attendance.select_related("party")]
    names = _names(came, purpose, by, at) if with_names else {}
    return minutes_paper(session, text, names, language=language, at=at)


def _names(parties: list[Party], purpose: str, by: Actor, at: datetime) -> dict[int, str]:
    names = {}
    for party in parties:
        try:
            names[party.pk] = party_reveal(party=party, purpose=purpose, by=by, at=at).name
        except IdentityErased:
            continue
    return names


@transaction.atomic
def paper_record(
    *,
    kind: str,
    mediation: Mediation,
    agreement: Agreement | None,
    session: Session | None,
    format: str,
    language: str,
    with_names: bool,
    data: bytes,
    by: Actor,
    at: datetime,
) -> MediationPaper:
    """Keep the digest of a paper, and that it was made; its words are kept nowhere."""
    row: MediationPaper = MediationPaper.objects.create(
        file=mediation.file,
        kind=kind,
        agreement=agreement if kind != "minutes" else None,
        session=session if kind == "minutes" else None,
        format=format,
        language=language,
        with_names=with_names,
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        made_at=at,
        made_by=person_id(by),
    )
    tell(
        events.PAPER_MADE,
        row,
        mediation,
        by=by,
        at=at,
        paper=kind,
        format=format,
        language=language,
        with_names=with_names,
        sha256=row.sha256,
    )
    return row
