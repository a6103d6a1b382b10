"""STY: the form of titles, as stores and InterSpace ask for it. Never errors."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ingest.core.dossier import Dossier, Policy
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Severity, fault
from ingest.core.message import Message
from ingest.core.resources import Artist, Title
from ingest.rules.characters import hidden
from ingest.rules.rule import Family
from ingest.rules.subjects import main_release, said, songs

WARNING: Final = Severity.WARNING
SOURCE: Final = "InterSpace, How artists should format titles; store style guides"

_FEAT: Final = re.compile(r"(?<![\w'’])(feat|ft|featuring)(?![\w'’])\.?(?=\s*\w)", re.IGNORECASE)
_GOOD_FEAT: Final = re.compile(r"[(\[]feat\. \S.*[)\]]")
_GENERIC: Final = re.compile(
    r"(track|song|audio|untitled|unknown|instrumental|title|bounce|master|final|mix)[ _#-]*\d*", re.IGNORECASE
)
_REDUNDANT: Final = re.compile(
    r"\b(original mix|original version|album version|main mix|main version)\b", re.IGNORECASE
)
_PROMOTION: Final = re.compile(
    r"\b(out now|available (now )?on|free download|official (music |lyric )?(video|audio)|official|limited edition"
    r"|exclusive|hd|hq|explicit( version)?|clean( version)?)\b",
    re.IGNORECASE,
)
_ASIDE: Final = re.compile(r"[(\[]([^)\]]*+)([)\]]|\Z)|[-–—|]\s+(.*)", re.DOTALL)
_BEHIND_DASH: Final = re.compile(r"[-–—|]\s+(.*)", re.DOTALL)
_SUFFIX: Final = re.compile(r"\.(wav|flac|aiff?|mp3)$", re.IGNORECASE)
_DASH: Final = re.compile(r"\s+[-–—:|]\s+\S")
_DEBRIS: Final = re.compile("[\u00c2\u00c3][\u0080-\u00bf]|\u00e2\u20ac|\ufffd")
_MARKUP: Final = re.compile(r"&(amp|quot|apos|lt|gt|nbsp|#\d{1,7}|#x[0-9a-f]{1,6});", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_ORDINARY: Final = frozenset("°№")
"""Symbols that are part of ordinary text."""

_FORMAT_WORD: Final = re.compile(r"(?:[-–]\s*|[(\[]\s*)(single|ep|album)\s*[)\]]?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Titled:
    """One title, its place in the message, and the track that it belongs to.

    `words` are the title without its subtitle, `whole` is both, joined as stores show them.
    """

    file: str
    title: Title
    track: int | None
    isrc: str | None
    artists: tuple[str, ...]
    words: str
    whole: str

    def fault(self, found: str, expected: str | None = None, **values: object) -> Fault:
        line = self.title.text.line if self.title.text is not None else self.title.line
        return fault(self.file, line=line, track=self.track, isrc=self.isrc, found=found, expected=expected, **values)


def _titles(dossier: Dossier) -> Iterator[Titled]:
    """The titles of the tracks, after that of the main release unless a track has the same."""
    told = {song.title for song in songs(dossier)}
    for main in main_release(dossier):
        if main.release.title is not None and main.title and main.title not in told:
            yield _titled(main.message, main.release.title, None, None, main.release.display_artists)
    for song in songs(dossier):
        if song.recording.title is not None and song.title:
            isrc = said(song.recording.isrc) or None
            yield _titled(song.message, song.recording.title, song.number, isrc, song.recording.display_artists)


def _titled(message: Message, title: Title, track: int | None, isrc: str | None, artists: tuple[Artist, ...]) -> Titled:
    words, subtitle = said(title.text), said(title.subtitle)
    whole = f"{words} ({subtitle})" if subtitle else words
    return Titled(message.file, title, track, isrc, tuple(said(artist.name) for artist in artists), words, whole)


titles = Family[Titled]("STY", "Style", _titles, source=SOURCE, ddex=FileStatus.FILE_OK)


@titles.rule(
    "STY-001",
    WARNING,
    text='{place}: in the title "{found}" the guest is not written as (feat. Name).',
    fix="Write the guest as (feat. Name): small letters, a point, in brackets.",
)
def feat_form(titled: Titled, _: Policy) -> Iterator[Fault]:
    """Stores show guests alike only if they are written alike."""
    match = _FEAT.search(titled.whole)
    if match is not None and match.start() > 0 and not _GOOD_FEAT.search(titled.whole):
        yield titled.fault(titled.whole, "(feat. Name)")


@titles.rule(
    "STY-002",
    WARNING,
    text='{place}: the title "{found}" repeats the artist\'s name, {name}.',
    fix="Write only the title; stores show the artist beside it.",
)
def artist_in_title(titled: Titled, _: Policy) -> Iterator[Fault]:
    """File names often read "Artist – Title"; titles must not."""
    for artist in titled.artists:
        begins = artist and titled.words[: len(artist)].lower() == artist.lower()
        if begins and _DASH.match(titled.words, len(artist)):
            yield titled.fault(titled.words, name=artist)
            return


@titles.rule(
    "STY-003",
    WARNING,
    text='{place}: the title "{found}" is written in capitals only.',
    fix="Write the title in ordinary capitals and small letters, unless the artist writes it in capitals.",
)
def all_capitals(titled: Titled, _: Policy) -> Iterator[Fault]:
    """Capitals only look like shouting, and stores set them back."""
    if titled.words == titled.words.upper() != titled.words.lower():
        words = _WORD.findall(titled.words)
        if len(words) >= 2 and max(map(len, words)) >= 4:
            yield titled.fault(titled.words)


@titles.rule(
    "STY-004",
    Severity.INFO,
    text='{place}: the title "{found}" is written in small letters only.',
    fix="Write the title in ordinary capitals and small letters, unless small letters are the artist's style.",
)
def all_small(titled: Titled, _: Policy) -> Iterator[Fault]:
    """Small letters only are mostly typing in haste, sometimes style."""
    if titled.words == titled.words.lower() != titled.words.upper() and _WORD.search(titled.words):
        yield titled.fault(titled.words)


@titles.rule(
    "STY-005",
    WARNING,
    text='{place}: "{found}" looks like a placeholder, not a title.',
    fix="Write the real title. If this is the real title, nothing needs to be done: our reviewers see it.",
)
def generic_title(titled: Titled, _: Policy) -> Iterator[Fault]:
    """Exports fill empty titles with "Track 1"."""
    if _GENERIC.fullmatch(titled.words) or _SUFFIX.search(titled.words):
        yield titled.fault(titled.words)


@titles.rule(
    "STY-006",
    WARNING,
    text='{place}: the title "{found}" names a version where there is none: "{words}".',
    fix="Leave the version out: the first version of a track needs no name.",
)
def redundant_version(titled: Titled, _: Policy) -> Iterator[Fault]:
    """Stores remove Original Mix and Album Version from titles."""
    if (match := _REDUNDANT.search(titled.whole)) is not None:
        yield titled.fault(titled.whole, words=match.group())


@titles.rule(
    "STY-007",
    WARNING,
    text='{place}: the title "{found}" contains words that do not belong in a title: "{words}".',
    fix="Leave promotion, format and advisory words out of the title.",
)
def promotion(titled: Titled, _: Policy) -> Iterator[Fault]:
    """Stores refuse advertising in titles; the explicit mark has its own field."""
    for part in _asides(titled.whole):
        match = _PROMOTION.fullmatch(part.strip()) or re.search(r"\b(out now|available on)\b", part, re.IGNORECASE)
        if match is not None:
            yield titled.fault(titled.whole, words=match.group())
            return


def _asides(title: str) -> Iterator[str]:
    """What stands in brackets, and what follows a dash; a bracket that is never closed holds nothing."""
    for inside, closing, behind in _ASIDE.findall(title):
        if inside and not closing:
            yield from _BEHIND_DASH.findall(inside)
        else:
            yield inside or behind


@titles.rule(
    "STY-008",
    WARNING,
    text='{place}: the title "{found}" ends with the type of the release: "{words}".',
    fix="Leave Single, EP or Album out of the title; the ReleaseType says it.",
)
def format_in_title(titled: Titled, _: Policy) -> Iterator[Fault]:
    """Stores add the kind of release themselves."""
    match = _FORMAT_WORD.search(titled.whole)
    if match is not None and match.start() > 0:
        yield titled.fault(titled.whole, words=match.group(1))


@titles.rule(
    "STY-009",
    WARNING,
    text='{place}: the title "{found}" contains {what}.',
    fix="Write the title with letters, digits and ordinary punctuation, saved as UTF-8.",
)
def odd_characters(titled: Titled, _: Policy) -> Iterator[Fault]:
    """Emoji and debris of a wrong encoding show as boxes in stores."""
    if hidden(titled.whole) is not None:
        return
    if _DEBRIS.search(titled.whole):
        yield titled.fault(titled.whole, what="letters in a wrong encoding")
    elif (markup := _MARKUP.search(titled.whole)) is not None:
        yield titled.fault(titled.whole, what=f'"{markup.group()}", a sign that was turned into XML twice')
    elif not titled.whole.isascii() and any(map(_is_symbol, titled.whole)):
        yield titled.fault(titled.whole, what="symbols or emoji")
    elif "  " in titled.words:
        yield titled.fault(titled.words, what="two spaces in a row")


def _is_symbol(character: str) -> bool:
    return character not in _ORDINARY and unicodedata.category(character) == "So"
