"""The declaration that an XML file begins with: where it stands, the encoding it names, and the one that fits."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

UTF_8: Final = "UTF-8"
UTF_16: Final = "UTF-16"
BOMS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")

_DECLARED = re.compile(rb"""^<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_LATE = re.compile(rb"((?:\xef\xbb\xbf)?[ \t\r\n](?:[ \t\r\n]|\xef\xbb\xbf)*)(<\?xml[ \t\r\n][^>]{0,400}?\?>)")
_LATE_WIDE = re.compile(r"\ufeff([ \t\r\n]+)(<\?xml[ \t\r\n][^>]{0,400}?\?>)")
_ONE_BYTE = re.compile(r"(iso[-_ ]?8859|windows|cp|ibm|latin|l[1-9]$|us|ascii|mac|koi8|ansi).*", re.IGNORECASE)
_ONE_BYTE_PER_LETTER = (("cp1252", "Windows-1252"), ("mac_roman", "Mac OS Roman"), ("cp850", "DOS (code page 850)"))
_HIGH = re.compile(rb"[\x80-\xff]+")
_MARKS = frozenset("‘’“”–—…•€£©®™°·«»ªº´¿¡")
_SAMPLE: Final = 2000
_LIKELY: Final = 0.9
_LONGEST_RUN: Final = 3
"""Bytes beyond ASCII in a row: Latin letters with accents hardly ever stand so, letters of other scripts do."""


def declaration_first(data: bytes) -> bytes:
    """The bytes with the XML declaration in front of the empty lines before it, so that no element changes its line.

    Such lines come from text that was copied; nothing about them is ambiguous.
    """
    if data.startswith(BOMS[1:]):
        codec = "utf-16-le" if data.startswith(BOMS[1]) else "utf-16-be"
        text = data.decode(codec, "replace") if _LATE_WIDE.match(data[:2000].decode(codec, "replace")) else ""
        wide = _LATE_WIDE.match(text)
        return data if wide is None else f"\ufeff{wide[2]}{wide[1]}{text[wide.end() :]}".encode(codec)
    late = _LATE.match(data)
    if late is None:
        return data
    bom = BOMS[0] if BOMS[0] in late[1] else b""
    return bom + late[2] + late[1].replace(BOMS[0], b"") + data[late.end() :]


def declared_encoding(data: bytes) -> str | None:
    """The encoding in the XML declaration, as it is written there."""
    match = _DECLARED.match(data.removeprefix(BOMS[0]))
    return match[1].decode("ascii") if match else None


def is_utf_8(name: str | None) -> bool:
    """Whether UTF-8 is declared, or nothing, which means the same."""
    return name is None or name.upper() in ("UTF-8", "UTF8")


def is_misdeclared(data: bytes, declared: str | None) -> bool:
    """Whether a file that names an encoding of one byte per character is UTF-8 with characters beyond ASCII.

    No text of such an encoding is UTF-8 by chance. A byte order mark is believed before what is declared.
    """
    one_byte = declared is not None and _ONE_BYTE.fullmatch(declared) is not None and not data.startswith(BOMS)
    return one_byte and not data.isascii() and undecodable_at(data) is None


def undecodable_at(data: bytes) -> int | None:
    """Where the first bytes stand that are not UTF-8."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return None


def fitting_encoding(data: bytes) -> str | None:
    """The encoding that the bytes are in; None where that would be a guess."""
    if data.startswith(BOMS[1:]) or _is_wide(data):
        return UTF_16
    if undecodable_at(data) is None:
        return UTF_8
    runs = _HIGH.findall(data)[:_SAMPLE]
    if sum(len(run) for run in runs if len(run) >= _LONGEST_RUN) * 2 > sum(map(len, runs)):
        return None
    likely = {shown: _likelihood(data, codec) for codec, shown in _ONE_BYTE_PER_LETTER}
    best = max(likely, key=lambda shown: likely[shown])
    return best if likely[best] >= _LIKELY else None


FITTING: Final = frozenset({UTF_8, UTF_16, *(shown for _, shown in _ONE_BYTE_PER_LETTER)})
"""Every answer of `fitting_encoding`."""


def _is_wide(data: bytes) -> bool:
    """Whether every second byte is zero, as in UTF-16 with few letters beyond Latin."""
    head = data[:_SAMPLE]
    return len(head) > 3 and max(head[::2].count(0), head[1::2].count(0)) * 3 > len(head)


def _likelihood(data: bytes, codec: str) -> float:
    """The share of the characters beyond ASCII that are usual where they stand, from 0 to 1."""
    text = data.decode(codec, "replace")
    places = [at for at, one in enumerate(text) if not one.isascii()][:_SAMPLE]
    return sum(_is_usual(text[at], text[at - 1 : at]) for at in places) / len(places) if places else 0.0


def _is_usual(one: str, before: str) -> bool:
    """A letter of Latin-1, small after a small letter, or a mark of ordinary text."""
    if one in _MARKS:
        return True
    category = unicodedata.category(one) if "\u00c0" <= one <= "\u00ff" or one in "œŒ" else ""
    return category == "Ll" or (category == "Lu" and not before.islower())
