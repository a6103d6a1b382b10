"""Paths by their text alone, and the names that may be made."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.inbound.backend import Refused
from ingest.inbound.sftp.paths import check_name, check_new, parts_of, path_of, shown

SEGMENTS = st.sampled_from([b"..", b".", b"", b"incoming", b"a b", "Ü".encode(), b"\xff"])


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        (b"", ()),
        (b".", ()),
        (b"/", ()),
        (b"incoming", (b"incoming",)),
        (b"/incoming//x/./y/", (b"incoming", b"x", b"y")),
        (b"/incoming/../../../etc/passwd", (b"etc", b"passwd")),
        (b"/../incoming/x/..", (b"incoming",)),
    ],
)
def test_a_path_resolves_without_the_disk(path: bytes, parts: tuple[bytes, ...]) -> None:
    assert parts_of(path) == parts


@settings(max_examples=100)
@given(st.lists(SEGMENTS, max_size=12))
def test_no_path_resolves_above_the_root(segments: list[bytes]) -> None:
    parts = parts_of(b"/".join(segments))
    assert not {b"", b".", b".."} & set(parts)
    assert parts_of(path_of(parts)) == parts


@pytest.mark.parametrize("path", [b"x" * 4097, b"/incoming/a\0b"])
def test_a_path_too_long_or_with_a_nul_is_refused(path: bytes) -> None:
    with pytest.raises(Refused):
        parts_of(path)


@pytest.mark.parametrize("name", ["01_Ouvertüre & Lied.wav", "日本語.flac", ".DS_Store", " x ", "a\\b", "x" * 255])
def test_ordinary_names_are_taken(name: str) -> None:
    check_name(name.encode())


@pytest.mark.parametrize(
    ("name", "word"),
    [
        (b"a\nb", "U+000A"),
        (b"a\x7f", "U+007F"),
        ("a\u202eb".encode(), "U+202E"),
        ("a\u2028b".encode(), "U+2028"),
        (b"caf\xe9.wav", "UTF-8"),
        (b"x" * 256, "255"),
    ],
)
def test_a_name_that_is_refused_says_why(name: bytes, word: str) -> None:
    with pytest.raises(Refused, match=word.replace("+", r"\+")):
        check_name(name)


def test_folders_may_lie_eight_deep() -> None:
    check_new((b"a",) * 8)
    with pytest.raises(Refused, match="8 deep"):
        check_new((b"a",) * 9)


def test_bytes_that_are_not_utf_8_are_shown_as_escapes() -> None:
    assert shown((b"a", b"caf\xe9")) == "a/caf\\xe9"
