"""What recordings and releases share: terms outside the standard, titles, parties, rights lines, territories."""

from __future__ import annotations

from lxml import etree

from ingest.core.release_parts import Credit, ExternalId, ReleaseGenre, TypedTitle
from ingest.outbound.ern.v382 import parts

NAMESPACE = "DPID:PADPIDA2026010101A"


def root() -> etree._Element:
    return etree.Element("x")


def shown(parent: etree._Element) -> str:
    return etree.tostring(parent, encoding="unicode").removeprefix("<x>").removesuffix("</x>")


def test_a_value_that_the_standard_has_not_is_user_defined_in_our_namespace() -> None:
    parent = root()
    parts.term(parent, "ArtistRole", "MainArtist", "ArtistRole", NAMESPACE)
    parts.term(parent, "ArtistRole", "DJ", "ArtistRole", NAMESPACE)
    assert shown(parent) == (
        "<ArtistRole>MainArtist</ArtistRole>"
        f'<ArtistRole Namespace="{NAMESPACE}" UserDefinedValue="DJ">UserDefined</ArtistRole>'
    )


def test_what_holds_nowhere_in_particular_holds_worldwide() -> None:
    parent = root()
    parts.write_territories(parent, ())
    parts.write_territories(parent, ("GB", "FR"))
    parts.write_territories(parent, (), ("US",))
    assert shown(parent) == (
        "<TerritoryCode>Worldwide</TerritoryCode><TerritoryCode>GB</TerritoryCode><TerritoryCode>FR</TerritoryCode>"
        "<ExcludedTerritoryCode>US</ExcludedTerritoryCode>"
    )


def test_a_display_title_of_the_label_takes_the_place_of_ours() -> None:
    parent = root()
    others = (
        TypedTitle("Sun (Live)", None, "DisplayTitle"),
        TypedTitle("Soleil", None, "TranslatedTitle", "fr"),
        TypedTitle("S", None, "Nonsense"),
    )
    parts.write_titles(parent, "Sun", "Live", others)
    assert shown(parent) == (
        '<Title TitleType="FormalTitle"><TitleText>Sun</TitleText><SubTitle>Live</SubTitle></Title>'
        '<Title TitleType="DisplayTitle"><TitleText>Sun (Live)</TitleText></Title>'
        '<Title LanguageAndScriptCode="fr" TitleType="TranslatedTitle"><TitleText>Soleil</TitleText></Title>'
        "<Title><TitleText>S</TitleText></Title>"
    )


def test_parties_have_a_full_name_their_ids_and_a_role() -> None:
    parent = root()
    ids = (ExternalId("0000000121707484", "ISNI"), ExternalId("PADPIDA1", "DPID"), ExternalId("7", "IPN"))
    parts.write_artists(parent, (Credit("Ayo", (), ids),), NAMESPACE)
    parts.write_contributors(parent, "ResourceContributor", (Credit("Per", ("Producer",)),), NAMESPACE)
    parts.write_contributors(parent, "IndirectResourceContributor", (Credit("Kari", ("Composer",)),), NAMESPACE)
    assert shown(parent) == (
        '<DisplayArtist SequenceNumber="1"><PartyName><FullName>Ayo</FullName></PartyName>'
        '<PartyId IsISNI="true">0000000121707484</PartyId><PartyId IsDPID="true">PADPIDA1</PartyId>'
        '<PartyId Namespace="IPN">7</PartyId><ArtistRole>MainArtist</ArtistRole></DisplayArtist>'
        '<ResourceContributor SequenceNumber="1"><PartyName><FullName>Per</FullName></PartyName>'
        "<ResourceContributorRole>Producer</ResourceContributorRole></ResourceContributor>"
        '<IndirectResourceContributor SequenceNumber="1"><PartyName><FullName>Kari</FullName></PartyName>'
        "<IndirectResourceContributorRole>Composer</IndirectResourceContributorRole></IndirectResourceContributor>"
    )


def test_genres_and_warnings_stand_as_they_were_said() -> None:
    parent = root()
    parts.write_genres(parent, (ReleaseGenre("Jazz", "Nordic"), ReleaseGenre("Pop")))
    parts.write_warnings(parent, ("Explicit",), NAMESPACE)
    parts.write_reference_title(parent, None, None)
    assert shown(parent) == (
        "<Genre><GenreText>Jazz</GenreText><SubGenre>Nordic</SubGenre></Genre><Genre><GenreText>Pop</GenreText></Genre>"
        "<ParentalWarningType>Explicit</ParentalWarningType>"
        "<ReferenceTitle><TitleText>Untitled</TitleText></ReferenceTitle>"
    )
