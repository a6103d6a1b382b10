"""STY: artists, roles and flags of each track. Never errors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ingest.core.dossier import Policy
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Severity
from ingest.core.resources import Artist
from ingest.rules.rule import Family
from ingest.rules.subjects import Song, said
from ingest.rules.subjects import songs as all_songs
from ingest.rules.units import listed

WARNING: Final = Severity.WARNING
INFO: Final = Severity.INFO
SOURCE: Final = "Store style guides"
WRITER_ROLES: Final = frozenset(
    {"Composer", "ComposerLyricist", "Lyricist", "Author", "Writer", "SongWriter", "Songwriter", "UserDefined"}
)
_GENERIC: Final = (
    "artist,unknown artist,unknown,various,yoga,workout,baby,christmas,top hits,chorus,orchestra,singer,band,dj,"
    "label,n/a,none,test"
)
GENERIC_ARTISTS: Final = frozenset(_GENERIC.split(","))

_GUEST: Final = re.compile(r"(?<![\w'’])(?:feat|ft|featuring)(?![\w'’])\.?\s+([^)\]]+)", re.IGNORECASE)
_COMPOUND: Final = re.compile(r"\s(?:&|x|vs\.?|feat\.?|ft\.?|featuring)\s|,\s|\s/\s", re.IGNORECASE)


songs = Family[Song]("STY", "Style", all_songs, source=SOURCE, ddex=FileStatus.FILE_OK)


@songs.rule(
    "STY-020",
    WARNING,
    text='{place}: the title "{title}" names the guest {found}, but no artist has the role FeaturedArtist.',
    fix="Add the guest below the main artist, as a <DisplayArtist> with the role FeaturedArtist.",
    source="InterSpace, How artists should format titles; mandatory artist roles",
    snippet=(
        "<DisplayArtist>\n"
        "  <PartyName><FullName>The Guest</FullName></PartyName>\n"
        "  <ArtistRole>FeaturedArtist</ArtistRole>\n"
        "</DisplayArtist>"
    ),
)
def guest_without_role(song: Song, _: Policy) -> Iterator[Fault]:
    """Without the role the track does not appear on the guest's page."""
    match = _GUEST.search(song.title)
    if match is not None and not _with_role(song, "FeaturedArtist"):
        yield song.fault(_title_line(song), found=match.group(1).strip(), expected="FeaturedArtist")


@songs.rule(
    "STY-021",
    INFO,
    text='{place}: {found} has the role FeaturedArtist, but the title "{title}" does not say (feat. {found}).',
    fix="Nothing needs to be done if the stores are to show the guest beside the artist only.",
    source="InterSpace, How artists should format titles; mandatory artist roles",
)
def guest_not_in_title(song: Song, _: Policy) -> Iterator[Fault]:
    """Stores differ in where they show guests, so both places should agree."""
    guests = _with_role(song, "FeaturedArtist")
    if guests and song.title and not _GUEST.search(song.title):
        subtitle = song.recording.title.subtitle if song.recording.title is not None else None
        if not _GUEST.search(said(subtitle)):
            yield song.fault(guests[0].line, found=listed([said(guest.name) for guest in guests]))


@songs.rule(
    "STY-022",
    WARNING,
    text='{place}: "{found}" looks like several artists in one name.',
    fix="Give each artist a <DisplayArtist> of their own, with the role FeaturedArtist for a guest. Nothing needs to"
    " be done if this is the name of one act.",
    source="Apple Music style guide",
    snippet=(
        "<DisplayArtist>\n"
        "  <PartyName><FullName>First artist</FullName></PartyName>\n"
        "  <ArtistRole>MainArtist</ArtistRole>\n"
        "</DisplayArtist>\n"
        "<DisplayArtist>\n"
        "  <PartyName><FullName>Second artist</FullName></PartyName>\n"
        "  <ArtistRole>MainArtist</ArtistRole>\n"
        "</DisplayArtist>"
    ),
)
def compound_artist(song: Song, _: Policy) -> Iterator[Fault]:
    """Stores make a page for each name: joined names get a page of their own and lose their listeners."""
    for artist in song.recording.display_artists:
        if _COMPOUND.search(said(artist.name)):
            yield song.fault(artist.line, found=said(artist.name), expected="one artist per name")


@songs.rule(
    "STY-023",
    WARNING,
    text='{place}: "{found}" is too general a name for an artist.',
    fix="Write the artist's real name.",
    source="Apple Music style guide, 2.10",
)
def generic_artist(song: Song, _: Policy) -> Iterator[Fault]:
    """Stores refuse names that could be anybody, and names that are search words."""
    for artist in song.recording.display_artists:
        if said(artist.name).casefold() in GENERIC_ARTISTS:
            yield song.fault(artist.line, found=said(artist.name))


@songs.rule(
    "STY-024",
    WARNING,
    text='{place}: "{found}" is given as the artist of a track.',
    fix="Name the track's own artist; Various Artists is for the release only.",
    source="Store style guides",
)
def various_artists(song: Song, _: Policy) -> Iterator[Fault]:
    """A track always has artists of its own."""
    for artist in song.recording.display_artists:
        if said(artist.name).casefold() in ("various artists", "various artist", "v/a", "va"):
            yield song.fault(artist.line, found=said(artist.name))


@songs.rule(
    "STY-025",
    INFO,
    text="{place}: the track has no composer or lyricist.",
    fix="Add each writer below the artists, as an <IndirectResourceContributor> with the role Composer or Lyricist.",
    source="InterSpace, mandatory artist roles",
    covers=("IndirectResourceContributor",),
    snippet=(
        "<IndirectResourceContributor>\n"
        "  <PartyName><FullName>The Composer</FullName></PartyName>\n"
        "  <IndirectResourceContributorRole>Composer</IndirectResourceContributorRole>\n"
        "</IndirectResourceContributor>"
    ),
)
def no_writer(song: Song, _: Policy) -> Iterator[Fault]:
    """Several stores ask for the writers, and writers are paid by them."""
    people = (*song.recording.writers, *song.recording.contributors, *song.recording.display_artists)
    roles = {role.value for person in people for role in person.roles}
    if not song.recording.writers and not roles & WRITER_ROLES and not song.recording.is_instrumental:
        yield song.fault(expected="Composer or Lyricist")


@songs.rule(
    "STY-026",
    WARNING,
    text='{place}: the title "{title}" has asterisks for a bad word, but the track is marked {found}.',
    fix="Mark the track Explicit, or write the title as it is meant.",
    source="Store style guides",
)
def masked_word(song: Song, _: Policy) -> Iterator[Fault]:
    """A masked word is a sign that the track should carry the explicit mark."""
    flags = {said(text) for text in song.recording.parental_warnings}
    if re.search(r"\w\*+\w|\w\*{2,}", song.title) and "NotExplicit" in flags:
        yield song.fault(_title_line(song), found="NotExplicit", expected="Explicit")


def _with_role(song: Song, role: str) -> list[Artist]:
    people = (*song.recording.display_artists, *song.recording.contributors)
    return [person for person in people if any(one.value == role for one in person.roles)]


def _title_line(song: Song) -> int | None:
    title = song.recording.title
    return title.line if title is not None else None
