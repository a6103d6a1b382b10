"""Manifests of batches: what they say of a release, and that nothing in them can do harm."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.core.dossier import ManifestEntry
from ingest.core.message import Message
from ingest.readers.ern.manifest import ManifestFile, read_manifest
from ingest.readers.ern.message import read_message
from tests.good import SHEETS, Good
from tests.lives import manifest
from tests.messages import BARCODE, guide_xml

NAME = "BatchComplete_20260323100000000.xml"


@pytest.fixture
def message(tmp_path: Path) -> Message:
    path = tmp_path / "metadata.xml"
    path.write_text(guide_xml(SHEETS[Good.SINGLE]), "utf-8")
    read = read_message(path, "metadata.xml")
    assert isinstance(read, Message)
    return read


def read(folder: Path, content: bytes, name: str = NAME) -> ManifestFile:
    folder.mkdir()
    (folder / name).write_bytes(content)
    return read_manifest(folder)


def test_a_release_is_found_by_its_barcode_or_by_its_folder(tmp_path: Path, message: Message) -> None:
    by_barcode = read(tmp_path / "a", manifest("b", ("4006381333931", "NewReleaseDelivery"), (BARCODE, "TakeDown")))
    by_folder = read(tmp_path / "c", manifest("b", ("Odd", "TakeDown")))

    assert by_barcode.entry_for("Folder", message) == ManifestEntry(NAME, 1, "TakeDown", False)
    assert by_folder.entry_for("Odd", message) == ManifestEntry(NAME, 1, "TakeDown", False)
    assert by_folder.entry_for("Other", message) == ManifestEntry(NAME, 1, "", False)


def test_the_older_manifests_are_read_as_well(tmp_path: Path, message: Message) -> None:
    for number, namespace in enumerate(("http://ddex.net/xml/ern-c/15", "http://ddex.net/xml/2011/echo/12")):
        old = manifest("b", (BARCODE, "TakeDown"), is_test=True).replace(
            b"http://ddex.net/xml/ern-c-sftp/16", namespace.encode()
        )
        assert read(tmp_path / str(number), old).entry_for("x", message) == ManifestEntry(NAME, 1, "TakeDown", True)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not XML",
        b"<Other/>",
        b"<!DOCTYPE m [<!ENTITY a 'TakeDown'>]><ManifestMessage><IsTestFlag>true</IsTestFlag></ManifestMessage>",
        guide_xml(SHEETS[Good.SINGLE]).encode(),
    ],
)
def test_a_marker_that_is_no_manifest_says_nothing(tmp_path: Path, message: Message, content: bytes) -> None:
    found = read(tmp_path / "batch", content)

    assert found == ManifestFile(None)
    assert found.entry_for("x", message) is None


def test_only_a_manifest_by_name_is_read_and_no_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "batch").mkdir()
    (tmp_path / "batch" / NAME).mkdir()
    (tmp_path / "batch" / "other.xml").write_bytes(manifest("b", (BARCODE, "TakeDown")))

    assert read_manifest(tmp_path / "batch") == ManifestFile(None)
