"""Documents that arrive in place of an XML file, as people call them."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Document(StrEnum):
    """A kind of document; the value is its name with an article."""

    WORD = "a Word document"
    RTF = "an RTF document"
    PAGES = "a document of Pages, Numbers or Keynote"
    OPEN_TEXT = "an OpenDocument text"
    SPREADSHEET = "a spreadsheet"
    PRESENTATION = "a presentation"
    OFFICE = "an Office document"
    WEB_PAGE = "a web page (HTML)"
    WEB_ARCHIVE = "a web page saved by Safari"
    PDF = "a PDF document"
    JSON = "JSON"
    TABLE = "a table (CSV)"
    TEXT = "plain text"
    EMAIL = "an email"
    PROPERTY_LIST = "an Apple property list"
    ARCHIVE = "an archive"
    PICTURE = "a picture"
    AUDIO = "an audio file"
    BINARY = "a file of bytes that are not text"


WRITTEN: Final = frozenset({Document.WORD, Document.RTF, Document.PAGES, Document.OPEN_TEXT, Document.OFFICE})
"""What word processors save: the text in it may well be the XML."""

_SUFFIXES: Final = {
    **dict.fromkeys((".doc", ".docx", ".docm", ".dotx"), Document.WORD),
    **dict.fromkeys((".rtf", ".rtfd"), Document.RTF),
    **dict.fromkeys((".pages", ".numbers", ".key"), Document.PAGES),
    **dict.fromkeys((".xls", ".xlsx", ".xlsm", ".ods"), Document.SPREADSHEET),
    **dict.fromkeys((".ppt", ".pptx", ".odp"), Document.PRESENTATION),
    **dict.fromkeys((".htm", ".html", ".xhtml", ".mht", ".mhtml"), Document.WEB_PAGE),
    **dict.fromkeys((".csv", ".tsv"), Document.TABLE),
    ".odt": Document.OPEN_TEXT,
    ".webarchive": Document.WEB_ARCHIVE,
    ".pdf": Document.PDF,
    ".json": Document.JSON,
    ".eml": Document.EMAIL,
    ".plist": Document.PROPERTY_LIST,
    **dict.fromkeys((".txt", ".text"), Document.TEXT),
}


def document_named(path: str) -> Document | None:
    """The kind of document that a file is by its suffix; None for other suffixes."""
    return _SUFFIXES.get(split_name(path)[1].lower())


def split_name(path: str) -> tuple[str, str]:
    """The name of a file without its folders, in two: what stands before its suffix, and `.suffix` (may be empty)."""
    name = path.rpartition("/")[2]
    stem, point, suffix = name.rpartition(".")
    return (stem, f".{suffix}") if point and stem and suffix else (name, "")
