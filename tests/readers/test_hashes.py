"""Hashes are of the whole file, or there are none."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from ingest.readers import hashes
from ingest.readers.hashes import PIECE, hashes_of
from ingest.readers.sealed import ChangedWhileRead, stamp_of
from tests.readers.meddling import moments, outcome, rewritten

KINDS = ("sha256", "md5", "sha1")


def expected(data: bytes) -> dict[str, str]:
    return {kind: hashlib.new(kind, data).hexdigest() for kind in KINDS}


@pytest.fixture(params=[True, False], ids=["mapped", "read"])
def is_mapped(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    def unable(*_: object, **__: object) -> None:
        raise OSError("no such device")

    if not request.param:
        monkeypatch.setattr(hashes, "mmap", unable)
    return bool(request.param)


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_hashes_are_of_the_whole_file(tmp_path: Path, is_mapped: bool, size: int) -> None:
    data = bytes(range(251)) * (size // 251 + 1)
    path = tmp_path / "a"
    path.write_bytes(data[:size])
    assert hashes_of(path, "a", stamp_of(path.stat()), KINDS) == expected(data[:size])
    assert hashes_of(path, "a", None, ("sha256",)) == {"sha256": expected(data[:size])["sha256"]}


def test_a_file_that_changes_while_it_is_hashed_has_no_hashes(tmp_path: Path, is_mapped: bool) -> None:
    one, other = b"1" * 3 * PIECE, b"2" * 3 * PIECE
    path = tmp_path / "a"
    path.write_bytes(one)
    stamp = stamp_of(path.stat())
    told = []
    for moment in moments(lambda: hashes_of(path, "a", stamp, ("sha256",)), 30):
        path.write_bytes(one)
        seen = stamp_of(path.stat())
        found = outcome(lambda seen=seen: hashes_of(path, "a", seen, ("sha256",)), rewritten(path, other), moment)  # type: ignore[misc]
        told.append(isinstance(found, ChangedWhileRead))
        assert told[-1] or found == {"sha256": expected(one)["sha256"]}
    assert any(told)


def test_a_file_with_another_stamp_is_not_hashed(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"1")
    with pytest.raises(ChangedWhileRead):
        hashes_of(path, "a", (0, 0, 0, 0, 0), KINDS)
