"""The acknowledgement that a sender of batches reads: its name, its content, its writing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from ingest.core.dossier import Dossier, Folder
from ingest.core.file_status import FileStatus
from ingest.core.finding import Finding, Severity
from ingest.core.message import MessageProblem, UnreadableMessage
from ingest.host.data_files import data_dir
from ingest.outbound.acknowledgement import Upload, acknowledgement, follows_choreography, write_acknowledgement
from tests.rules.dossiers import GOOD

SCHEMA = etree.XMLSchema(file=str(data_dir("schemas") / "choreography.xsd"))
NOW = datetime(2026, 3, 23, 16, 5, 57, 123456, tzinfo=UTC)
UPLOAD = Upload("anna", "20260323100000000/5034567890120", NOW)
MISSING = Finding(
    "PKG-004", Severity.ERROR, "a.xml", 3, 2, "GBDUM2600002", None, None, "02_<Song>.wav & more is missing.", "Send it."
)
NOTED = replace(MISSING, code="STY-001", severity=Severity.WARNING, isrc="GBDUM2600009")


def tree_of(content: str) -> dict[str, list[str]]:
    root = etree.fromstring(content.encode())
    assert root.tag == "{http://ddex.net/xml/ern-c-sftp/16}FtpAcknowledgementMessage"
    assert root.get("MessageVersionId") == "ern-c-sftp/16"
    SCHEMA.assertValid(root)
    return {str(child.tag): [str(text) for text in child.itertext() if text.strip()] for child in root}


def test_a_release_that_passed_is_ok_and_a_person_looks_at_it() -> None:
    name, content = acknowledgement(GOOD, [NOTED], FileStatus.FILE_OK, UPLOAD, "InterSpace", NOW)

    assert name == "ACK_20260323160557123_5034567890120.xml"
    assert tree_of(content) == {
        "MessageHeader": ["InterSpace", "anna", "2026-03-23T16:05:57Z"],
        "AcknowledgedFile": ["5034567890120", "2026-03-23"],
        "FileStatus": ["FileOK"],
        "ManualCheckRequired": ["true"],
    }


def test_errors_come_with_their_status_sentences_and_recordings() -> None:
    again = replace(MISSING, text="And this.", isrc=None)
    _, content = acknowledgement(GOOD, [MISSING, again, NOTED], FileStatus.RESOURCE_MISSING, UPLOAD, "InterSpace", NOW)

    told = tree_of(content)

    assert list(told)[2:] == [
        "FileStatus",
        "ErrorText",
        "ProposedActionType",
        "ManualCheckRequired",
        "AffectedResource",
    ]
    assert told["FileStatus"] == ["ResourceMissing"]
    assert told["ErrorText"] == ["PKG-004: 02_<Song>.wav & more is missing. Send it. PKG-004: And this. Send it."]
    assert told["ProposedActionType"] == ["ResendXmlAndResources"]
    assert told["ManualCheckRequired"] == ["false"]
    assert told["AffectedResource"] == ["GBDUM2600002"]


@pytest.mark.parametrize("release", ["../../etc/passwd", "a\x00\x1bb/\ud800", "", "x" * 300])
def test_no_name_of_a_label_leads_elsewhere_or_breaks_the_file(tmp_path: Path, release: str) -> None:
    unread = Dossier(Folder("F"), None, UnreadableMessage(None, MessageProblem.MISSING))
    upload = Upload("anna", f"batch/{release}", NOW)
    hostile = replace(MISSING, text=f"{release} ]]> <b>")

    name, content = acknowledgement(unread, [hostile], FileStatus.ERN_MISSING, upload, "Inter & Space", NOW)
    write_acknowledgement(tmp_path / "acks", name, content)

    assert [path.name for path in (tmp_path / "acks").iterdir()] == [name]
    assert len(name) < 100 and "/" not in name
    assert tree_of(content)["FileStatus"] == ["ErnMissing"]


def test_a_very_long_list_of_errors_is_cut() -> None:
    many = [replace(MISSING, text="x" * 500)] * 100

    _, content = acknowledgement(GOOD, many, FileStatus.RESOURCE_MISSING, UPLOAD, "InterSpace", NOW)

    assert len(tree_of(content)["ErrorText"][0]) == 8000


def test_writing_it_again_changes_nothing_and_leaves_no_other_file(tmp_path: Path) -> None:
    for _ in range(2):
        write_acknowledgement(tmp_path, "ACK_1.xml", "<a/>")

    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"ACK_1.xml": "<a/>"}


@pytest.mark.parametrize(
    ("folder", "follows"),
    [
        ("N_5034567890120_20260323100000000", True),
        ("P_A10302B0000114512S_20260323100000000", True),
        ("ArtistName_AlbumTitle_5034567890120_20260401", False),
        ("N_5034567890120", False),
    ],
)
def test_folders_named_as_in_the_choreography_are_answered(folder: str, follows: bool) -> None:
    assert follows_choreography(folder) is follows
