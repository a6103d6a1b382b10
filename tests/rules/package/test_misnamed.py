"""A file that was meant to be the message is named with what to do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.core.dossier import Dossier
from ingest.core.facts import FileEntry, FileKind
from ingest.core.message import MessageProblem, UnreadableMessage
from tests.rules.dossiers import GOOD, codes, only

RENAME = "Rename {} to metadata.xml and upload the release again as a new folder."
HIDDEN = " Windows hides such endings: in Explorer, switch on View > File name extensions."


def without_message(*names: str) -> Dossier:
    kept = tuple(entry for entry in GOOD.folder.entries if entry.kind is not FileKind.MESSAGE)
    others = tuple(FileEntry(name, 4000, FileKind.OTHER) for name in names)
    unread = UnreadableMessage(None, MessageProblem.MISSING)
    return replace(
        GOOD, folder=replace(GOOD.folder, entries=(*others, *kept)), message=None, unreadable=unread, files=()
    )


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("metadata.xml.txt", RENAME + HIDDEN),
        ("Metadata.XML.TXT", RENAME + HIDDEN),
        ("release.xml.txt", RENAME + HIDDEN),
        ("metadata.xml.bak", RENAME),
        ("metadata", RENAME),
        ("metadata_xml", RENAME),
        ("metadata.txt", RENAME),
        ("5034567890120.txt", RENAME),
    ],
)
def test_a_file_under_another_ending_is_to_be_renamed(name: str, fix: str) -> None:
    finding = only(without_message(name))

    assert finding.code == "PKG-002"
    assert finding.text == (
        f"We never received metadata.xml: there is no DDEX message in the release folder. The file {name} looks as if"
        " it is meant, but its name does not end in .xml."
    )
    assert (finding.found, finding.expected) == (name, "metadata.xml")
    assert finding.fix == fix.format(name)


@pytest.mark.parametrize(
    ("name", "document", "cure"),
    [
        ("metadata.docx", "a Word document", "copy it into a plain text editor"),
        ("metadata.rtf", "an RTF document", "copy it into a plain text editor"),
        ("metadata.xml.docx", "a Word document", "copy it into a plain text editor"),
        ("metadata.xlsx", "a spreadsheet", "Export the release"),
        ("metadata.html", "a web page (HTML)", "Download the XML file itself"),
        ("5034567890120.csv", "a table (CSV)", "Export the release"),
    ],
)
def test_another_document_is_named(name: str, document: str, cure: str) -> None:
    finding = only(without_message(name))

    assert finding.text.endswith(f" The file {name} is {document}.")
    assert cure in finding.fix
    assert finding.fix.endswith("Then upload the release again as a new folder.")


def test_xml_under_another_ending_comes_before_other_documents() -> None:
    dossier = without_message("metadata.docx", "metadata.xml.txt")

    assert codes(dossier) == ["PKG-002", "PKG-022"]


@pytest.mark.parametrize("name", ["notes.txt", "booklet.pdf", "contract.docx", "lyrics.rtf", "README"])
def test_other_files_are_not_taken_for_the_message(name: str) -> None:
    assert codes(without_message(name)) == ["PKG-002", "PKG-022"]


def test_beside_a_message_a_document_is_only_superfluous() -> None:
    entries = (*GOOD.folder.entries, FileEntry("metadata.docx", 4000, FileKind.OTHER))

    assert codes(replace(GOOD, folder=replace(GOOD.folder, entries=entries))) == ["PKG-022"]


def test_xml_in_a_folder_inside_the_release_is_said_to_lie_there() -> None:
    dossier = without_message()
    entry = FileEntry("a/b/metadata.xml", 4000, FileKind.XML)
    deeper = replace(dossier, folder=replace(dossier.folder, entries=(*dossier.folder.entries, entry)))

    assert only(deeper).text == (
        "We never received metadata.xml: there is no DDEX message in the release folder itself (a/b/metadata.xml lies"
        " in a folder inside it)."
    )
