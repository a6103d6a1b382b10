"""What the schema rejects, in terms a label can act on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ingest.core.schema_fault import SchemaFault, SchemaProblem
from tests.readers.ern.messages import GENUINE, GUIDE, changed, line_of, read

UNEXPECTED, MISSING = SchemaProblem.UNEXPECTED_ELEMENT, SchemaProblem.MISSING_ELEMENT
VALUE, FORM = SchemaProblem.VALUE_NOT_ALLOWED, SchemaProblem.VALUE_FORM
BLOCK = "SoundRecordingDetailsByTerritory"
WARNINGS = ("Explicit", "ExplicitContentEdited", "NoAdviceAvailable", "NotExplicit", "Unknown", "UserDefined")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "<Duration>PT3M42S</Duration>",
            "<Duration>3:42</Duration>",
            SchemaFault(
                31, FORM, "Duration", "SoundRecording", None, "3:42", ("PT3M42S",), "PT3M42S", read_as="PT3M42S"
            ),
        ),
        (
            "      <Duration>PT3M42S</Duration>\n",
            "",
            SchemaFault(
                22, MISSING, "Duration", "SoundRecording", expected=("Duration",), before=BLOCK, after="ReferenceTitle"
            ),
        ),
        (
            "        <TerritoryCode>Worldwide</TerritoryCode>\n        <Disp",
            "        <Disp",
            SchemaFault(
                32,
                MISSING,
                "TerritoryCode",
                BLOCK,
                expected=("TerritoryCode", "ExcludedTerritoryCode"),
                before="DisplayArtist",
            ),
        ),
        (
            "<ParentalWarningType>NotExplicit<",
            "<ParentalWarningType>Not explicit<",
            SchemaFault(
                39,
                VALUE,
                "ParentalWarningType",
                BLOCK,
                None,
                "Not explicit",
                WARNINGS,
                "NotExplicit",
                read_as="NotExplicit",
            ),
        ),
        (
            "<ArtistRole>MainArtist<",
            "<ArtistRole>Main Artst<",
            SchemaFault(
                36,
                VALUE,
                "ArtistRole",
                "DisplayArtist",
                None,
                "Main Artst",
                ("MainArtist",),
                "MainArtist",
            ),
        ),
        (
            "<StartDate>2026-04-01<",
            "<StartDate>01/04/2026<",
            SchemaFault(76, FORM, "StartDate", "ValidityPeriod", found="01/04/2026", expected=("2026-04-01",)),
        ),
        (
            "<MessageCreatedDateTime>2026-03-23T10:00:00<",
            "<MessageCreatedDateTime>2026-03-23<",
            SchemaFault(
                17,
                FORM,
                "MessageCreatedDateTime",
                "MessageHeader",
                None,
                "2026-03-23",
                ("2026-04-01T12:00:00",),
                "2026-03-23T00:00:00",
                read_as="2026-03-23T00:00:00",
            ),
        ),
        (
            "<ResourceReference>A1<",
            "<ResourceReference>1<",
            SchemaFault(27, FORM, "ResourceReference", "SoundRecording", found="1", expected=("A1",)),
        ),
        (
            '  MessageSchemaVersionId="ern/382"\n',
            "",
            SchemaFault(2, SchemaProblem.MISSING_ATTRIBUTE, "NewReleaseMessage", attribute="MessageSchemaVersionId"),
        ),
        (
            '  LanguageAndScriptCode="en"',
            '  LanguageAndScriptcode="en"',
            SchemaFault(
                2,
                SchemaProblem.UNEXPECTED_ATTRIBUTE,
                "NewReleaseMessage",
                attribute="LanguageAndScriptcode",
                expected=(
                    "BusinessProfileVersionId",
                    "LanguageAndScriptCode",
                    "MessageSchemaVersionId",
                    "ReleaseProfileVersionId",
                ),
                nearest="LanguageAndScriptCode",
            ),
        ),
        (
            "<ISRC>",
            '<ISRC Namespace="x">',
            SchemaFault(25, SchemaProblem.UNEXPECTED_ATTRIBUTE, "ISRC", "SoundRecordingId", attribute="Namespace"),
        ),
        (
            "<DisplayArtist>",
            '<DisplayArtist SequenceNumber="first">',
            SchemaFault(34, FORM, "DisplayArtist", BLOCK, "SequenceNumber", "first", ("1",)),
        ),
        (
            "<ReferenceTitle>\n        <TitleText>My Album",
            "<ReferenceTitle>stray\n        <TitleText>My Album",
            SchemaFault(57, SchemaProblem.STRAY_TEXT, "ReferenceTitle", "Release", found="stray"),
        ),
        (
            "<TitleText>My Album Title",
            "<TitleText>My <TitleText/>Album Title",
            SchemaFault(
                58,
                SchemaProblem.CHILD_OF_TEXT,
                "TitleText",
                "TitleText",
                belongs_in=("DisplayTitle", "ReferenceTitle", "ReferencedCreationTitle", "Title"),
            ),
        ),
        (
            "<FullName>Artist Name</FullName>",
            "<Fullname>Artist Name</Fullname>",
            SchemaFault(
                35, SchemaProblem.MISSPELT, "Fullname", "PartyName", expected=("FullName",), nearest="FullName"
            ),
        ),
        (
            "      <ReferenceTitle>\n        <TitleText>My Album",
            "      <GenreText>Afrobeats</GenreText>\n      <ReferenceTitle>\n        <TitleText>My Album",
            SchemaFault(
                57,
                UNEXPECTED,
                "GenreText",
                "Release",
                belongs_in=("Genre",),
            ),
        ),
        (
            "        <ISRC>GBDUM7620001</ISRC>\n",
            "        <ISRC>GBDUM7620001</ISRC>\n        <ISRC>GBDUM7620002</ISRC>\n",
            SchemaFault(
                26,
                UNEXPECTED,
                "ISRC",
                "SoundRecordingId",
                None,
                None,
                ("CatalogNumber", "ProprietaryId"),
                repeated=True,
            ),
        ),
    ],
)
def test_one_departure_gives_one_fault(tmp_path: Path, old: str, new: str, expected: SchemaFault) -> None:
    assert told(tmp_path, changed(GUIDE, (old, new))) == [expected]


def told(folder: Path, text: str) -> list[SchemaFault]:
    """The schema faults, without where they stand."""
    return [replace(fault, owner="", around=(), lacking=()) for fault in read(folder, text).schema_faults]


def test_an_element_in_the_wrong_order_is_named_with_its_neighbours(tmp_path: Path) -> None:
    duration = "      <Duration>PT3M42S</Duration>\n"
    text = changed(GUIDE, (duration, ""), ("      <ResourceReference>A1", f"{duration}      <ResourceReference>A1"))
    assert told(tmp_path, text) == [
        SchemaFault(27, UNEXPECTED, "Duration", "SoundRecording", before=BLOCK, after="ReferenceTitle"),
    ]


def test_elements_out_of_order_are_named_with_their_neighbours_in_the_right_order(tmp_path: Path) -> None:
    start = GUIDE.index("<CommercialModelType>")
    usage = GUIDE[start : GUIDE.index("</Usage>") + len("</Usage>")]
    text = changed(GUIDE, (usage, ""), ("</ValidityPeriod>", f"</ValidityPeriod>{usage}"))
    found = [(fault.element, fault.after, fault.before) for fault in read(tmp_path, text).schema_faults]
    assert found == [("TerritoryCode", "Usage", "ValidityPeriod"), ("ValidityPeriod", "TerritoryCode", None)]


def test_every_fault_of_one_element_is_found_in_one_go(tmp_path: Path) -> None:
    text = changed(
        GUIDE,
        ("<SoundRecordingType>", "<Foo/><SoundRecordingType>"),
        ("<Duration>PT3M42S</Duration>", "<Bar/>\n<Duration>3:42</Duration>"),
        ("<ArtistRole>MainArtist<", "<ArtistRole>Main<"),
        ("        <Genre><GenreText>Afrobeats</GenreText></Genre>", "<Genre/>"),
    )
    found = [(fault.line, fault.problem, fault.element) for fault in read(tmp_path, text).schema_faults]
    assert found == [
        (23, UNEXPECTED, "Foo"),
        (31, UNEXPECTED, "Bar"),
        (32, FORM, "Duration"),
        (37, VALUE, "ArtistRole"),
        (39, MISSING, "GenreText"),
    ]


def test_a_departure_says_in_which_part_of_the_message_it_stands(tmp_path: Path) -> None:
    text = changed(
        GENUINE,
        ("<PartyId>INTERSPACE</PartyId>", ""),
        ("<UseType>", "<UseType>Radio</UseType><UseType>"),
        ("</SoundRecording>", "<Foo/></SoundRecording>"),
    )
    found = [(fault.owner, len(fault.around)) for fault in read(tmp_path, text).schema_faults]
    assert found == [("MessageHeader", 1), ("SoundRecording 1", 2), ("Deal 1", 5)]


PADDED = [
    ("<Duration>PT3M42S", "<Duration> PT3M42S\n", None),
    ("<MessageCreatedDateTime>2026-03-23T10:00:00", "<MessageCreatedDateTime>\n2026-03-23T10:00:00 ", None),
    ("<DisplayArtist>", '<DisplayArtist SequenceNumber=" 1 ">', None),
    ("<ResourceReference>A1", "<ResourceReference>\tA1 ", None),
    ("<StartDate>2026-04-01", "<StartDate> 2026-04-01", "2026-04-01"),
    ("<UseType>OnDemandStream", "<UseType>OnDemandStream\n      ", "OnDemandStream"),
    ("<ReleaseType>Single", "<ReleaseType> Single", "Single"),
    ("<Duration>PT3M42S", "<Duration> 3:42 ", "PT3M42S"),
]


@pytest.mark.parametrize(("old", "new", "read_as"), PADDED)
def test_blanks_around_a_value_count_where_the_schema_keeps_them(
    tmp_path: Path, old: str, new: str, read_as: str | None
) -> None:
    message = read(tmp_path, changed(GUIDE, (old, new)))
    assert [fault.read_as for fault in message.schema_faults] == ([] if read_as is None else [read_as])


def test_a_nationality_is_no_fault_though_the_schema_allows_none(tmp_path: Path) -> None:
    text = changed(GUIDE, ("</ArtistRole>", "</ArtistRole><Nationality>NG</Nationality>"))
    assert read(tmp_path, text).schema_faults == ()


def test_every_track_is_reported(tmp_path: Path) -> None:
    start, end = GUIDE.index("    <SoundRecording>"), GUIDE.index("  </ResourceList>")
    track = GUIDE[start:end].replace("PT3M42S", "3:42").replace("NotExplicit", "No").replace("MainArtist", "Main")
    text = GUIDE[:start] + track * 30 + GUIDE[end:]
    assert len(read(tmp_path, text).schema_faults) == 90


def test_faults_are_bounded(tmp_path: Path) -> None:
    bad = "<ParentalWarningType>no</ParentalWarningType>\n" * 1000
    text = changed(GUIDE, ("        <ParentalWarningType>", bad + "        <ParentalWarningType>"))
    assert len(read(tmp_path, text).schema_faults) == 200


def test_two_ways_of_one_choice_do_not_go_together(tmp_path: Path) -> None:
    text = changed(
        GENUINE,
        (
            "<TerritoryCode>DE</TerritoryCode>",
            "<TerritoryCode>DE</TerritoryCode><ExcludedTerritoryCode>US</ExcludedTerritoryCode>",
        ),
    )
    fault = read(tmp_path, text).schema_faults[0]
    line = line_of(text, "<ExcludedTerritoryCode>US", 2)
    assert (fault.line, fault.problem, fault.element, fault.repeated) == (
        line,
        SchemaProblem.EXCLUSIVE,
        "ExcludedTerritoryCode",
        False,
    )


def test_the_labels_own_names_are_shown_for_rewritten_elements(tmp_path: Path) -> None:
    text = changed(GUIDE, ("<URI>01_MyTrackTitle.wav</URI>", "<HashSum/><URI>01_MyTrackTitle.wav</URI>"))
    faults = told(tmp_path, text)
    assert (
        SchemaFault(44, UNEXPECTED, "HashSum", "File", after="URI") in faults
        or SchemaFault(44, UNEXPECTED, "URI", "File", before="HashSum") in faults
    )


def test_an_operators_schema_takes_the_place_of_ours(tmp_path: Path) -> None:
    from ingest.core.message import Message
    from ingest.readers.ern.message import read_message
    from ingest.readers.ern.schema import own_schema

    for name in ("ern382.xsd", "avs.xsd"):
        text = own_schema().with_name(name).read_text("utf-8").replace('<xs:enumeration value="EP"/>', "")
        (tmp_path / name).write_text(text, "utf-8")
    path = tmp_path / "m.xml"
    path.write_text(changed(GUIDE, (">Single<", ">EP<")), "utf-8")
    message = read_message(path, "m.xml", schema=tmp_path / "ern382.xsd")
    assert isinstance(message, Message)
    assert [(fault.element, fault.found) for fault in message.schema_faults] == [("ReleaseType", "EP")]
