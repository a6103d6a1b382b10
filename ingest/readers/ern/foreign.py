"""Documents of other kinds that were saved or renamed as XML, by their first bytes."""

from __future__ import annotations

import re
from typing import Final

from ingest.core.documents import Document
from ingest.readers.ern.encodings import BOMS

HEAD: Final = 65_536

_STARTS: Final = (
    (b"{\\rtf", Document.RTF),
    (b"%PDF", Document.PDF),
    (b"bplist00", Document.PROPERTY_LIST),
    (b"\x1f\x8b", Document.ARCHIVE),
    (b"Rar!\x1a", Document.ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", Document.ARCHIVE),
    (b"BZh", Document.ARCHIVE),
    (b"\xfd7zXZ", Document.ARCHIVE),
    (b"\x89PNG", Document.PICTURE),
    (b"\xff\xd8\xff", Document.PICTURE),
    (b"GIF8", Document.PICTURE),
    (b"II*\x00", Document.PICTURE),
    (b"MM\x00*", Document.PICTURE),
    (b"8BPS", Document.PICTURE),
    (b"RIFF", Document.AUDIO),
    (b"RF64", Document.AUDIO),
    (b"FORM", Document.AUDIO),
    (b"fLaC", Document.AUDIO),
    (b"ID3", Document.AUDIO),
    (b"OggS", Document.AUDIO),
)
_ZIPPED: Final = (
    (b"word/", Document.WORD),
    (b"xl/", Document.SPREADSHEET),
    (b"ppt/", Document.PRESENTATION),
    (b"opendocument.text", Document.OPEN_TEXT),
    (b"opendocument.spreadsheet", Document.SPREADSHEET),
    (b"opendocument.presentation", Document.PRESENTATION),
    (b"Index/Document.iwa", Document.PAGES),
    (b"Index/Metadata.iwa", Document.PAGES),
    (b"Index.zip", Document.PAGES),
)
_OFFICE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_STREAMS: Final = (("WordDocument", Document.WORD), ("Workbook", Document.SPREADSHEET), ("Book", Document.SPREADSHEET))
_WEB_PAGE: Final = re.compile(r"(<\?xml[^>]*>\s*)?(<!--((?!-->).)*-->\s*)*(<!doctype\s+html|<html\b)", re.I | re.S)
_WORD_XML: Final = re.compile(r"<\?mso-application\s+progid=.Word\.Document|<w:wordDocument\b|<pkg:package\b")
_SHEET_XML: Final = re.compile(r"<\?mso-application\s+progid=.Excel\.Sheet|<(ss:)?Workbook\b")
_PROPERTY_LIST: Final = re.compile(r"<!DOCTYPE plist|<plist\b")
_EMAIL: Final = re.compile(
    r"(Return-Path|Received|Delivered-To|From|Date|MIME-Version|Message-ID):[ \t]", re.IGNORECASE
)
_NO_CONTROLS: Final = bytes(one for one in range(256) if one >= 32 or one in b"\0\t\n\r")
_MOST_CONTROLS: Final = 10
"""Control characters that a small text may have by mistake."""
_JSON: Final = re.compile(r'\{\s*("|\})|\[\s*["{\[\d\]]')


def other_document(data: bytes) -> Document | None:
    """What the bytes are in place of XML; None for everything that has tags, however broken."""
    document = _by_bytes(data)
    if document is not None:
        return document
    text = _decoded(data[:HEAD]).lstrip("\ufeff \t\r\n")
    if _WEB_PAGE.match(text):
        return Document.WEB_PAGE
    start = text[:1000]
    if _WORD_XML.search(start):
        return Document.WORD
    if _SHEET_XML.search(start):
        return Document.SPREADSHEET
    if _PROPERTY_LIST.search(start):
        return Document.PROPERTY_LIST
    if _is_binary(data[:HEAD]):
        return Document.BINARY
    return None if _has_tags(data) else _of_text(text)


def _by_bytes(data: bytes) -> Document | None:
    if data.startswith(b"PK\x03\x04"):
        return next((kind for mark, kind in _ZIPPED if mark in data), Document.ARCHIVE)
    if data.startswith(_OFFICE):
        names = ((name.encode("utf-16-le"), kind) for name, kind in _STREAMS)
        return next((kind for name, kind in names if name in data), Document.OFFICE)
    if data.startswith(b"bplist00") and b"WebMainResource" in data[:HEAD]:
        return Document.WEB_ARCHIVE
    if data[4:8] == b"ftyp":
        return Document.AUDIO
    return next((kind for mark, kind in _STARTS if data.startswith(mark)), None)


def _decoded(head: bytes) -> str:
    return head.decode("utf-16" if head.startswith(BOMS[1:]) else "utf-8", "replace")


def _is_binary(head: bytes) -> bool:
    """Whether one byte of twenty is a control character; zeros do not count, for they fill gaps and UTF-16."""
    count = len(head.translate(None, _NO_CONTROLS))
    return count >= _MOST_CONTROLS and count * 20 > len(head)


def _has_tags(data: bytes) -> bool:
    """Whether anything could be a tag, of itself or written as `&lt;`."""
    return b"<" in data or b"&lt;" in data


def _of_text(text: str) -> Document:
    """What a file without any tag is, by its first lines."""
    if "\x00" in text or text.count("\ufffd") * 10 > len(text):
        return Document.BINARY
    if _JSON.match(text):
        return Document.JSON
    if _EMAIL.match(text):
        return Document.EMAIL
    lines = [line for line in text.split("\n")[:20] if line.strip()]
    if any(all(mark in line for line in lines) for mark in ",;\t"):
        return Document.TABLE
    return Document.TEXT
