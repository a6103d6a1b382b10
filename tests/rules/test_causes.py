"""One cause, one finding: what follows from a mistake waits until the mistake is mended."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.core.dossier import AudioFingerprint, KnownRelease, KnownTrack
from ingest.core.finding import Severity
from ingest.core.schema_fault import SchemaFault, SchemaProblem
from tests.broken.change import Broken, Change, both, edit, edit_all, remove, rewrite
from tests.good import Good
from tests.rules.dossiers import RECORDING, RELEASE, codes, message_of, text, with_message
from tests.rules.reading import findings_after, read_here

_DEAL = "<TerritoryCode>Worldwide</TerritoryCode>\n          <ValidityPeriod>"
_EXCLUDED = "<ExcludedTerritoryCode>US</ExcludedTerritoryCode>"
_BLOCK = r"      <SoundRecordingDetailsByTerritory>.*?</SoundRecordingDetailsByTerritory>\n"
_COPY = r"(    <SoundRecording>(?:(?!<SoundRecording>).)*?</SoundRecording>\n)(  </ResourceList>)"
_RELEASE = r"(    <Release>(?:(?!<Release>).)*?</Release>\n)(  </ReleaseList>)"


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    read_here(monkeypatch)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder that is emptied at once: packages are large."""
    yield tmp_path
    shutil.rmtree(tmp_path)


def _known(isrc: str) -> tuple[KnownRelease, ...]:
    """An earlier release of the label with this ISRC, under another title and with other audio."""
    track = KnownTrack(2, isrc, "Moonrise", AudioFingerprint("0" * 64, 99.0, -9.0, -1.0))
    return (KnownRelease(7, "sunrise", True, "Delivered to DSPs", "Moonrise", "isrc", isrc, track=track),)


def _longer(folder: Path) -> None:
    """Give the first track an audio file of another length than both tracks say."""
    edit(("02_Benue.wav", "01_Niger.wav"), ("PT31S", "PT42S"), ("PT31S", "PT42S"))(folder)
    remove("02_Benue.wav")(folder)


CASCADES: dict[str, tuple[Good, Change, str]] = {
    "an ISRC reused within the message": (Good.EP, edit(("GBDUM2600002", "GBDUM2600001")), "ERN-033"),
    "a resource's name copied": (Good.EP, edit((">A2</ResourceReference", ">A1</ResourceReference")), "REF-001"),
    "the same, of two tracks": (Good.ERN, edit((">A2</ResourceReference", ">A1</ResourceReference")), "REF-001"),
    "a recording copied whole": (Good.EP, edit_all(_COPY, r"\1\1\2"), "REF-001"),
    "a release's name copied": (Good.ERN, edit((">R2</ReleaseReference", ">R1</ReleaseReference")), "REF-001"),
    "the main release's name copied": (Good.ERN, edit((">R2</ReleaseReference", ">R0</ReleaseReference")), "REF-001"),
    "a release copied whole": (Good.EP, edit_all(_RELEASE, r"\1\1\2"), "REF-001"),
    "no ResourceList": (Good.ERN, edit_all(r"  <ResourceList>.*</ResourceList>\n", ""), "ERN-015"),
    "no ResourceList in the guide's form": (
        Good.EP,
        edit_all(r"  <ResourceList>.*</ResourceList>\n", ""),
        "ERN-015",
    ),
    "no ReleaseList": (Good.ERN, edit_all(r"  <ReleaseList>.*</ReleaseList>\n", ""), "ERN-014"),
    "no ReleaseList in the guide's form": (Good.EP, edit_all(r"  <ReleaseList>.*</ReleaseList>\n", ""), "ERN-014"),
    "no main release": (Good.ERN, edit_all(r"    <Release IsMain.*?</Release>\n", ""), "ERN-080"),
    "no name of a resource": (Good.EP, edit(("<ResourceReference>A2</ResourceReference>", "")), "XML-011"),
    "a malformed name of a resource": (Good.EP, edit((">A2</ResourceReference", ">2</ResourceReference")), "XML-036"),
    "a reference mistyped": (
        Good.EP,
        edit((">A2</ReleaseResourceReference", ">A8</ReleaseResourceReference")),
        "REF-002",
    ),
    "both kinds of territories": (Good.SINGLE, edit((_DEAL, _DEAL.replace("\n", _EXCLUDED))), "XML-037"),
    "both kinds, the other way": (Good.SINGLE, edit((_DEAL, f"{_EXCLUDED}{_DEAL}")), "XML-037"),
    "a genre without GenreText": (Good.SINGLE, edit(("<GenreText>Afrobeats</GenreText>", "Pop")), "XML-021"),
    "a name without FullName": (Good.SINGLE, edit(("<FullName>Sunrise Records</FullName>", "Label")), "XML-021"),
    "an artist without FullName": (Good.SINGLE, edit(("<FullName>Ayo Lande</FullName>", "Ayo")), "XML-021"),
    "a title without TitleText": (Good.SINGLE, edit(("<TitleText>Sunrise</TitleText>", "Sunrise")), "XML-021"),
    "a barcode whose digits were swapped": (Good.SINGLE, edit(("5034567890120", "5034567890210")), "ERN-003"),
    "an empty deal": (Good.SINGLE, edit_all(r"<Deal>.*</Deal>", "<Deal/>"), "ERN-060"),
    "an empty deal beside another": (Good.SINGLE, edit(("<Deal>", "<Deal/>\n<Deal>")), "ERN-081"),
    "empty terms": (Good.SINGLE, edit_all(r"<DealTerms>.*</DealTerms>", "<DealTerms/>"), "XML-011"),
    "no details of the release": (
        Good.ERN,
        edit_all(r"(IsMain.*?)      <ReleaseDetailsBy.*?</ReleaseDetailsByTerritory>\n", r"\1"),
        "XML-011",
    ),
    "no details of a recording": (
        Good.SINGLE,
        both(edit_all(_BLOCK, ""), remove("*.wav")),
        "XML-011",
    ),
    "ImageType misspelt": (Good.ERN, edit(("<ImageType>FrontCoverImage", "<ImageType>FrontCoverImages")), "XML-014"),
    "ImageType of no known kind": (Good.ERN, edit(("<ImageType>FrontCoverImage", "<ImageType>Cover")), "XML-014"),
    "a file named by two tracks": (Good.EP, _longer, "PKG-011"),
    "an element that is renamed": (Good.SINGLE, edit_all("FullName>Ayo Lande</FullName", "Foo>Ayo</Foo"), "XML-010"),
    "a type under another name": (Good.SINGLE, edit_all("ReleaseType>", "Kind>"), "XML-010"),
    "a broken takedown": (
        Good.SINGLE,
        both(rewrite(b"<ern><unclosed></ern>"), both(remove("*.wav"), remove("*.jpg"))),
        "XML-001",
    ),
}


@pytest.mark.parametrize("name", CASCADES)
def test_one_cause_has_one_finding(name: str, place: Path) -> None:
    good, change, code = CASCADES[name]
    known = _known("GBDUM2600001") if code == "ERN-033" else ()

    findings = findings_after(place, Broken(good, change, known=known))

    assert [finding.code for finding in findings] == [code]


def test_words_where_an_element_should_be_are_told_with_that_element(place: Path) -> None:
    good, change, _ = CASCADES["a genre without GenreText"]

    (finding,) = findings_after(place, Broken(good, change))

    assert finding.text.endswith(': the words "Pop" stand in <Genre> outside of any element.')
    assert finding.fix == "Put the words into <GenreText>: write <GenreText>Pop</GenreText> inside <Genre>."


_TWO: dict[str, tuple[Good, Change, list[str]]] = {
    "a territory of a deal and one of a recording": (
        Good.EP,
        edit(("<TerritoryCode>Worldwide", "<TerritoryCode>XX"), (_DEAL, _DEAL.replace("Worldwide", "UK"))),
        ["ERN-062", "XML-014"],
    ),
    "the artist of a track and the sender": (
        Good.EP,
        both(
            edit(("<PartyId>LABEL</PartyId>", "")),
            edit_all(r"(<TitleText>Benue.*?)<FullName>Ayo Lande</FullName>", r"\1<FullName/>"),
        ),
        ["ERN-035", "XML-011"],
    ),
    "two tracks without a genre's text": (
        Good.EP,
        edit(("<GenreText>Afrobeats</GenreText>", ""), ("<GenreText>Afrobeats</GenreText>", "")),
        ["ERN-036", "ERN-036"],
    ),
    "a form of one track and an ISRC of another": (
        Good.EP,
        edit(("PT31S", "long"), ("GBDUM2600002", "GBDUM26")),
        ["ERN-031", "XML-036"],
    ),
}


@pytest.mark.parametrize("name", _TWO)
@pytest.mark.parametrize("in_one_line", [False, True])
def test_two_causes_in_two_places_are_two_findings(name: str, in_one_line: bool, place: Path) -> None:
    good, change, expected = _TWO[name]
    joined = edit_all(r"\n(?!<NewRelease)\s*", " ") if in_one_line else edit_all(r"\Z", "")

    findings = findings_after(place, Broken(good, both(change, joined)))

    assert sorted(finding.code for finding in findings) == expected


MISSING = SchemaFault(52, SchemaProblem.MISSING_ELEMENT, "ReleaseType", "Release", expected=("ReleaseType",))


@pytest.mark.parametrize(
    ("owner", "line", "around", "found"),
    [
        ("", 52, (), ["ERN-009", "XML-011"]),
        ("", 50, (), ["ERN-009"]),
        ("Release 1", 52, (50,), ["ERN-009"]),
        ("Release 2", 52, (50,), ["ERN-009", "XML-011"]),
        ("Release 1", 52, (51,), ["ERN-009", "XML-011"]),
    ],
)
def test_a_schema_fault_is_told_of_elsewhere_only_in_its_own_place(
    owner: str, line: int, around: tuple[int, ...], found: list[str]
) -> None:
    schema = replace(MISSING, owner=owner, line=line, around=around)
    message = replace(message_of(releases=(replace(RELEASE, types=()),)), schema_faults=(schema,))

    assert codes(with_message(message)) == found


def test_of_a_lighter_rule_and_a_schema_fault_the_schema_fault_is_told() -> None:
    schema = SchemaFault(
        60, SchemaProblem.MISSING_ELEMENT, "ValidityPeriod", "DealTerms", expected=("ValidityPeriod",), owner="Deal 1"
    )
    message = message_of()
    deal = replace(message.deals[0], periods=())

    assert codes(with_message(replace(message, deals=(deal,), schema_faults=(schema,)))) == ["XML-011"]


_STRAY = SchemaFault(70, SchemaProblem.UNEXPECTED_ELEMENT, "Genre", "Release", owner="Release 1")


@pytest.mark.parametrize(
    ("genre_less", "territory", "found"),
    [
        (1, "Worldwide", ["XML-010"]),
        (2, "Worldwide", ["ERN-036", "ERN-036", "XML-010"]),
        (0, "Worldwide", ["XML-010"]),
        (0, "UK", ["ERN-062", "XML-010"]),
    ],
)
def test_an_element_in_a_wrong_place_is_the_one_that_is_missing_elsewhere(
    genre_less: int, territory: str, found: list[str]
) -> None:
    recordings = tuple(
        replace(
            RECORDING,
            reference=text(f"A{n}"),
            isrc=text(f"GBDUM260000{n}"),
            genres=() if n <= genre_less else RECORDING.genres,
        )
        for n in (1, 2)
    )
    message = message_of(recordings)
    deal = replace(message.deals[0], territories=(text(territory, 63),))
    stray = _STRAY if territory == "Worldwide" else replace(_STRAY, element="TerritoryCode", owner="Deal 1")
    told = codes(with_message(replace(message, deals=(deal,), schema_faults=(stray,))))

    assert sorted(code for code in told if code.startswith(("XML", "ERN-036", "ERN-06"))) == found


def test_an_element_in_place_of_one_that_is_missing_is_told_with_what_is_missing(place: Path) -> None:
    change = edit(("<ISRC>GBDUM2600001</ISRC>", "<TrackCode>GBDUM2600001</TrackCode>"))

    (finding,) = findings_after(place, Broken(Good.SINGLE, change))

    assert finding.text == (
        "metadata.xml, line 25: <TrackCode> is not allowed in <SoundRecordingId>. What is missing here is an ISRC of"
        " 12 characters."
    )


def test_a_mistyped_barcode_is_told_with_that_of_the_folder_name(place: Path) -> None:
    (finding,) = findings_after(place, Broken(Good.SINGLE, edit(("5034567890120", "5034567890210"))))

    assert (finding.found, finding.expected) == ("5034567890210", "5034567890120")
    assert "The folder name has 5034567890120, which is a valid barcode." in finding.fix


def test_a_misspelt_name_does_not_hide_what_is_missing_beside_it(place: Path) -> None:
    change = edit_all(
        r"<CommercialModelType>(.*?)</CommercialModelType>\s*<Usage>.*?</Usage>",
        r"<ComercialModelType>\1</ComercialModelType>",
    )

    missing, misspelt = findings_after(place, Broken(Good.SINGLE, change))

    assert (missing.code, misspelt.code) == ("XML-011", "XML-028")
    assert missing.expected == "<Usage>, <AllDealsCancelled> or <TakeDown>"
    assert misspelt.expected == "<CommercialModelType>"


def test_a_missing_part_explains_all_that_would_stand_in_it() -> None:
    schema = SchemaFault(
        22,
        SchemaProblem.MISSING_ELEMENT,
        "SoundRecordingDetailsByTerritory",
        "SoundRecording",
        lacking=("DisplayArtist", "Genre"),
        owner="SoundRecording 1",
    )
    bare = replace(RECORDING, genres=(), display_artists=(), isrc=text("", 24))
    message = replace(message_of((bare,)), schema_faults=(schema,))

    assert codes(with_message(message)) == ["XML-011", "ERN-030"]


def test_the_finding_of_a_missing_list_has_the_line_of_what_it_is_missing_in(place: Path) -> None:
    good, change, _ = CASCADES["no ReleaseList"]

    (finding,) = findings_after(place, Broken(good, change))

    assert (finding.line, finding.severity) == (2, Severity.ERROR)
    assert re.search(r", line 2: the XML holds no release\.$", finding.text)
