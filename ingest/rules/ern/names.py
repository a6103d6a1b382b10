"""ERN: the characters of names that stores show: titles and artists of the release and of its tracks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ingest.core.dossier import Dossier, Policy
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Severity
from ingest.core.resources import Artist, Title
from ingest.core.text import Text
from ingest.rules.characters import hidden, named, without_hidden
from ingest.rules.rule import Family
from ingest.rules.subjects import main_release, said, songs


@dataclass(frozen=True, slots=True)
class Name:
    """One name: what it is (`title`, `artist name`), its text, and the function that makes a fault of its owner."""

    what: str
    text: Text
    fault: Callable[..., Fault]


def _names(dossier: Dossier) -> Iterator[Name]:
    """Every title and artist of the main release, then of the recordings in document order."""
    for main in main_release(dossier):
        yield from _of(main.release.title, main.release.titles, main.release.display_artists, main.fault)
    for song in songs(dossier):
        yield from _of(song.recording.title, song.recording.titles, song.recording.display_artists, song.fault)


def _of(
    title: Title | None, titles: tuple[Title, ...], artists: tuple[Artist, ...], fault: Callable[..., Fault]
) -> Iterator[Name]:
    for one in dict.fromkeys((title, *titles)):
        for text in (one.text, one.subtitle) if one is not None else ():
            if text is not None and said(text):
                yield Name("title", text, fault)
    for artist in artists:
        if artist.name is not None and said(artist.name):
            yield Name("artist name", artist.name, fault)


names = Family[Name](
    "ERN", "Release information", _names, source="Stores' style guides; Unicode", ddex=FileStatus.MESSAGE_INVALID
)


@names.rule(
    "ERN-021",
    Severity.WARNING,
    text='{place}: the {what} "{found}" holds {character}, which nobody can see.',
    fix="Remove the character from the {what}: delete the whole {what} and type it again.",
)
def hidden_character(name: Name, _: Policy) -> Iterator[Fault]:
    """They come in when text is copied, turn words around, break lines, and hide a name from searches."""
    value = said(name.text)
    character = hidden(value)
    if character is not None:
        expected = without_hidden(value) or None
        yield name.fault(name.text.line, found=value, expected=expected, what=name.what, character=named(character))
