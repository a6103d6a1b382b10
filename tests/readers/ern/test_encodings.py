"""Which encoding fits the bytes of a file, where that is no guess."""

from __future__ import annotations

import pytest

from ingest.readers.ern.encodings import declaration_first, declared_encoding, fitting_encoding, is_misdeclared

WESTERN = "<t>Beyoncé – für Ärger, naïve Größe, São Paulo, l’été</t>"


@pytest.mark.parametrize(
    ("text", "codec", "fits"),
    [
        (WESTERN, "utf-8", "UTF-8"),
        (WESTERN, "cp1252", "Windows-1252"),
        (WESTERN.replace("–", "-").replace("’", "'"), "latin-1", "Windows-1252"),
        (WESTERN, "mac_roman", "Mac OS Roman"),
        (WESTERN.replace("–", "-").replace("’", "'"), "cp850", "DOS (code page 850)"),
        (WESTERN, "utf-16", "UTF-16"),
        (WESTERN, "utf-16-be", "UTF-16"),
        ("<t>é</t>", "cp1252", "Windows-1252"),
        ("<t>ÉTÉ</t>", "cp1252", "Windows-1252"),
        ("<t>plain</t>", "ascii", "UTF-8"),
        ("<t>Привет, мир</t>", "cp1251", None),
        ("<t>こんにちは</t>", "shift_jis", None),
    ],
)
def test_the_encoding_of_bytes(text: str, codec: str, fits: str | None) -> None:
    assert fitting_encoding(text.encode(codec)) == fits


@pytest.mark.parametrize(
    ("declared", "data", "is_wrong"),
    [
        ("ISO-8859-1", "é".encode(), True),
        ("windows-1252", "“é”".encode(), True),
        ("us-ascii", "é".encode(), True),
        ("ISO-8859-1", "é".encode("latin-1"), False),
        ("ISO-8859-1", "éÃ©".encode("latin-1"), False),
        ("ISO-8859-1", b"e", False),
        ("UTF-8", "é".encode(), False),
        ("Shift_JIS", "é".encode(), False),
        (None, "é".encode(), False),
        ("ISO-8859-1", "\ufeffé".encode(), False),
    ],
)
def test_utf_8_under_another_name_is_seen(declared: str | None, data: bytes, is_wrong: bool) -> None:
    assert is_misdeclared(data, declared) is is_wrong


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"<?xml version='1.0' encoding='utf-8'?>", "utf-8"),
        (b'\xef\xbb\xbf<?xml version="1.0" encoding = "ISO_8859-1:1987"?>', "ISO_8859-1:1987"),
        (b"<?xml version='1.0'?><a encoding='x'/>", None),
        (b"<a/>", None),
    ],
)
def test_the_declared_encoding_is_read_as_it_is_written(data: bytes, name: str | None) -> None:
    assert declared_encoding(data) == name


@pytest.mark.parametrize(
    ("data", "moved"),
    [
        (b"\n\n<?xml version='1.0'?>\n<a/>", b"<?xml version='1.0'?>\n\n\n<a/>"),
        (b"\xef\xbb\xbf\n<?xml version='1.0'?><a/>", b"\xef\xbb\xbf<?xml version='1.0'?>\n<a/>"),
        (b"\n\xef\xbb\xbf<?xml version='1.0'?><a/>", b"\xef\xbb\xbf<?xml version='1.0'?>\n<a/>"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><a/>", b"\xef\xbb\xbf<?xml version='1.0'?><a/>"),
        (b"<?xml version='1.0'?>\n<a/>", b"<?xml version='1.0'?>\n<a/>"),
        (b"\n<a/>", b"\n<a/>"),
        (b"\n<?xml-stylesheet x?><a/>", b"\n<?xml-stylesheet x?><a/>"),
    ],
)
def test_the_declaration_comes_first(data: bytes, moved: bytes) -> None:
    assert declaration_first(data) == moved
