from __future__ import annotations

import pytest

from ingest.core.allowed import GUIDE_RELEASE_TYPES, PARENTAL_WARNINGS, RELEASE_TYPES, TERRITORIES
from ingest.core.meant import SYNONYMS, is_in_own_words, nearest

ARTISTS = ("Cartoonist", "Designer", "FeaturedArtist", "MainArtist", "Composer", "UserDefined")
CONTRIBUTORS = ("AssociatedPerformer", "Designer", "FilmSoundEngineer", "Producer", "StudioPersonnel", "UserDefined")
WRITERS = ("Author", "Composer", "ComposerLyricist", "Lyricist", "MusicPublisher")
TYPES = (*GUIDE_RELEASE_TYPES, *sorted(RELEASE_TYPES))


@pytest.mark.parametrize(
    ("found", "meant"),
    [
        ("mainartist", "MainArtist"),
        ("Main-Artist", "MainArtist"),
        ("main artist", "MainArtist"),
        ("MainArtst", "MainArtist"),
        ("Featured", "FeaturedArtist"),
        ("feat.", "FeaturedArtist"),
        ("Remixer", "UserDefined"),
        ("Singer", None),
        ("Artiste peintre", None),
        ("xyz", None),
        ("", None),
        ("x" * 100_000, None),
    ],
)
def test_capitals_blanks_slips_and_other_words_are_understood(found: str, meant: str | None) -> None:
    assert nearest(found, ARTISTS, "ArtistRole") == meant


@pytest.mark.parametrize(
    ("element", "allowed", "found", "meant"),
    [
        ("IndirectResourceContributorRole", WRITERS, "Componist", "Composer"),
        ("IndirectResourceContributorRole", WRITERS, "Songwriter", "ComposerLyricist"),
        ("IndirectResourceContributorRole", WRITERS, "Singer", None),
        ("ResourceContributorRole", CONTRIBUTORS, "Mixer", "StudioPersonnel"),
        ("ResourceContributorRole", CONTRIBUTORS, "Mastering Engineer", "StudioPersonnel"),
        ("ResourceContributorRole", CONTRIBUTORS, "Guitar", "UserDefined"),
        ("ResourceContributorRole", CONTRIBUTORS, "Vocals", "AssociatedPerformer"),
        ("ResourceContributorRole", CONTRIBUTORS[1:], "Vocals", None),
        ("ReleaseType", TYPES, "Compilation", "Album"),
        ("ReleaseType", TYPES, "Bundel", "Bundle"),
        ("ReleaseType", TYPES, "Albun", "Album"),
        ("ReleaseType", TYPES, "ep", "EP"),
        ("ReleaseType", TYPES, "Tape", None),
        ("ParentalWarningType", sorted(PARENTAL_WARNINGS), "No", "NotExplicit"),
        ("ParentalWarningType", sorted(PARENTAL_WARNINGS), "Clean", None),
        ("UseType", ("OnDemandStream", "PermanentDownload", "PlayInPublic"), "Permanent", "PermanentDownload"),
        ("UseType", ("OnDemandStream", "PermanentDownload", "PlayInPublic"), "Play", None),
        ("ImageType", ("FrontCoverImage", "BackCoverImage"), "Cover", "FrontCoverImage"),
        ("TerritoryCode", ("Worldwide", *sorted(TERRITORIES)), "UK", "GB"),
        ("TerritoryCode", ("Worldwide", *sorted(TERRITORIES)), "World-wide", "Worldwide"),
        ("TerritoryCode", ("Worldwide", *sorted(TERRITORIES)), "EU", None),
    ],
)
def test_a_word_means_what_it_means_in_its_element(
    element: str, allowed: tuple[str, ...], found: str, meant: str | None
) -> None:
    assert nearest(found, allowed, element) == meant


def test_the_beginning_of_several_values_is_none_of_them() -> None:
    assert nearest("Studio", ("StudioMusician", "StudioPersonnel"), "ArtistRole") is None
    assert nearest("Studio", ("StudioPeople", "Soloist"), "ArtistRole") == "StudioPeople"


def test_the_words_of_the_table_are_written_as_they_are_looked_up() -> None:
    words = [word for table in SYNONYMS.values() for word in table]

    assert [word for word in words if not word.isalnum() or word != word.casefold()] == []


def test_a_value_that_says_user_defined_has_no_words_of_its_own() -> None:
    assert is_in_own_words("Guitar")
    assert not is_in_own_words("user-defined")
