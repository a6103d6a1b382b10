"""STY: words in titles, and the names of artists. Never errors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ingest.core.dossier import Policy
from ingest.core.finding import Fault, Severity
from ingest.core.resources import Artist
from ingest.core.text import Text, cut, normalised
from ingest.rules.anchors import tracks_are_known
from ingest.rules.characters import without_hidden
from ingest.rules.style.publishing import release
from ingest.rules.style.titles import Titled, titles
from ingest.rules.style.tracks import songs
from ingest.rules.subjects import Main, Song, is_various, said
from ingest.rules.subjects import songs as all_songs

WARNING: Final = Severity.WARNING
STORES: Final = "Store style guides"
VARIOUS: Final = 4
"""With this many main artists or more, stores want Various Artists."""

_PART: Final = re.compile(r"\b(vol|volume|pt|part)\b\.?\s*([0-9]+|[ivx]+)\b", re.IGNORECASE)
_GOOD_PART: Final = re.compile(r", (Vol|Pt)\. [0-9]+")
_PRODUCER: Final = re.compile(r"\b(prod\.?|produced)( by)?\s+[^\s)\]]", re.IGNORECASE)
_IMITATION: Final = re.compile(
    r"\b(karaoke|tribute to|in the style of|(as )?made famous by|originally performed by|cover version)\b",
    re.IGNORECASE,
)
_RANDOM_CASE: Final = re.compile(r"(?<![\w'’])[a-zà-ÿ][A-ZÀ-Þ]{2,}\w*")
_STRONG: Final = re.compile(r"\b(motherf\w+|f[u]ck\w*|sh[i]t\w*|c[u]nt\w*|n[i]gga\w*)\b", re.IGNORECASE)


@titles.rule(
    "STY-010",
    Severity.INFO,
    text='{place}: in the title "{found}" the part is not written as stores want it.',
    fix='Write volumes and parts as "Title, Vol. 2" and "Title, Pt. 1".',
    source=STORES,
)
def part_form(titled: Titled, _: Policy) -> Iterator[Fault]:
    """Written alike, the parts of a series sort behind each other."""
    match = _PART.search(titled.whole)
    if match is not None and match.start() > 0 and not _GOOD_PART.search(titled.whole):
        yield titled.fault(titled.whole, "Title, Vol. 2 or Title, Pt. 1")


@titles.rule(
    "STY-011",
    WARNING,
    text='{place}: the title "{found}" names a producer.',
    fix="Take the producer out of the title, and add a <ResourceContributor> with the role Producer to the track.",
    source=STORES,
    snippet=(
        "<ResourceContributor>\n"
        "  <PartyName><FullName>The Producer</FullName></PartyName>\n"
        "  <ResourceContributorRole>Producer</ResourceContributorRole>\n"
        "</ResourceContributor>"
    ),
)
def producer_in_title(titled: Titled, _: Policy) -> Iterator[Fault]:
    """Stores have a field for producers, and refuse them in titles."""
    if _PRODUCER.search(titled.whole):
        yield titled.fault(titled.whole, "the title alone")


@titles.rule(
    "STY-012",
    WARNING,
    text='{place}: the title "{found}" presents the recording as an imitation: "{words}".',
    fix="Leave the words out, and the name of the artist who is imitated. Tell us if it is a karaoke release.",
    source="Spotify; store style guides",
)
def imitation(titled: Titled, _: Policy) -> Iterator[Fault]:
    """Stores take karaoke and tributes under conditions only, so that nobody is misled by a famous name."""
    if (match := _IMITATION.search(titled.whole)) is not None:
        yield titled.fault(titled.whole, words=match.group())


@titles.rule(
    "STY-013",
    WARNING,
    text='{place}: in the title "{found}" capitals and small letters are mixed: "{words}".',
    fix="Write the word in ordinary capitals and small letters, unless this is how the artist writes it.",
    source=STORES,
)
def random_capitals(titled: Titled, _: Policy) -> Iterator[Fault]:
    """A word that begins small and goes on in capitals is mostly the Caps Lock key."""
    if (match := _RANDOM_CASE.search(titled.whole)) is not None:
        yield titled.fault(titled.whole, words=match.group())


@songs.rule(
    "STY-027",
    WARNING,
    text="{place}: {found} is main artist and guest of the same track.",
    fix="Give the artist one of the two roles: MainArtist or FeaturedArtist.",
    source="UnitedMasters; store style guides",
)
def main_and_guest(song: Song, _: Policy) -> Iterator[Fault]:
    """Stores would show the name twice: as the artist and behind feat."""
    artists = song.recording.display_artists
    guests = {_folded(said(one.name)) for one in artists if _has(one, "FeaturedArtist")}
    for artist in artists:
        if said(artist.name) and _has(artist, "MainArtist") and _folded(said(artist.name)) in guests:
            yield song.fault(artist.line, found=said(artist.name), expected="one role")


@songs.rule(
    "STY-028",
    WARNING,
    text='{place}: the title "{title}" contains strong language, but the track is marked {found}.',
    fix="Mark the track Explicit in <ParentalWarningType>.",
    source=STORES,
)
def strong_word(song: Song, _: Policy) -> Iterator[Fault]:
    """Stores mark such tracks themselves, or take the release down until it is marked."""
    flags = [text for text in song.recording.parental_warnings if said(text) == "NotExplicit"]
    if flags and _STRONG.search(song.title):
        yield song.fault(flags[0].line, found="NotExplicit", expected="Explicit")


@songs.rule(
    "STY-029",
    WARNING,
    text="{place}: the track is marked as instrumental, but its language is {found}.",
    fix="Remove <LanguageOfPerformance>, or <IsInstrumental> if the track is sung.",
    source="Store style guides",
)
def instrumental_with_language(song: Song, _: Policy) -> Iterator[Fault]:
    """Only what is sung or spoken has a language."""
    language = said(song.recording.language)
    if song.recording.is_instrumental and language and language != "zxx":
        line = song.recording.language.line if song.recording.language is not None else None
        yield song.fault(line, found=language, expected="no language")


@release.rule(
    "STY-038",
    WARNING,
    text="{place}: the release is by {found}, but its tracks are only by {names}.",
    fix="Name the artists of the release; Various Artists is for four and more.",
    source="Apple Music style guide",
)
def various_without_many(main: Main, _: Policy) -> Iterator[Fault]:
    """A release that is filed under Various Artists is not on its artists' pages."""
    various = [one for one in main.release.display_artists if is_various(said(one.name))]
    names = list(dict.fromkeys(said(text) for text in _track_artists(main)))
    nameless = any(not song.recording.display_artists for song in all_songs(main.dossier))
    if various and not nameless and tracks_are_known(main.message) and 0 < len(names) < VARIOUS:
        yield main.fault(
            various[0].line,
            found=said(various[0].name),
            expected=", ".join(names),
            count=len(names),
            names=", ".join(names),
        )


@release.rule(
    "STY-039",
    WARNING,
    text="{place}: the release has {found} main artists. From four on stores want Various Artists.",
    fix="Write Various Artists as the artist of the release; the tracks keep their own.",
    source="Apple Music style guide",
)
def many_artists(main: Main, _: Policy) -> Iterator[Fault]:
    """A row of names is cut off in every list."""
    artists = [one for one in main.release.display_artists if _has(one, "MainArtist")]
    if len(artists) >= VARIOUS:
        yield main.fault(artists[0].line, found=len(artists), expected="Various Artists")


@release.rule(
    "STY-040",
    WARNING,
    text='{place}: an artist is called "{found}" here, and "{expected}" elsewhere in the release.',
    fix="Write the name in one way everywhere.",
    source="InterSpace, How artists should format titles",
)
def two_spellings(main: Main, _: Policy) -> Iterator[Fault]:
    """A name that differs in capitals, accents or blanks gets an artist page of its own."""
    first: dict[str, str] = {}
    told: set[str] = set()
    own = (one.name for one in main.release.display_artists if one.name is not None)
    written: dict[str, Text] = {}
    for text in (*own, *_track_artists(main, every=True)):
        written.setdefault(text.value, text)
    for text in written.values():
        name = without_hidden(said(text))
        known = first.setdefault(_bare(name), name) if _bare(name) else name
        if name != known and name not in told:
            told.add(name)
            yield main.fault(text.line, found=name, expected=known)


def _track_artists(main: Main, *, every: bool = False) -> Iterator[Text]:
    """The names of the tracks' main artists, or with `every` of all their artists."""
    for song in all_songs(main.dossier):
        for artist in song.recording.display_artists:
            if artist.name is not None and said(artist.name) and (every or _has(artist, "MainArtist")):
                yield artist.name


def _has(artist: Artist, role: str) -> bool:
    return any(said(one) == role for one in artist.roles)


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def _bare(name: str) -> str:
    """Only the letters and digits of a name, without case and accents."""
    plain = cut(normalised("NFKD", name)).casefold()
    return "".join(one for one in plain if one.isalnum())
