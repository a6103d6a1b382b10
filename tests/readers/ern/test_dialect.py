"""Both spellings become one tree, with every change noted."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.core.message import Dialect, Rewrite
from ingest.core.text import Text
from tests.readers.ern.messages import GENUINE, GUIDE, changed, line_of, read

NAMESPACED = Rewrite(2, "elements in http://ddex.net/xml/ern/382", "elements without a namespace")
CODEC = Rewrite(42, "WAV", "PCM")
FILE = Rewrite(44, "URI", "FileName")
BARCODE = Rewrite(54, "UPC", "ICPN")
DETAILS = Rewrite(52, "Release without ReleaseDetailsByTerritory", "ReleaseDetailsByTerritory for Worldwide")
DATE = Rewrite(60, "Release/ReleaseDate", "ReleaseDetailsByTerritory/ReleaseDate")
TYPE = Rewrite(61, "ReleaseType before ReleaseResourceReferenceList", "ReleaseType after ReleaseResourceReferenceList")


def test_the_guides_example_follows_the_schema_once_its_seven_differences_are_rewritten(tmp_path: Path) -> None:
    message = read(tmp_path, GUIDE)
    assert (message.dialect, message.version, message.schema_faults) == (Dialect.GUIDE, "382", ())
    assert message.rewrites == (NAMESPACED, CODEC, FILE, DETAILS, BARCODE, DATE, TYPE)


def test_a_genuine_message_is_read_as_it_stands(tmp_path: Path) -> None:
    message = read(tmp_path, GENUINE)
    assert (message.dialect, message.version, message.schema_faults) == (Dialect.ERN, "382", ())
    assert message.rewrites == ()


def test_values_keep_the_labels_own_spelling(tmp_path: Path) -> None:
    message = read(tmp_path, GUIDE)
    release = message.releases[0]
    details = message.recordings[0].technical_details[0]
    assert (release.barcode, release.barcode_element) == (Text("5034567890123", 54), "UPC")
    assert (details.codec, details.files[0].element) == (Text("WAV", 42), "URI")
    assert release.territories == ()  # ours, not the label's


@pytest.mark.parametrize(
    ("written", "is_ean"),
    [("<UPC>5034567890123</UPC>", "true"), ("<UPC>034567890123</UPC>", "false"), ("<EAN>5034567890123</EAN>", "true")],
)
def test_upc_and_ean_are_read_as_icpn(tmp_path: Path, written: str, is_ean: str) -> None:
    message = read(tmp_path, changed(GUIDE, ("<UPC>5034567890123</UPC>", written)))
    assert message.schema_faults == ()
    assert message.releases[0].barcode_element == written[1:4]
    assert Rewrite(54, written[1:4], "ICPN") in message.rewrites


def test_a_qualified_but_otherwise_genuine_message_needs_only_its_namespace_taken_away(tmp_path: Path) -> None:
    text = GENUINE.replace("ern:NewReleaseMessage", "NewReleaseMessage").replace("xmlns:ern=", "xmlns=")
    message = read(tmp_path, text)
    assert message.schema_faults == ()
    assert [rewrite.read_as for rewrite in message.rewrites] == ["elements without a namespace"]


def test_a_message_without_namespace_is_read_as_382_and_noted(tmp_path: Path) -> None:
    message = read(tmp_path, changed(GUIDE, ('  xmlns="http://ddex.net/xml/ern/382"\n', "")))
    assert message.schema_faults == ()
    assert message.version == "382"
    assert Rewrite(2, "NewReleaseMessage", "http://ddex.net/xml/ern/382") in message.rewrites
    assert "elements without a namespace" not in {rewrite.read_as for rewrite in message.rewrites}


def test_a_release_date_finds_its_place_in_existing_territory_details(tmp_path: Path) -> None:
    moved = changed(
        GENUINE,
        ("        <ReleaseDate>2026-05-01</ReleaseDate>\n", ""),
        ("    </Release>\n    <Release>", "<ReleaseDate>2026-05-01</ReleaseDate>\n    </Release>\n    <Release>"),
    )
    message = read(tmp_path, moved)
    assert message.schema_faults == ()
    line = line_of(moved, "<ReleaseDate>")
    assert message.releases[0].release_date == Text("2026-05-01", line)
    assert message.rewrites == (Rewrite(line, DATE.found, DATE.read_as),)


def test_several_release_types_before_the_list_keep_their_order(tmp_path: Path) -> None:
    text = changed(
        GUIDE, ("<ReleaseType>Single</ReleaseType>", "<ReleaseType>EP</ReleaseType><ReleaseType>Single</ReleaseType>")
    )
    message = read(tmp_path, text)
    assert message.schema_faults == ()
    assert [kind.value for kind in message.releases[0].types] == ["EP", "Single"]


@pytest.mark.parametrize("codec", ["WAV", "AIFF", "AIF", "wav"])
def test_a_file_format_as_codec_is_read_as_pcm(tmp_path: Path, codec: str) -> None:
    text = changed(GENUINE, ("<AudioCodecType>PCM<", f"<AudioCodecType>{codec}<"))
    message = read(tmp_path, text)
    assert message.schema_faults == ()
    assert message.rewrites == (Rewrite(line_of(text, f">{codec}</AudioCodecType>"), codec, "PCM"),)
    assert message.dialect is Dialect.ERN


def test_the_guides_release_without_a_date_is_no_schema_fault(tmp_path: Path) -> None:
    message = read(tmp_path, changed(GUIDE, ("      <ReleaseDate>2026-04-01</ReleaseDate>\n", "")))
    assert message.schema_faults == ()
    assert message.releases[0].release_date is None


def test_a_genuine_release_without_territory_details_stays_one(tmp_path: Path) -> None:
    text = changed(
        GENUINE,
        ("      <ReleaseDetailsByTerritory><TerritoryCode>Worldwide</TerritoryCode></ReleaseDetailsByTerritory>\n", ""),
    )
    faults = read(tmp_path, text).schema_faults
    assert [(fault.element, fault.parent) for fault in faults] == [("ReleaseDetailsByTerritory", "Release")]
