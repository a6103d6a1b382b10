"""What recordings and releases share: defaults and territories, displayed roles, titles, warnings."""

from __future__ import annotations

from lxml import etree

from ingest.core.release import Release
from ingest.core.release_parts import Credit, ReleaseGenre, TerritoryDetails, TypedTitle
from ingest.outbound.ern.v43 import parts
from ingest.outbound.ern.v43.parties import Parties
from tests.outbound.ern.releases import outgoing_of

NAMESPACE = "DPID:PADPIDA2026010101A"


def said(parent: etree._Element, name: str) -> list[tuple[str | None, str | None]]:
    """The texts of all elements of a name, each with the territory that it is for."""
    return [(one.get("ApplicableTerritoryCode"), one.text) for one in parent.iter(name)]


def test_what_differs_stands_beside_the_default_once_for_each_territory() -> None:
    parent = etree.Element("x")
    elsewhere = TerritoryDetails(
        ("JP", "KR"), titles=(TypedTitle("Asa"),), display_name="Ayo JP", parental_warnings=("Explicit",)
    )
    release = Release(title="Sunrise", version="Live", artists=(Credit("Ayo"),), elsewhere=(elsewhere,))
    parts.write_titles(parent, release)
    parts.write_display_artists(parent, release, Parties(outgoing_of(release)), NAMESPACE)
    parts.write_warnings(parent, release, NAMESPACE)
    assert said(parent, "DisplayTitleText") == [("Worldwide", "Sunrise (Live)"), ("JP", "Asa"), ("KR", "Asa")]
    assert [one.findtext("SubTitle") for one in parent.iter("DisplayTitle")] == ["Live", None, None]
    assert said(parent, "DisplayArtistName") == [("Worldwide", "Ayo"), ("JP", "Ayo JP"), ("KR", "Ayo JP")]
    assert said(parent, "ParentalWarningType") == [
        ("Worldwide", "NoAdviceAvailable"),
        ("JP", "Explicit"),
        ("KR", "Explicit"),
    ]
    assert [one.get("IsDefault") for one in parent.iter("DisplayArtistName")] == ["true", None, None]


def test_the_role_that_is_displayed_is_one_of_four_and_the_others_stand_beside_it() -> None:
    parent = etree.Element("x")
    artists = (
        Credit("A", ("Band", "MainArtist", "Producer")),
        Credit("B", ("Conductor",)),
        Credit("C"),
        Credit("D", ("FeaturedArtist",)),
    )
    release = Release(artists=artists)
    parts.write_display_artists(parent, release, Parties(outgoing_of(release)), NAMESPACE)
    found = [
        (
            one.findtext("DisplayArtistRole"),
            [role.get("UserDefinedValue") or role.text for role in one.iter("ArtisticRole")],
        )
        for one in parent.iter("DisplayArtist")
    ]
    assert found == [
        ("MainArtist", ["Band", "StudioProducer"]),
        ("Artist", ["Conductor"]),
        ("MainArtist", []),
        ("FeaturedArtist", []),
    ]


def test_a_display_title_of_the_label_is_the_one_that_is_shown() -> None:
    parent = etree.Element("x")
    others = (TypedTitle("Sun (Live)", None, "DisplayTitle"), TypedTitle("Soleil", None, "TranslatedTitle", "fr"))
    parts.write_titles(parent, Release(title="Sun", version="Live", other_titles=others))
    assert said(parent, "DisplayTitleText") == [("Worldwide", "Sun (Live)")]
    additional = parent.find("AdditionalTitle")
    assert additional is not None
    assert (additional.get("LanguageAndScriptCode"), additional.get("TitleType")) == ("fr", None)


def test_genres_and_contributors_are_written_in_order() -> None:
    parent = etree.Element("x")
    people = (Credit("Per", ("Producer",)), Credit("Kari", ("Composer", "Band")))
    parts.write_genres(parent, (ReleaseGenre("Jazz", "Nordic"),), dict(parts.DEFAULT))
    parts.write_contributors(parent, people, Parties(outgoing_of(Release(artists=people))), NAMESPACE)
    assert said(parent, "SubGenre") == [(None, "Nordic")]
    assert [one.get("UserDefinedValue") or one.text for one in parent.iter("Role")] == [
        "StudioProducer",
        "Composer",
        "Band",
    ]


def test_a_warning_that_the_standard_has_not_is_user_defined() -> None:
    parent = etree.Element("x")
    parts.write_warnings(parent, Release(parental_warnings=("Rude",)), NAMESPACE)
    warning = parent[0]
    assert (warning.text, warning.get("UserDefinedValue"), warning.get("Namespace")) == (
        "UserDefined",
        "Rude",
        NAMESPACE,
    )
