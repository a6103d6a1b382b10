"""ERN: each sound recording, against the guide's "Required XML fields"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from ingest.core import identifiers
from ingest.core.dossier import Dossier, Policy
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Severity
from ingest.core.kind import Kind
from ingest.core.text import Text
from ingest.rules.memo import picked_once
from ingest.rules.rule import Family
from ingest.rules.subjects import Song, has_main, is_various, main_release, purpose_of, said, songs

SOURCE: Final = "Guide, Required XML fields"
ERROR: Final = Severity.ERROR
_ISRC_FORM: Final = "two letters, three letters or digits, seven digits"
_ISRC_CURE: Final = "the ISRC again as you were given it: 12 letters and digits, such as GBDUM7620001"


def _stated(dossier: Dossier) -> Iterator[Song]:
    """The recordings of any message but a takedown."""
    if purpose_of(dossier) is not Kind.TAKEDOWN:
        yield from songs(dossier)


recording = Family[Song]("ERN", "Release information", _stated, source=SOURCE, ddex=FileStatus.METADATA_MISSING)


def _first(dossier: Dossier) -> Iterator[Song]:
    if purpose_of(dossier) is Kind.NEW_RELEASE:
        yield from songs(dossier)


delivered = Family[Song]("ERN", "Release information", _first, source=SOURCE, ddex=FileStatus.RESOURCE_MISSING)


@recording.rule(
    "ERN-030",
    ERROR,
    text="{place}: the track{named} has no ISRC.",
    fix="Write the track's ISRC, such as GBDUM7620001, into <SoundRecordingId><ISRC>. Ask us for one if you have none.",
    covers=("ISRC", "SoundRecordingId"),
    snippet="<SoundRecordingId><ISRC>GBDUM7620001</ISRC></SoundRecordingId>",
)
def no_isrc(song: Song, _: Policy) -> Iterator[Fault]:
    """Plays are counted and paid by ISRC."""
    if not said(song.recording.isrc):
        yield song.fault(song.recording.ids_line, expected="an ISRC of 12 characters", named=named(song))


@recording.rule(
    "ERN-031",
    ERROR,
    text='{place}: the ISRC "{found}" {fault}.',
    fix="Write {cure}.",
    ddex=FileStatus.IDENTIFIER_SYNTAX,
)
def isrc_length(song: Song, _: Policy) -> Iterator[Fault]:
    """An ISRC always has 12 characters; hyphens are for printing only."""
    isrc = said(song.recording.isrc)
    if isrc and len(isrc) != 12:
        bare = identifiers.compact(isrc).upper()
        cure = bare if identifiers.is_isrc(bare) else _ISRC_CURE
        expected = bare if cure == bare else "12 characters"
        line = _line(song.recording.isrc)
        yield song.fault(line, found=isrc, expected=expected, fault=_length_fault(isrc, bare), cure=cure)


def _length_fault(isrc: str, bare: str) -> str:
    if len(bare) != 12:
        counted = " without its hyphens, points and spaces" if len(bare) != len(isrc) else ""
        return f"has {len(bare)} character{'s' if len(bare) != 1 else ''}{counted}. It must have 12"
    cut = f"has hyphens, points or spaces in it. Without them it is {bare}"
    return cut if identifiers.is_isrc(bare) else f"{cut}, which is not {_ISRC_FORM}"


@recording.rule(
    "ERN-032",
    ERROR,
    text='{place}: "{found}" does not have the form of an ISRC: two letters, three letters or digits, seven digits.',
    fix="Compare the ISRC with the one that you were given, such as GBDUM7620001. Often a zero was typed as the"
    " letter O.",
    source="Guide, Required XML fields; ISO 3901",
    ddex=FileStatus.IDENTIFIER_SYNTAX,
)
def isrc_form(song: Song, _: Policy) -> Iterator[Fault]:
    """A code that is no ISRC cannot be counted or paid."""
    isrc = said(song.recording.isrc)
    if len(isrc) == 12 and not identifiers.is_isrc(isrc):
        yield song.fault(_line(song.recording.isrc), found=isrc, expected="such as GBDUM7620001")


@dataclass(frozen=True, slots=True)
class Repeat:
    """A track with the ISRC of an earlier track; `earlier` is the line of that track's ISRC."""

    song: Song
    isrc: str
    earlier: int


def _repeats(dossier: Dossier) -> Iterator[Repeat]:
    """The repeats of tracks of their own; a recording that was copied whole, with its name, is REF-001's matter."""
    first: dict[str, Song] = {}
    for song in _stated(dossier):
        isrc = canonical(song.recording.isrc)
        earlier = first.setdefault(isrc, song)
        copied = said(song.recording.reference) == said(earlier.recording.reference) != ""
        if isrc and earlier is not song and not copied:
            yield Repeat(song, isrc, _line(earlier.recording.isrc) or earlier.recording.line)


def canonical(isrc: Text | None) -> str:
    """An ISRC without hyphens and blanks, in capitals."""
    return identifiers.compact(said(isrc)).upper()


@picked_once
def repeated_isrcs(dossier: Dossier) -> Iterator[str]:
    """The ISRCs that more than one recording of the message has."""
    counted = Counter(canonical(song.recording.isrc) for song in songs(dossier))
    return (isrc for isrc, times in counted.items() if isrc and times > 1)


repeated = Family[Repeat]("ERN", "Release information", _repeats, source=SOURCE, ddex=FileStatus.IDENTIFIER_INVALID)


@repeated.rule(
    "ERN-033",
    ERROR,
    text="{place}: the ISRC {found} is used for more than one track (also on line {earlier}).",
    fix="Give each track its own ISRC.",
)
def duplicate_isrc(repeat: Repeat, _: Policy) -> Iterator[Fault]:
    """Two tracks with one ISRC are one track to every store."""
    song = repeat.song
    line = _line(song.recording.isrc)
    yield song.fault(line, found=repeat.isrc, expected="one ISRC per track", earlier=repeat.earlier)


@recording.rule(
    "ERN-034",
    ERROR,
    text="{place}: the track has no title.",
    fix="Write the title of the track into <ReferenceTitle><TitleText>.",
    covers=("ReferenceTitle", "TitleText"),
    snippet="<ReferenceTitle><TitleText>Title of the track</TitleText></ReferenceTitle>",
)
def no_track_title(song: Song, _: Policy) -> Iterator[Fault]:
    """Stores show this title."""
    if not song.title:
        title = song.recording.title
        yield song.fault(title.line if title is not None else None, expected="<TitleText>")


@recording.rule(
    "ERN-035",
    ERROR,
    text="{place}: the track{named} has no artist name.",
    fix="Write the artist's name, as stores should show it, into <DisplayArtist><PartyName><FullName> of the track.",
    ddex=FileStatus.ARTIST_MISSING,
    covers=("DisplayArtist", "PartyName", "FullName", "PartyId"),
    snippet=(
        "<DisplayArtist>\n"
        "  <PartyName><FullName>The Artist</FullName></PartyName>\n"
        "  <ArtistRole>MainArtist</ArtistRole>\n"
        "</DisplayArtist>"
    ),
)
def no_artist(song: Song, _: Policy) -> Iterator[Fault]:
    """Stores put a track on its artist's page by this name."""
    artists = song.recording.display_artists
    nameless = next((artist for artist in artists if not said(artist.name)), None)
    if nameless is not None:
        yield song.fault(nameless.line or None, expected="<FullName>", named=named(song))
    elif _has_no_artist(song) and not {Stated.ARTIST, Stated.UNKNOWN} & set(by_release(song.dossier)):
        yield song.fault(song.recording.block_line, expected="<DisplayArtist> with <FullName>", named=named(song))


@recording.rule(
    "ERN-082",
    Severity.WARNING,
    text="{place}: the track{named} names no artist. We take that of the release.",
    fix="Add the track's artist as a <DisplayArtist>, below the <TerritoryCode> of <SoundRecordingDetailsByTerritory>.",
    ddex=FileStatus.ARTIST_MISSING,
    covers=("DisplayArtist",),
    snippet=(
        "<DisplayArtist>\n"
        "  <PartyName><FullName>The Artist</FullName></PartyName>\n"
        "  <ArtistRole>MainArtist</ArtistRole>\n"
        "</DisplayArtist>"
    ),
)
def artist_of_the_release(song: Song, _: Policy) -> Iterator[Fault]:
    """Stores show the artists of each track; only some of them take those of the release where there are none."""
    if _has_no_artist(song) and Stated.ARTIST in by_release(song.dossier):
        yield song.fault(song.recording.block_line, expected="<DisplayArtist> with <FullName>", named=named(song))


def _has_no_artist(song: Song) -> bool:
    return not song.recording.display_artists and not said(song.recording.display_artist_name)


@recording.rule(
    "ERN-036",
    ERROR,
    text="{place}: the track{named} has no genre.",
    fix="Write the main genre, such as Afrobeats, into <Genre><GenreText> above <ParentalWarningType>.",
    covers=("Genre", "GenreText"),
    snippet="<Genre><GenreText>Afrobeats</GenreText></Genre>",
)
def no_genre(song: Song, _: Policy) -> Iterator[Fault]:
    """Stores file releases by genre."""
    own = any(said(genre.text) for genre in song.recording.genres)
    if not own and not {Stated.GENRE, Stated.UNKNOWN} & set(by_release(song.dossier)):
        line = song.recording.genres[0].line if song.recording.genres else song.recording.block_line
        yield song.fault(line, expected="<GenreText>", named=named(song))


@delivered.rule(
    "ERN-041",
    ERROR,
    text="{place}: the track{named} names no audio file.",
    fix="Write the name of the track's audio file, such as 01_TrackTitle.wav, into <File><URI>.",
    covers=("File", "FileName", "URL", "URI", "TechnicalSoundRecordingDetails"),
    snippet="<File><URI>01_TrackTitle.wav</URI></File>",
)
def no_file(song: Song, _: Policy) -> Iterator[Fault]:
    """Without the name nobody knows which of the files is this track."""
    files = [file for details in song.recording.technical_details if not details.is_preview for file in details.files]
    if not any(said(file.name) for file in files):
        details = song.recording.technical_details
        yield song.fault(details[0].line if details else song.recording.block_line, expected="<URI>", named=named(song))


@recording.rule(
    "ERN-042",
    ERROR,
    text='{place}: the ISWC "{found}" is not made of a T and ten digits.',
    fix="Copy the ISWC again, such as T-034.524.680-1, or leave it out.",
    source="ISO 15707",
    ddex=FileStatus.IDENTIFIER_SYNTAX,
)
def iswc_form(song: Song, _: Policy) -> Iterator[Fault]:
    """An identifier that is none cannot be matched with a work."""
    for text in song.recording.iswcs:
        if said(text) and not identifiers.is_iswc(said(text)):
            yield song.fault(text.line, found=said(text), expected="such as T-034.524.680-1")


@recording.rule(
    "ERN-043",
    Severity.WARNING,
    text="{place}: the ISWC {found} has a wrong check digit.",
    fix="Compare the ISWC with the one that you were given: most likely a digit was mistyped.",
    source="ISO 15707",
    ddex=FileStatus.IDENTIFIER_INVALID,
)
def iswc_check(song: Song, _: Policy) -> Iterator[Fault]:
    """The last digit of an ISWC is computed from the others, so that typing errors show."""
    for text in {said(text): text for text in reversed(song.recording.iswcs)}.values():
        if identifiers.is_iswc(said(text)) and not identifiers.iswc_check_fits(said(text)):
            yield song.fault(text.line, found=said(text))


def named(song: Song) -> str:
    return f' "{song.title}"' if song.title else ""


class Stated(Enum):
    """What a release may state for all its tracks; UNKNOWN where there is no main release, which is told."""

    UNKNOWN = auto()
    ARTIST = auto()
    GENRE = auto()


@picked_once
def by_release(dossier: Dossier) -> Iterator[Stated]:
    """Of those, what the main release does state. Various Artists are no artist of any track."""
    if not has_main(dossier):
        yield Stated.UNKNOWN
    for main in main_release(dossier):
        names = [said(artist.name) for artist in main.release.display_artists]
        if any(name and not is_various(name) for name in names):
            yield Stated.ARTIST
        if any(said(genre.text) for genre in main.release.genres):
            yield Stated.GENRE


def _line(text: Text | None) -> int | None:
    return text.line if text is not None else None
