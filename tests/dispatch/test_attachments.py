"""Photos and voice notes belong to a unit's matter: stored first, seen in reach only, gone with the matter."""

from __future__ import annotations

import hashlib
import os
from datetime import timedelta

import pytest
from django.test import Client

from anlan.core.errors import NotFound, NotPermitted
from anlan.core.files import ORPHAN_AFTER, ContentGone, StorageShort, content_path, content_put, orphans_remove
from anlan.core.models import Event, ViewLog
from anlan.dispatch import services
from anlan.dispatch.errors import AttachmentsFull, AttachmentTooLate
from anlan.dispatch.jobs import attachments_expire
from anlan.dispatch.models import FieldAttachment
from anlan.dispatch.rules import ATTACHMENTS_KEPT_AT_MOST
from anlan.dispatch.selectors import attachment_for, attachments_of, contents_named
from anlan.intake.models import Incident
from anlan.intake.rules import KEPT_FOR
from dispatch.pictures import jpeg, webm
from dispatch.scene import go, incident_of, later, send
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def sent(world):
    """P-01, Eve's car, sent to an assault in the west."""
    return send(world, incident_of(world))


def add(world, assignment, raw=None, *, kind="photo", who="eve", at=T0, **more):
    content = services.content_prepare(kind=kind, raw=raw or jpeg())
    return services.attachment_add(assignment=assignment, content=content, by=world.actor(who), at=at, **more)


def test_a_photo_lies_on_the_disk_under_its_digest_and_is_told_once(world, sent):
    claimed = T0 - timedelta(minutes=3)
    row = add(world, sent, taken_at=claimed)
    data = content_path(row.sha256).read_bytes()
    assert hashlib.sha256(data).hexdigest() == row.sha256
    assert (row.size_bytes, row.received_at, row.taken_at) == (len(data), T0, claimed)
    event = Event.objects.get(kind="dispatch.field_attachment_added")
    assert (event.incident_id, event.actor_id) == (sent.incident_id, world.people["eve"].pk)
    assert event.data["media"] == "photo"


def test_the_file_is_synced_and_in_its_place_before_a_row_can_name_it(world, sent, monkeypatch):
    steps = []
    sync, create = os.fsync, FieldAttachment.objects.create
    monkeypatch.setattr("anlan.core.files.os.fsync", lambda fd: (steps.append("sync"), sync(fd)))

    def named(**columns):
        steps.append("row")
        assert content_path(columns["sha256"]).exists()
        return create(**columns)

    monkeypatch.setattr(FieldAttachment.objects, "create", named)
    add(world, sent)
    # The file, its folder, the folder of folders; then the row.
    assert steps == ["sync", "sync", "sync", "row"]


def test_only_the_unit_itself_sends_from_its_spot(world, sent):
    with pytest.raises(NotFound):
        add(world, sent, who="finn")
    with pytest.raises(NotPermitted):
        add(world, sent, who="ada")
    assert not FieldAttachment.objects.exists()


def test_a_photo_that_waited_on_the_phone_is_taken_for_a_day_after_the_unit_left(world, sent):
    left = go(sent, "finished", by=world.actor("eve"))
    add(world, sent, at=left + timedelta(hours=24))
    with pytest.raises(AttachmentTooLate) as refused:
        add(world, sent, at=left + timedelta(hours=24, seconds=1))
    assert refused.value.facts["since"] == left


def test_one_unit_does_not_fill_the_disk(world, sent, monkeypatch):
    monkeypatch.setattr("anlan.dispatch.services.attachments.ATTACHMENTS_AT_MOST", 2)
    add(world, sent)
    add(world, sent, webm(), kind="voice", at=later(minutes=4))
    with pytest.raises(AttachmentsFull) as refused:
        add(world, sent, at=later(minutes=5))
    assert (refused.value.facts["count"], refused.value.facts["since"]) == (2, later(minutes=4))


def test_a_nearly_full_disk_refuses_files_so_that_calls_go_on(monkeypatch, settings):
    monkeypatch.setattr(
        "anlan.core.files.shutil.disk_usage", lambda _path: type("D", (), {"total": 10**11, "free": 10**9})
    )
    with pytest.raises(StorageShort) as refused:
        content_put(b"x")
    assert "953 MB" in refused.value.detail("en")
    assert not list(settings.MEDIA_ROOT.rglob("*.*"))


def test_those_in_reach_see_it_and_each_look_is_logged(world, sent):
    row = add(world, sent)
    for who in ("ada", "ida", "eve"):
        found = attachment_for(world.actor(who), row.pk)
        assert services.attachment_show(attachment=found, by=world.actor(who), at=T0).read()[:2] == b"\xff\xd8"
    looks = ViewLog.objects.filter(object_type="dispatch.fieldattachment", object_id=row.pk)
    assert [look.incident_id for look in looks] == [sent.incident_id] * 3


def test_another_station_finds_nothing_and_a_role_without_the_right_is_told(world, sent):
    row = add(world, sent)
    with pytest.raises(NotFound):
        attachment_for(world.actor("cleo"), row.pk)
    with pytest.raises(NotPermitted):
        services.attachment_show(attachment=row, by=world.actor("ben"), at=T0)
    assert not ViewLog.objects.exists()


def test_a_file_that_is_not_on_the_disk_is_said_to_be_missing(world, sent):
    row = add(world, sent)
    content_path(row.sha256).unlink()
    with pytest.raises(ContentGone) as refused:
        services.attachment_show(attachment=row, by=world.actor("ada"), at=T0)
    assert "restored" in refused.value.detail("en")


def test_contents_go_with_the_words_of_their_matter_and_that_there_were_some_stays(world, sent):
    row = add(world, sent)
    path = content_path(row.sha256)
    assert attachments_expire(at=later(days=30)) == 0
    Incident.objects.filter(pk=sent.incident_id).update(erased_at=later(days=60))
    os.utime(path, (T0.timestamp(),) * 2)
    assert attachments_expire(at=later(days=60)) == 1
    row.refresh_from_db()
    assert (path.exists(), row.sha256, row.erased_at) == (False, "", later(days=60))
    assert [each.pk for each in attachments_of(sent.incident_id)] == [row.pk]
    with pytest.raises(NotFound):
        services.attachment_show(attachment=row, by=world.actor("ada"), at=later(days=61))
    assert attachments_expire(at=later(days=61)) == 0
    assert Event.objects.filter(kind="dispatch.field_attachments_erased").count() == 1


def test_nothing_outlives_the_longest_term_unless_its_matter_is_open(world, sent):
    assert max(KEPT_FOR.values()) == ATTACHMENTS_KEPT_AT_MOST
    add(world, sent)
    over = T0 + ATTACHMENTS_KEPT_AT_MOST
    assert services.attachments_erase(at=over) == 0
    Incident.objects.filter(pk=sent.incident_id).update(state="closed", closed_at=T0)
    assert services.attachments_erase(at=over - timedelta(days=1)) == 0
    assert services.attachments_erase(at=over) == 1


def test_a_file_no_row_names_is_swept_after_an_hour_and_one_that_is_named_never(world, sent):
    named = content_path(add(world, sent).sha256)
    orphan = content_path(content_put(b"left behind by a crash"))
    draft = orphan.with_name(f"{orphan.name}.{'0' * 32}")
    draft.write_bytes(b"half")
    born = T0.timestamp()
    for path in (named, orphan, draft):
        os.utime(path, (born, born))
    assert orphans_remove(named=contents_named, at=T0 + ORPHAN_AFTER - timedelta(seconds=1)) == 0
    assert orphans_remove(named=contents_named, at=T0 + ORPHAN_AFTER) == 2
    assert (named.exists(), orphan.exists(), draft.exists()) == (True, False, False)


def test_a_content_put_again_while_the_sweep_looks_is_left_alone():
    path = content_path(content_put(b"the same photo twice"))
    os.utime(path, (T0.timestamp(),) * 2)

    def meanwhile(_digests):
        content_put(b"the same photo twice")
        return set()

    assert orphans_remove(named=meanwhile, at=later(hours=2)) == 0
    assert path.read_bytes() == b"the same photo twice"


class Phone:
    """Eve's phone at the JSON doors."""

    def __init__(self, world, who="eve"):
        self.client = Client()
        self.client.force_login(world.people[who])

    def post(self, assignment, raw, *, kind="photo", key="k-1", **more):
        asked = "&".join(f"{name}={value}" for name, value in {"kind": kind, **more}.items())
        return self.client.post(
            f"/api/assignments/{assignment.pk}/attachments?{asked}",
            raw,
            content_type="application/octet-stream",
            headers={"Idempotency-Key": key},
        )


def test_a_photo_sent_again_with_its_key_counts_once(world, sent):
    phone = Phone(world)
    answers = [phone.post(sent, jpeg(exif=True), taken_at="2026-03-02T01:00:00Z") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201] * 3
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert FieldAttachment.objects.count() == 1
    told = phone.client.get(f"/api/incidents/{sent.incident_id}/attachments").json()
    assert [row["id"] for row in told] == [answers[0].json()["id"]]


def test_the_address_of_a_file_gives_it_as_what_it_is_and_lets_it_do_nothing(world, sent):
    phone = Phone(world)
    pk = phone.post(sent, webm(), kind="voice").json()["id"]
    answer = phone.client.get(f"/api/attachments/{pk}/content")
    assert answer.headers["Content-Type"] == "audio/webm"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content[:4] == b"\x1a\x45\xdf\xa3"
    assert Phone(world, "cleo").client.get(f"/api/attachments/{pk}/content").status_code == 404
    assert Client().get(f"/api/attachments/{pk}/content").status_code == 401


def test_one_can_seek_in_a_voice_note_and_each_stretch_is_a_look(world, sent):
    phone = Phone(world)
    row = FieldAttachment.objects.get(pk=phone.post(sent, webm(), kind="voice").json()["id"])
    path = f"/api/attachments/{row.pk}/content"
    whole = content_path(row.sha256).read_bytes()
    for asked, first, last in (("0-", 0, len(whole) - 1), ("2-5", 2, 5), ("-3", len(whole) - 3, len(whole) - 1)):
        answer = phone.client.get(path, headers={"Range": f"bytes={asked}"})
        assert (answer.status_code, answer.content) == (206, whole[first : last + 1])
        assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{len(whole)}"
    beyond = phone.client.get(path, headers={"Range": f"bytes={len(whole)}-"})
    assert (beyond.status_code, beyond.content) == (416, b"")
    assert ViewLog.objects.filter(object_type="dispatch.fieldattachment", object_id=row.pk).count() == 3


@pytest.mark.parametrize(
    ("raw", "kind", "status", "code"),
    [
        (b"%PDF-1.7", "photo", 415, "media_unreadable"),
        (jpeg(), "voice", 415, "media_unreadable"),
        (bytes(13 * 1024**2), "photo", 413, "media_too_large"),
        (bytes(17 * 1024**2), "photo", 413, "bad_input"),
        (bytes(3 * 1024**2), "voice", 413, "media_too_large"),
        (b"", "photo", 415, "media_unreadable"),
        (jpeg(), "video", 422, "bad_input"),
    ],
)
def test_what_is_not_a_photo_or_voice_note_is_refused_like_a_colleague(
    world, sent, settings, raw, kind, status, code
):
    answer = Phone(world).post(sent, raw, kind=kind)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert set(answer.json()["detail_i18n"]) == {"zh-hans", "en"}
    assert not list(settings.MEDIA_ROOT.rglob("*.*"))


def test_another_units_phone_can_send_nothing_there(world, sent):
    answer = Phone(world, "finn").post(sent, jpeg())
    assert answer.status_code == 404
