"""The releases: discs as groups, covers linked, a TrackRelease for each track, and what 4.3 demands filled in."""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from ingest.core.release import Release, ReleaseTrack
from ingest.core.release_parts import ExternalId, ReleaseGenre, ReleaseImage
from ingest.outbound.ern.v43.parties import Parties
from ingest.outbound.ern.v43.releases import genres_of, write_releases
from tests.outbound.ern.releases import outgoing_of

JAZZ = (ReleaseGenre("Jazz"),)
RELEASE = Release(
    barcode="5034567890120",
    title="Sunrise",
    label_name="Sunrise Records",
    types=("Album",),
    release_date="2026-05-01",
    tracks=(
        ReleaseTrack(1, 1, "GBDUM2600001", "One"),
        ReleaseTrack(2, 1, "GBDUM2600002", "Two", genres=JAZZ),
        ReleaseTrack(3, 2, None, "Three", release_ids=(ExternalId("A12425GABC1234002M", "GRid"),)),
    ),
    images=(ReleaseImage(type="FrontCoverImage"), ReleaseImage(type="BackCoverImage")),
)


def releases(release: Release) -> etree._Element:
    parent = etree.Element("x")
    outgoing = outgoing_of(release)
    write_releases(parent, outgoing, Parties(outgoing))
    return parent[0]


def items(group: etree._Element) -> list[tuple[str | None, str | None]]:
    found = group.findall("ResourceGroupContentItem")
    return [(one.findtext("SequenceNumber"), one.findtext("ReleaseResourceReference")) for one in found]


def test_each_of_several_discs_is_a_group_and_images_are_linked_to_the_release() -> None:
    outer = releases(RELEASE).find("Release/ResourceGroup")
    assert outer is not None
    groups = [(one.get("ResourceGroupType"), items(one)) for one in outer.iterfind("ResourceGroup")]
    assert groups == [("Component", [("1", "A1"), ("2", "A2")]), ("Component", [("1", "A3")])]
    links = [(one.text, one.get("LinkDescription")) for one in outer.iterfind("LinkedReleaseResourceReference")]
    assert links == [("A4", "CoverArt"), ("A5", None)]


def test_the_tracks_of_one_disc_stand_in_the_group_of_the_release() -> None:
    outer = releases(replace(RELEASE, tracks=RELEASE.tracks[:2])).find("Release/ResourceGroup")
    assert outer is not None
    assert (outer.findall("ResourceGroup"), items(outer)) == ([], [("1", "A1"), ("2", "A2")])


def test_each_track_is_a_release_of_its_own_with_an_identifier() -> None:
    found = releases(RELEASE).findall("TrackRelease")
    assert [one.findtext("ReleaseReference") for one in found] == ["R1", "R2", "R3"]
    assert [one.findtext("ReleaseResourceReference") for one in found] == ["A1", "A2", "A3"]
    assert [one.findtext("ReleaseId/ProprietaryId") for one in found] == ["5034567890120_R1", "5034567890120_R2", None]
    assert [one.findtext("ReleaseId/GRid") for one in found] == [None, None, "A12425GABC1234002M"]
    assert [one.findtext("Genre/GenreText") for one in found] == ["Jazz", "Jazz", "Jazz"]


def test_a_genre_is_found_at_a_track_or_is_unknown() -> None:
    assert genres_of(replace(RELEASE, genres=(ReleaseGenre("Pop"),))) == (ReleaseGenre("Pop"),)
    assert genres_of(RELEASE) == JAZZ
    assert genres_of(replace(RELEASE, tracks=())) == (ReleaseGenre("Unknown"),)


def test_a_type_that_4_3_has_not_is_user_defined() -> None:
    kinds = releases(replace(RELEASE, types=("Album", "FilmBundle"))).findall("Release/ReleaseType")
    assert [(one.text, one.get("UserDefinedValue")) for one in kinds] == [
        ("Album", None),
        ("UserDefined", "FilmBundle"),
    ]
