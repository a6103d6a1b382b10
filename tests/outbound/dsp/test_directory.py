"""Deliveries to a directory: whole or not at all, verified, repeatable."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from ingest.core.outcome import Done, Failed, Outcome
from ingest.outbound.dsp.directory import CHANGED, push

FILES = {"metadata.xml": b"<x/>", "resources/01.wav": b"RIFF" + bytes(3_000_000)}


def package(folder: Path) -> dict[str, str | None]:
    digests: dict[str, str | None] = {}
    for path, data in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
        digests[path] = hashlib.sha256(data).hexdigest()
    return digests


def delivered(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def reason(outcome: Outcome) -> str:
    assert isinstance(outcome, Failed) and not outcome.permanent
    return outcome.reason


def test_a_package_is_copied_whole_under_its_name_and_may_be_read_by_others(tmp_path: Path) -> None:
    target = tmp_path / "dsp"
    target.mkdir()
    assert push(target, tmp_path / "package", "5034567890120_7", package(tmp_path / "package")) == Done()
    assert [path.name for path in target.iterdir()] == ["5034567890120_7"]
    assert delivered(target / "5034567890120_7") == FILES
    assert (target / "5034567890120_7/resources/01.wav").stat().st_mode & 0o777 == 0o644
    assert (target / "5034567890120_7/resources").stat().st_mode & 0o777 == 0o755


def test_a_second_attempt_finds_it_done_and_what_a_crash_left_is_cleared(tmp_path: Path) -> None:
    target = tmp_path / "dsp"
    (target / ".name_1.abc.part").mkdir(parents=True)
    (target / ".name_1.abc.part" / "rubbish").write_bytes(b"half")
    os.utime(target / ".name_1.abc.part", (0, 0))
    digests = package(tmp_path / "package")
    assert push(target, tmp_path / "package", "name_1", digests) == Done()
    assert push(target, tmp_path / "package", "name_1", digests) == Done()
    assert delivered(target) == {f"name_1/{path}": data for path, data in FILES.items()}


def test_files_that_are_no_longer_what_was_checked_are_not_delivered(tmp_path: Path) -> None:
    target = tmp_path / "dsp"
    target.mkdir()
    digests = package(tmp_path / "package")
    (tmp_path / "package/metadata.xml").write_bytes(b"<y/>")
    failed = push(target, tmp_path / "package", "name_1", digests)
    assert isinstance(failed, Failed) and failed.permanent
    assert "no longer what was checked" in failed.reason and "metadata.xml" in failed.reason
    assert not (target / "name_1").exists()


def test_a_missing_target_or_file_is_said_and_nothing_is_left_under_the_final_name(tmp_path: Path) -> None:
    digests = package(tmp_path / "package")
    assert push(tmp_path / "nowhere", tmp_path / "package", "name_1", digests) == Failed(
        f"the directory {tmp_path / 'nowhere'} does not exist"
    )
    (tmp_path / "dsp").mkdir()
    (tmp_path / "package/metadata.xml").unlink()
    assert reason(push(tmp_path / "dsp", tmp_path / "package", "name_1", digests)).startswith("FileNotFoundError")
    assert not (tmp_path / "dsp/name_1").exists()


ELSEWHERE = [
    "/etc/hostname",
    "../secret",
    "a/../../secret",
    "./metadata.xml",
    "resources//01.wav",
    "",
    "resources/",
    "a\0b",
    "\ud800",
]


@pytest.mark.parametrize("path", ELSEWHERE)
def test_a_path_that_leads_elsewhere_is_refused_for_good_before_anything_is_touched(tmp_path: Path, path: str) -> None:
    target, secret = tmp_path / "dsp", tmp_path / "secret"
    target.mkdir()
    secret.write_bytes(b"of another")
    secret.chmod(0o600)
    digests = package(tmp_path / "package") | {path: hashlib.sha256(b"of another").hexdigest()}
    for asked in (digests, {str(secret): None}):
        failed = push(target, tmp_path / "package", "name_1", asked)
        assert isinstance(failed, Failed) and failed.permanent and failed.reason.startswith(CHANGED)
    assert list(target.iterdir()) == []
    assert (secret.read_bytes(), secret.stat().st_mode & 0o777) == (b"of another", 0o600)


def test_a_file_without_a_digest_is_never_delivered(tmp_path: Path) -> None:
    (tmp_path / "dsp").mkdir()
    digests = package(tmp_path / "package") | {"metadata.xml": None}
    assert push(tmp_path / "dsp", tmp_path / "package", "name_1", digests) == Failed(
        f"{CHANGED}: no SHA-256 of metadata.xml was recorded", permanent=True
    )
    assert list((tmp_path / "dsp").iterdir()) == []


@pytest.mark.parametrize("link", ["metadata.xml", "resources", "."])
def test_no_link_in_the_package_is_followed(tmp_path: Path, link: str) -> None:
    target, source, moved = tmp_path / "dsp", tmp_path / "package", tmp_path / "moved"
    target.mkdir()
    digests = package(source)
    (source / link).rename(moved) if link != "." else source.rename(moved)
    (source / link).symlink_to(moved) if link != "." else source.symlink_to(moved)
    failed = push(target, source, "name_1", digests)
    assert reason(failed).split(":")[0] in ("OSError", "NotADirectoryError")
    assert list(target.iterdir()) == []


def test_a_pipe_in_the_package_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "dsp").mkdir()
    digests = package(tmp_path / "package")
    (tmp_path / "package/metadata.xml").unlink()
    os.mkfifo(tmp_path / "package/metadata.xml")
    assert "not a regular file" in reason(push(tmp_path / "dsp", tmp_path / "package", "name_1", digests))
