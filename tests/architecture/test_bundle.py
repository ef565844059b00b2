"""The bundle for closed networks: what was changed is refused by name, and what is in force changes at one moment."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
import sys
import tarfile
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

import bundle
import wheel
from architecture.source import ROOT
from bundled import installer, verify

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
RAW = KEY.public_key().public_bytes_raw()


@pytest.fixture
def folder(tmp_path) -> Path:
    """A bundle of three files, signed."""
    there = tmp_path / "anlan-1"
    (there / "wheels").mkdir(parents=True)
    (there / "wheels" / "django-5.2-py3-none-any.whl").write_bytes(b"a wheel")
    (there / "wheels" / "numpy-2.4-cp311-cp311-linux_x86_64.whl").write_bytes(b"another")
    (there / "requirements.txt").write_text("django==5.2\n")
    assert bundle.sign(there, KEY) == verify.fingerprint(RAW)
    return there


def told(folder: Path, key: bytes = RAW) -> list[str]:
    return verify.problems(folder, verify.fingerprint(key))


def test_what_was_signed_is_sound(folder):
    assert told(folder) == []


def test_a_changed_byte_is_named(folder):
    (folder / "wheels" / "django-5.2-py3-none-any.whl").write_bytes(b"a wheeL")
    assert told(folder) == ["内容被改动 / changed: wheels/django-5.2-py3-none-any.whl"]


def test_a_missing_wheel_is_named(folder):
    (folder / "wheels" / "django-5.2-py3-none-any.whl").unlink()
    assert told(folder) == ["缺少文件 / missing: wheels/django-5.2-py3-none-any.whl"]


def test_a_link_in_place_of_a_file_does_not_count_as_the_file(folder, tmp_path):
    path = folder / "wheels" / "django-5.2-py3-none-any.whl"
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert told(folder) == ["缺少文件 / missing: wheels/django-5.2-py3-none-any.whl"]


def test_a_file_that_nobody_signed_is_named(folder):
    (folder / "wheels" / "sitecustomize.py").write_text("")
    assert told(folder) == ["清单之外的文件 / not on the list: wheels/sitecustomize.py"]


def test_a_list_written_anew_without_the_key_is_refused(folder):
    path = folder / "wheels" / "django-5.2-py3-none-any.whl"
    path.write_bytes(b"b wheel")
    sums = folder / verify.SUMS
    sums.write_text(sums.read_text().replace(hashlib.sha256(b"a wheel").hexdigest(), _digest(path)))
    assert told(folder) == ["签名无效 / the signature does not hold: SHA256SUMS.sig"]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_another_key_than_the_one_that_was_named_is_refused(folder):
    other = Ed25519PrivateKey.generate()
    bundle.sign(folder, other)
    assert told(folder)[0].startswith("签名公钥不是指定的那一个 / signed by another key: ")


@pytest.mark.parametrize("name", [verify.SUMS, verify.SIGNATURE, verify.KEY])
def test_a_bundle_without_its_signature_is_no_bundle(folder, name):
    (folder / name).unlink()
    assert told(folder) == [f"缺少文件 / missing: {name}"]


# RFC 8032, 7.1: key, message, signature
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
]


@pytest.mark.parametrize(("key", "message", "signature"), VECTORS)
def test_signatures_of_the_standard_hold_and_any_other_message_does_not(key, message, signature):
    raw, text, signed = bytes.fromhex(key), bytes.fromhex(message), bytes.fromhex(signature)
    assert verify.signature_holds(raw, text, signed)
    assert not verify.signature_holds(raw, text + b"!", signed)


@settings(max_examples=20)
@given(st.binary(max_size=40), st.integers(0, 511), st.sampled_from(["message", "signature", "key"]))
def test_the_verifier_agrees_with_the_library_and_notices_any_bit(message, bit, where):
    signature = KEY.sign(message)
    parts = {"message": bytearray(message or b"\0"), "signature": bytearray(signature), "key": bytearray(RAW)}
    assert verify.signature_holds(RAW, message, signature)
    parts[where][bit // 8 % len(parts[where])] ^= 1 << bit % 8
    if where == "message" and not message:
        parts["message"] = bytearray(b"\0")
    assert not verify.signature_holds(bytes(parts["key"]), bytes(parts["message"]), bytes(parts["signature"]))


def test_the_verifier_needs_nothing_but_python(folder):
    copy = folder / "verify.py"
    copy.write_bytes((ROOT / "tools" / "bundled" / "verify.py").read_bytes())
    bundle.sign(folder, KEY)
    words = [sys.executable, "-I", "-S", str(copy), "--key", verify.fingerprint(RAW)]
    done = subprocess.run(words, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "完好 / sound")


def test_the_same_files_give_the_same_archive(folder, tmp_path):
    bundle.pack(folder, tmp_path / "one.tar", 1_700_000_000)
    (folder / "requirements.txt").touch()
    (folder / "requirements.txt").chmod(0o600)
    bundle.pack(folder, tmp_path / "two.tar", 1_700_000_000)
    assert _digest(tmp_path / "one.tar") == _digest(tmp_path / "two.tar")
    with tarfile.open(tmp_path / "one.tar") as archive:
        assert "anlan-1/SHA256SUMS" in archive.getnames()


# What is fetched


LOCK = """cffi==2.1.1 ; platform_python_implementation != 'PyPy' \\
    --hash=sha256:aa
numpy==2.4.6 ; python_full_version < '3.12' \\
    --hash=sha256:bb \\
    --hash=sha256:cc
numpy==2.5.5 ; python_full_version >= '3.12' \\
    --hash=sha256:dd
tzdata==2026.6 ; sys_platform == 'win32' \\
    --hash=sha256:ee
only-arm==1 ; platform_machine == 'aarch64' \\
    --hash=sha256:ff
"""


def test_a_machine_gets_the_pins_that_are_meant_for_it():
    assert bundle.pins_for(LOCK, "x86_64") == [
        "cffi==2.1.1 --hash=sha256:aa",
        "numpy==2.4.6 --hash=sha256:bb --hash=sha256:cc",
    ]
    assert bundle.pins_for(LOCK, "aarch64")[-1] == "only-arm==1 --hash=sha256:ff"


def test_a_pin_without_a_hash_makes_no_bundle():
    with pytest.raises(bundle.CannotBuild, match="not pinned by hash: apprise"):
        bundle.pins_for("apprise==2.2.0\n", "x86_64")


def test_the_c_library_that_is_needed_is_read_from_the_names():
    assert bundle.libc_needed(["a-1-py3-none-any.whl", "b-1-cp311-cp311-manylinux2014_x86_64.whl"]) == (2, 17)
    both = "c-1-cp311-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.manylinux_2_28_x86_64.whl"
    assert bundle.libc_needed([both, "d-1-cp311-cp311-manylinux_2_28_x86_64.whl"]) == (2, 28)


def test_a_wheel_without_its_compiled_parts_says_so_and_holds_together(tmp_path):
    path = tmp_path / "anlan-1-cp311-abi3-linux_x86_64.whl"
    said = "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp311-abi3-linux_x86_64\n\n"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in {
            "anlan/a.py": "a",
            "anlan/native.abi3.so": "x GLIBC_2.29 y",
            "anlan-1.dist-info/WHEEL": said,
            "anlan-1.dist-info/RECORD": "",
        }.items():
            archive.writestr(name, text)
    assert (wheel.is_compiled(path), wheel.libc_of(path)) == (True, (2, 29))
    made = wheel.plain(path)
    assert made.name == "anlan-1-py3-none-any.whl"
    assert not wheel.is_compiled(made)
    with zipfile.ZipFile(made) as archive:
        record = archive.read("anlan-1.dist-info/RECORD").decode().splitlines()
        assert [line.split(",")[0] for line in record] == archive.namelist()
        assert "Tag: py3-none-any" in archive.read("anlan-1.dist-info/WHEEL").decode()


# What is installed


@pytest.fixture
def site(tmp_path) -> installer.Site:
    """Two versions, the older one in force with a home of its own."""
    for name, rooms in {
        "1-old": {"core": "0001_initial"},
        "2-new": {"core": "0002_more", "patrol": "0001_initial"},
    }.items():
        kept = tmp_path / "versions" / name / "bundle"
        kept.mkdir(parents=True)
        (kept / "manifest.json").write_text(json.dumps({"name": name, "migrations": rooms}))
    found = installer.Site(tmp_path)
    draft = installer.generation_new(found, tmp_path / "versions" / "1-old", None, act="install")
    with closing(sqlite3.connect(draft / "home" / installer.STORE)) as store:
        store.execute("PRAGMA journal_mode=WAL")
        store.execute("CREATE TABLE core_event (id INTEGER PRIMARY KEY)")
        store.executemany("INSERT INTO core_event VALUES (?)", [(1,), (2,), (3,)])
        store.commit()
    (draft / "home" / "media").mkdir()
    (draft / "home" / "media" / "photo").write_bytes(b"photo")
    (draft / "home" / "secrets").mkdir(mode=0o700)
    (draft / "home" / "secrets" / "key").touch(mode=0o600)
    (draft / "home" / "reserve").write_bytes(bytes(1000))
    draft.rename(draft.with_name("1"))
    found.put_in_force(draft.with_name("1"))
    return found


def copied(site: installer.Site) -> Path:
    return installer.generation_new(site, site.prefix / "versions" / "2-new", site.generation / "home", act="upgrade")


def test_a_copy_of_a_home_holds_all_that_was_committed_and_keeps_its_rights(site):
    with closing(sqlite3.connect(site.generation / "home" / installer.STORE)) as line:
        line.execute("INSERT INTO core_event VALUES (4)")
        line.commit()  # lies in the log, not yet in the file
        home = copied(site) / "home"
    assert installer.events_in(home) == 4
    assert (home / "secrets" / "key").stat().st_mode & 0o777 == 0o600
    assert (home / "media" / "photo").samefile(site.generation / "home" / "media" / "photo")
    assert not (home / "reserve").exists()


def test_a_copy_is_not_in_force_and_the_next_attempt_clears_it_away(site):
    before = site.generation
    left = copied(site)
    assert site.generation == before
    assert left.name == "2.new"
    (left / "half").touch()
    assert not (copied(site) / "half").exists()


def test_a_copy_with_fewer_records_is_not_put_in_force(site, monkeypatch):
    monkeypatch.setattr(installer, "anlan", lambda *_words: "")
    before = site.generation
    with pytest.raises(installer.Refused, match="3 records of 4"):
        installer.generation_take(site, copied(site), at_least=4)
    assert site.generation == before


def test_nothing_is_copied_while_a_centre_holds_the_lock(site):
    words = ["flock", "-s", str(site.prefix / "lock"), "sh", "-c", "echo up; read line"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as centre:
        assert centre.stdout is not None
        centre.stdout.readline()
        with pytest.raises(installer.Refused, match="systemctl stop anlan") as refused:
            site.lock()
        assert refused.value.code == installer.CENTRE_RUNS
        centre.communicate(b"\n")
    site.lock()


def test_tables_are_taken_back_by_the_version_that_knows_the_way(site, monkeypatch):
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(installer, "anlan", lambda version, _home, *words: asked.append((version.name, *words)))
    versions = site.prefix / "versions"
    installer._tables_back(versions / "2-new", versions / "1-old", site.prefix)
    assert asked == [
        ("2-new", "manage", "migrate", "core", "0001_initial"),
        ("2-new", "manage", "migrate", "patrol", "zero"),
    ]


def test_who_was_never_upgraded_can_not_go_back(site):
    with pytest.raises(installer.Refused, match="there is nothing before it"):
        installer.back(site, as_before=False)
