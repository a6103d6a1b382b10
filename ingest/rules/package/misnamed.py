"""PKG: files of a folder without a message that were meant to be it: a document, or XML under another ending."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ingest.core.documents import Document, document_named, split_name
from ingest.core.dossier import Dossier
from ingest.core.facts import FileKind
from ingest.core.message import MessageProblem
from ingest.rules.documents import cure_of

_STEM: Final = re.compile(r"metadata|ern|ddex|newreleasemessage|[0-9]{12,14}", re.IGNORECASE)
_XML_WITHIN: Final = re.compile(r".+[._-]xml(\.[A-Za-z0-9]{1,6})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Misnamed:
    """A file that was meant to be the message; `document` is what it is by its ending, None where it has none of ours.

    `is_xml_inside`: its name is that of an XML file but for its ending.
    """

    path: str
    document: Document | None
    is_xml_inside: bool

    @property
    def is_only_renamed(self) -> bool:
        return self.document is None or self.document is Document.TEXT

    @property
    def what(self) -> str:
        """A sentence about the file, with a blank before it."""
        if self.is_only_renamed:
            return f" The file {self.path} looks as if it is meant, but its name does not end in .xml."
        return f" The file {self.path} is {self.document}."

    @property
    def cure(self) -> str:
        if not self.is_only_renamed and self.document is not None:
            return f"{cure_of(self.document)} Then upload the release again as a new folder."
        hidden = " Windows hides such endings: in Explorer, switch on View > File name extensions."
        shown = hidden if self.is_xml_inside and self.document is not None else ""
        return f"Rename {self.path} to metadata.xml and upload the release again as a new folder.{shown}"


def misnamed(dossier: Dossier) -> Misnamed | None:
    """The file that was most probably meant to be the message; None where there is none, or a message."""
    unread = dossier.unreadable
    if unread is None or unread.problem is not MessageProblem.MISSING or dossier.folder.is_cut:
        return None
    found = (_misnamed(entry.path) for entry in dossier.folder.of(FileKind.OTHER))
    return min((one for one in found if one is not None), key=_rank, default=None)


def _misnamed(path: str) -> Misnamed | None:
    stem, suffix = split_name(path)
    document, is_xml_inside = document_named(path), _XML_WITHIN.fullmatch(stem + suffix) is not None
    if is_xml_inside or (_STEM.fullmatch(stem) and (document is not None or not suffix)):
        return Misnamed(path, document, is_xml_inside)
    return None


def _rank(one: Misnamed) -> tuple[bool, bool]:
    return not one.is_xml_inside, not one.is_only_renamed
