"""The releases: the main one in its running order, and one for each track, with what deals and discs point at."""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from ingest.core.release import Release, ReleaseTrack
from ingest.core.release_parts import ExternalId, ReleaseGenre, ReleaseImage, RightsLine
from ingest.outbound.ern.v382.releases import write_releases
from tests.outbound.ern.releases import outgoing_of

RELEASE = Release(
    barcode="5034567890120",
    title="Sunrise",
    label_name="Sunrise Records",
    genres=(ReleaseGenre("Afrobeats"),),
    release_date="2026-05-01",
    p_lines=(RightsLine("2026", None, "2026 Sunrise Records"),),
    tracks=(
        ReleaseTrack(1, 1, "GBDUM2600001", "One"),
        ReleaseTrack(2, 1, "GBDUM2600002", "Two"),
        ReleaseTrack(3, 2, None, "Three"),
    ),
    images=(ReleaseImage(type="FrontCoverImage"),),
)


def releases(release: Release) -> etree._Element:
    parent = etree.Element("x")
    write_releases(parent, outgoing_of(release))
    return parent[0]


def test_each_disc_is_a_group_and_images_stand_beside_them() -> None:
    outer = releases(RELEASE).find(".//ReleaseDetailsByTerritory/ResourceGroup")
    assert outer is not None
    discs = [
        (
            group.findtext("SequenceNumber"),
            [
                (item.findtext("SequenceNumber"), item.findtext("ReleaseResourceReference"))
                for item in group.iter("ResourceGroupContentItem")
            ],
        )
        for group in outer.iterfind("ResourceGroup")
    ]
    assert discs == [("1", [("1", "A1"), ("2", "A2")]), ("2", [("1", "A3")])]
    beside = [item.find("ReleaseResourceReference") for item in outer.iterfind("ResourceGroupContentItem")]
    assert [(one.text, one.get("ReleaseResourceType")) for one in beside if one is not None] == [
        ("A4", "SecondaryResource")
    ]


def test_there_is_one_main_release_and_a_track_release_for_each_track() -> None:
    found = releases(RELEASE)
    assert [(one.get("IsMainRelease"), one.findtext("ReleaseReference")) for one in found] == [
        ("true", "R0"),
        ("false", "R1"),
        ("false", "R2"),
        ("false", "R3"),
    ]
    assert [one.findtext("ReleaseType") for one in found] == [None, "TrackRelease", "TrackRelease", "TrackRelease"]
    assert [one.findtext("ReleaseId/ISRC") for one in found] == [None, "GBDUM2600001", "GBDUM2600002", None]
    assert [one.findtext("ReleaseId/ProprietaryId") for one in found] == [None, None, None, "5034567890120_R3"]


def test_a_track_release_has_the_label_genre_and_p_line_of_the_release_where_it_says_none() -> None:
    track = releases(RELEASE)[1]
    block = "ReleaseDetailsByTerritory"
    assert [track.findtext(f"{block}/{name}") for name in ("LabelName", "Genre/GenreText", "ReleaseDate")] == [
        "Sunrise Records",
        "Afrobeats",
        "2026-05-01",
    ]
    assert track.findtext("PLine/PLineText") == "2026 Sunrise Records"


def test_a_track_that_was_a_release_before_keeps_its_identifiers() -> None:
    own = (ExternalId("A12425GABC1234002M", "GRid"), ExternalId("TR-1", "IPI"))
    first = replace(RELEASE.tracks[0], release_ids=own)
    ids = releases(replace(RELEASE, tracks=(first,)))[1].find("ReleaseId")
    assert ids is not None
    assert [(one.tag, one.text) for one in ids] == [
        ("GRid", "A12425GABC1234002M"),
        ("ISRC", "GBDUM2600001"),
        ("ProprietaryId", "TR-1"),
    ]


def test_thirteen_digits_are_an_ean_and_twelve_a_upc() -> None:
    codes = [releases(replace(RELEASE, barcode=code)).find(".//ICPN") for code in ("5034567890120", "036000291452")]
    assert [one.get("IsEan") for one in codes if one is not None] == ["true", "false"]
