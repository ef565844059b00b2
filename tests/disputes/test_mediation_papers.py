"""Papers: the words that were agreed, names only for a purpose, and a digest by which a copy is known again."""

from __future__ import annotations

import hashlib
import io
import re
from datetime import date, timedelta

import pytest
from docx import Document
from docx.oxml.ns import qn

from anlan.core.errors import BadInput
from anlan.core.models import Event, ViewLog
from anlan.core.papers import Paper, Table, Text, chinese_font, docx_bytes, pdf_bytes
from anlan.disputes.mediation_errors import FontMissing, NothingAgreedYet, NothingHeldYet
from anlan.disputes.models import MediationPaper
from anlan.disputes.services.agreements import agreement_conclude, agreement_draft, obligation_add
from anlan.disputes.services.mediation_papers import paper_make
from disputes.table import TEN, held, sides, started, table_set
from world import T0, build_world

pytestmark = pytest.mark.django_db(databases="__all__")
NOON = TEN + timedelta(hours=2)


@pytest.fixture
def table(db):
    return table_set(build_world(units=False, roads=False))


@pytest.fixture
def agreement(table):
    mediation = started(table)
    held(table, mediation, minutes="甲方同意赔偿。")
    nan = table.actor("nan")
    a, b = sides(mediation.file)
    row = agreement_draft(mediation=mediation, facts="楼上漏水 #set *x*", terms="甲方赔偿乙方", by=nan, at=NOON)
    obligation_add(
        agreement=row, debtor=a, creditor=b, what="赔偿", way="transfer", amount_fen=150_050,
        due_on=date(2026, 3, 20), by=nan, at=NOON,
    )  # fmt: skip
    return agreement_conclude(agreement=row, agreed_at=TEN, by=nan, at=NOON)


def made(table, agreement, **changes):
    usual = {"kind": "agreement", "mediation": agreement.mediation, "agreement": agreement, "format": "docx"}
    return paper_make(**{**usual, **changes}, by=table.actor("nan"), at=NOON)


def words(data):
    document = Document(io.BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_an_agreement_without_names_calls_the_parties_by_their_role(table, agreement):
    text = words(made(table, agreement).data)
    assert "人民调解协议书" in text
    assert "1,500.50" in text
    assert "2026-03-20" in text
    assert "张三" not in text
    assert not ViewLog.objects.exists()


def test_names_come_with_a_purpose_and_the_look_is_logged_before(table, agreement):
    with pytest.raises(BadInput):
        made(table, agreement, with_names=True, purpose="curious")
    assert not MediationPaper.objects.exists()
    text = words(made(table, agreement, with_names=True, purpose="serve_agreement").data)
    assert "张三" in text
    assert set(ViewLog.objects.values_list("purpose", flat=True)) == {"serve_agreement"}
    assert "张三" not in str(list(Event.objects.values_list("data", flat=True)))


def test_a_draft_without_a_promise_does_not_say_that_all_was_done(table):
    mediation = started(table)
    draft = agreement_draft(mediation=mediation, facts="楼上漏水", terms="商量中", by=table.actor("nan"), at=NOON)
    text = words(made(table, draft).data)
    assert "待填写" in text
    assert "履行完毕" not in text


def test_a_paper_of_what_is_not_there_yet_is_refused_with_what_to_do_first(table):
    mediation = started(table)
    with pytest.raises(NothingAgreedYet) as agreed:
        paper_make(kind="agreement", mediation=mediation, format="docx", by=table.actor("nan"), at=NOON)
    assert mediation.file.number in agreed.value.detail("en")
    assert "先起草协议" in agreed.value.detail("zh-hans")
    with pytest.raises(NothingHeldYet):
        paper_make(kind="minutes", mediation=mediation, format="docx", by=table.actor("nan"), at=NOON)
    assert paper_make(kind="court_guide", mediation=mediation, format="docx", by=table.actor("nan"), at=NOON).data


def test_the_digest_kept_is_that_of_the_bytes_given_out(table, agreement):
    first, again = made(table, agreement), made(table, agreement)
    assert first.row.sha256 == hashlib.sha256(first.data).hexdigest() == again.row.sha256
    assert MediationPaper.objects.count() == 2


def test_minutes_are_printed_for_a_purpose_only(table, agreement):
    session = agreement.session
    with pytest.raises(BadInput):
        made(table, agreement, kind="minutes", session=session)
    text = words(made(table, agreement, kind="minutes", session=session, note="当事人索取").data)
    assert "甲方同意赔偿" in text
    assert ViewLog.objects.get().note == "当事人索取"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_court_guide_tells_what_stands_open_in_both_languages(table, agreement, language):
    text = words(made(table, agreement, kind="court_guide", language=language).data)
    assert "12348" in text
    assert ("司法确认" in text) == (language != "en")


def test_without_a_chinese_font_the_pdf_is_refused_and_docx_still_works(table, agreement, monkeypatch):
    monkeypatch.setattr("anlan.disputes.services.mediation_papers.chinese_font", lambda: None)
    with pytest.raises(FontMissing) as told:
        made(table, agreement, format="pdf")
    assert "fonts" in told.value.facts["folder"]
    assert made(table, agreement).data


def test_a_pdf_is_the_same_each_time_and_reads_no_word_as_an_instruction(table, agreement):
    if chinese_font() is None:
        pytest.skip("no Chinese font on this machine")
    first = made(table, agreement, format="pdf")
    assert first.data.startswith(b"%PDF")
    assert made(table, agreement, format="pdf").data == first.data


def test_every_page_of_a_docx_says_which_of_how_many_it_is(table, agreement):
    document = Document(io.BytesIO(made(table, agreement).data))
    foot = document.sections[0].footer.paragraphs[0]
    fields = [field.get(qn("w:instr")) for field in foot._p.iter(qn("w:fldSimple"))]
    assert fields == ["PAGE", "NUMPAGES"]
    shown = "".join(text.text for text in foot._p.iter(qn("w:t")))
    assert re.search(r"第\s*1\s*页.*1\s*页$", shown), shown


def test_any_words_make_a_paper():
    nasty = '#import "x" $ \\ ` [ ] * _ @a <b> {{ }} 🙂 𠮷 \x00 \r\n'
    paper = Paper(
        "标题", "1", "zh-hans", T0, (Text(nasty), Table(("一", "二"), ((nasty, ""),))), foot=nasty
    )  # fmt: skip
    assert docx_bytes(paper) == docx_bytes(paper)
    if chinese_font() is not None:
        assert pdf_bytes(paper).startswith(b"%PDF")


def test_mediator_signs_by_name_and_who_mediated_seals_the_agreement(table, agreement):
    """People's Mediation Law, article 29: signatures of parties and mediator, and the seal of the committee."""
    text = words(made(table, agreement).data)
    assert f"调解员 {agreement.mediation.mediator.name}" in text
    assert f"{agreement.mediation.body.organisation.name_zh}（盖章）" in text
    assert "当事人各执一份，调解组织留存一份" in text
