"""A folder checked without the daemon: which releases it holds, and the JSON of one."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.check import CheckedPackage, check_folder, package_json, reading_of, releases_in
from ingest.config import Config
from ingest.core.dossier import Dossier, Folder, Policy
from ingest.core.finding import Finding, Severity
from ingest.core.message import Message, MessageProblem, MessageRelease, UnreadableMessage
from ingest.core.release_reading import release_of
from ingest.core.resources import Artist
from ingest.core.status import Status
from ingest.core.text import Text
from ingest.host.data_files import data_dir
from ingest.readers.dossier import ReaderSettings
from tests.packages import RECEIVED, Good, write_broken, write_good

POLICY = Policy(received=RECEIVED)

FINDING = Finding("ART-001", Severity.ERROR, "artwork.jpg", None, None, None, "9 × 9", "3000 × 3000", "Small.", "Grow.")


def check(folder: Path) -> CheckedPackage:
    return check_folder(folder, ReaderSettings(), POLICY, lambda done, total, what: None)


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> CheckedPackage:
    return check(write_good(tmp_path_factory.mktemp("single"), Good.SINGLE))


def message_of(package: CheckedPackage) -> Message:
    assert package.dossier.message is not None
    return package.dossier.message


def with_message(dossier: Dossier, **changes: object) -> Dossier:
    assert dossier.message is not None
    change: Callable[..., Message] = replace
    return replace(dossier, message=change(dossier.message, **changes))


def with_release(dossier: Dossier, **changes: object) -> Dossier:
    assert dossier.message is not None and dossier.message.main_release is not None
    change: Callable[..., MessageRelease] = replace
    return with_message(dossier, releases=(change(dossier.message.main_release, **changes),), main=0)


def test_a_good_single_in_the_guide_s_dialect_as_json(single: CheckedPackage) -> None:
    assert package_json(single.dossier, single.findings, single.status) == {
        "folder": "AyoLande_Sunrise_5034567890120_20260401",
        "kind": "new release",
        "status": "Needs QC",
        "release": {
            "title": "Sunrise",
            "artists": ["Ayo Lande"],
            "upc": "5034567890120",
            "type": "Single",
            "release_date": "2026-04-01",
            "release_date_written": None,
            "dialect": "guide",
            "ern_version": "3.8.2",
            "tracks": [
                {
                    "number": 1,
                    "isrc": "GBDUM2600001",
                    "title": "Sunrise",
                    "file": "01_Sunrise.wav",
                    "duration_seconds": 31.0,
                }
            ],
        },
        "findings": [],
    }


def test_a_genuine_message_with_resources_in_a_folder_as_json(tmp_path: Path) -> None:
    package = check(write_good(tmp_path, Good.ERN))
    shown = package_json(package.dossier, package.findings, package.status)
    assert shown["status"] == "Needs QC"
    assert shown["release"] == {
        "title": "Low Tide",
        "artists": ["Ayo Lande"],
        "upc": "5034567890120",
        "type": "EP",
        "release_date": "2026-04-01",
        "release_date_written": None,
        "dialect": "ern",
        "ern_version": "3.8.2",
        "tracks": [
            {
                "number": number,
                "isrc": f"GBDUM260000{number}",
                "title": title,
                "file": f"resources/0{number}_{title}.flac",
                "duration_seconds": 31.0,
            }
            for number, title in enumerate(("Sand", "Shell", "Salt", "Stone"), 1)
        ],
    }


def test_a_broken_package_is_invalid_and_its_finding_has_every_key(tmp_path: Path) -> None:
    package = check(write_broken(tmp_path, "ART-001"))
    (finding,) = package.findings
    shown = package_json(package.dossier, package.findings, package.status)
    assert shown["status"] == "Invalid"
    assert shown["findings"] == [
        {
            "code": "ART-001",
            "severity": "error",
            "file": "artwork.jpg",
            "line": None,
            "track": None,
            "isrc": None,
            "found": "2000 × 2000",
            "expected": "3000 × 3000",
            "text": finding.text,
            "fix": finding.fix,
        }
    ]


def test_a_package_without_a_readable_message_has_no_release() -> None:
    dossier = Dossier(Folder("F"), None, UnreadableMessage(None, MessageProblem.MISSING))
    assert package_json(dossier, (), Status.INVALID) == {
        "folder": "F",
        "kind": "new release",
        "status": "Invalid",
        "release": None,
        "findings": [],
    }
    assert release_of(dossier) is None


def test_what_the_message_does_not_say_is_null(single: CheckedPackage) -> None:
    dossier = with_release(single.dossier, title=None, barcode=None, types=(), release_date=None)
    recordings = tuple(replace(one, isrc=None, title=None, display_artists=()) for one in message_of(single).recordings)
    dossier = with_message(dossier, recordings=recordings, deals=())
    assert package_json(replace(dossier, files=(), audio=()), (), Status.INVALID)["release"] == {
        "title": None,
        "artists": [],
        "upc": None,
        "type": None,
        "release_date": None,
        "release_date_written": None,
        "dialect": "guide",
        "ern_version": "3.8.2",
        "tracks": [{"number": 1, "isrc": None, "title": None, "file": None, "duration_seconds": None}],
    }


def test_a_message_without_a_release_still_has_its_dialect(single: CheckedPackage) -> None:
    dossier = with_message(single.dossier, releases=(), main=None, tracks=(), version="38")
    assert package_json(dossier, (), Status.INVALID)["release"] == {
        "title": None,
        "artists": [],
        "upc": None,
        "type": None,
        "release_date": None,
        "release_date_written": None,
        "dialect": "guide",
        "ern_version": "3.8",
        "tracks": [],
    }


def test_a_missing_file_is_shown_by_the_name_that_the_message_gives(single: CheckedPackage) -> None:
    files = tuple(replace(file, path=None, how="missing") for file in single.dossier.files)
    shown = package_json(replace(single.dossier, files=files), (), Status.INVALID)
    assert shown["release"]["tracks"] == [  # type: ignore[index]
        {
            "number": 1,
            "isrc": "GBDUM2600001",
            "title": "Sunrise",
            "file": "01_Sunrise.wav",
            "duration_seconds": None,
        }
    ]


def test_a_duration_that_was_only_declared_is_not_shown_as_measured(single: CheckedPackage) -> None:
    audio = tuple(replace(facts, measurement=None) for facts in single.dossier.audio)
    shown = package_json(replace(single.dossier, audio=audio), (), Status.INVALID)
    assert shown["release"]["tracks"][0]["duration_seconds"] is None  # type: ignore[index]


def text(value: str) -> Text:
    return Text(value, 1)


def artists_of(dossier: Dossier) -> list[str]:
    said = release_of(dossier)
    assert said is not None
    return said.main_artists


def test_the_artists_are_the_main_ones_of_the_release(single: CheckedPackage) -> None:
    main = Artist(text("Ama"), (text("MainArtist"),), 1)
    guest = Artist(text("Kofi"), (text("FeaturedArtist"),), 1)
    other = Artist(text("Esi"), (text("MainArtist"), text("Composer")), 1)
    nameless = Artist(None, (text("MainArtist"),), 1)
    named = with_release(single.dossier, display_artists=(main, guest, other, nameless))
    guests_only = with_release(single.dossier, display_artists=(guest,))
    as_one = with_release(single.dossier, display_artist_name=text("Ama & Esi"))
    assert [artists_of(one) for one in (named, guests_only, as_one)] == [
        ["Ama", "Esi"],
        ["Kofi"],
        ["Ama & Esi"],
    ]


def test_the_json_is_ready_for_any_reader_whatever_the_names_are() -> None:
    name = os.fsdecode(b"caf\xe9")
    dossier = Dossier(Folder(name), None, UnreadableMessage(None, MessageProblem.MISSING))
    shown = package_json(dossier, (replace(FINDING, file=name),), Status.INVALID)
    assert json.loads(json.dumps(shown).encode("ascii")) == shown
    assert (shown["folder"], shown["findings"][0]["file"]) == ("caf\ufffd", "caf\ufffd")  # type: ignore[index]


def make(folder: Path, *paths: str) -> Path:
    for path in paths:
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if not path.endswith("/"):
            file.write_bytes(b"x")
        else:
            file.mkdir()
    return folder


def test_a_folder_with_an_xml_is_one_release(tmp_path: Path) -> None:
    folder = make(tmp_path, "metadata.xml", "a/metadata.xml", "b/metadata.xml")
    assert releases_in(folder) == [folder]


def test_a_folder_whose_only_xml_lies_one_folder_deeper_is_one_release(tmp_path: Path) -> None:
    folder = make(tmp_path, "a/metadata.xml", "b/cover.jpg")
    assert releases_in(folder) == [folder]


def test_a_folder_without_any_xml_is_one_release(tmp_path: Path) -> None:
    assert releases_in(tmp_path) == [tmp_path]


def test_a_batch_is_its_subfolders_those_without_an_xml_among_them(tmp_path: Path) -> None:
    folder = make(
        tmp_path,
        "b/1.xml",
        "a/METADATA.XML",
        "c/01.wav",
        "empty/",
        "BatchComplete_20260101.xml",
        ".DS_Store",
        "__MACOSX/x.xml",
    )
    (folder / "link").symlink_to(folder / "a")
    assert releases_in(folder) == [folder / "a", folder / "b", folder / "c"]


def test_messages_are_held_to_the_schema_that_the_operator_names(tmp_path: Path) -> None:
    """Read in a confined child: the schema and what it imports from beside it can be read there."""
    own = tmp_path / "etc/own.xsd"
    own.parent.mkdir()
    shutil.copy(data_dir("schemas") / "ern382.xsd", own)
    values = (data_dir("schemas") / "avs.xsd").read_text("utf-8")
    own.with_name("avs.xsd").write_text(values.replace('<xs:enumeration value="OnDemandStream"/>', ""), "utf-8")
    folder = write_good(tmp_path, Good.SINGLE)
    config = Config.model_validate({"ern": {"schema": own}})

    found = check_folder(folder, reading_of(config), POLICY, lambda done, total, what: None).findings

    assert [(one.code, one.found) for one in found] == [("XML-014", "OnDemandStream")]
