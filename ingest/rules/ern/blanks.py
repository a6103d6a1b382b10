"""ERN: elements of the release and its tracks that are there, but say nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from ingest.core.dossier import Dossier, Policy
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Severity
from ingest.core.kind import Kind
from ingest.core.message import Dialect
from ingest.core.resources import Genre
from ingest.core.text import Text
from ingest.rules.ern.recordings import Stated, by_release
from ingest.rules.rule import Family
from ingest.rules.subjects import has_main, main_release, placed, purpose_of, said, songs


@dataclass(frozen=True, slots=True)
class Blank:
    """An empty element, by its name and line, and the function that makes a fault of its owner."""

    element: str
    line: int
    fault: Callable[..., Fault]


def _blanks(dossier: Dossier) -> Iterator[Blank]:
    """Empty genres, label names and sender's ids; no genre or name whose absence has a finding (ERN-025, ERN-036)."""
    yield from _sender(dossier)
    if purpose_of(dossier) is Kind.TAKEDOWN or not has_main(dossier):
        return
    for main in main_release(dossier):
        release = main.release
        yield from _of(release.genres, None, main.fault)
        if main.message.dialect is Dialect.GUIDE:
            yield from _of((), release.label_name, main.fault)
    is_stated = Stated.GENRE in by_release(dossier)
    for song in songs(dossier):
        genres = song.recording.genres
        told = not is_stated and not any(said(genre.text) for genre in genres)
        yield from _of(() if told else genres, song.recording.label_name, song.fault)


def _sender(dossier: Dossier) -> Iterator[Blank]:
    """The first PartyId of a sender that has none but empty ones."""
    message = dossier.message
    sender = message.header.sender if message is not None and message.header is not None else None
    if message is not None and sender is not None and sender.ids and not any(said(one) for one in sender.ids):
        yield Blank("PartyId", sender.ids[0].line, partial(_in_header, message.file))


def _in_header(file: str, line: int, *, expected: str, **values: object) -> Fault:
    return placed(file, line=line, expected=expected, values=values, owner="MessageHeader")


def _of(genres: tuple[Genre, ...], label: Text | None, fault: Callable[..., Fault]) -> Iterator[Blank]:
    for genre in genres:
        if genre.text is not None and not genre.text.value:
            yield Blank("GenreText", genre.text.line, fault)
    if label is not None and not label.value:
        yield Blank("LabelName", label.line, fault)


blanks = Family[Blank](
    "ERN", "Release information", _blanks, source="Release Profiles 1.4", ddex=FileStatus.METADATA_MISSING
)

WHAT: Final = {
    "GenreText": "the genre",
    "LabelName": "the name of the label",
    "PartyId": "the id of your label",
}
NEEDED: Final = frozenset({"PartyId"})
"""Elements that the standard does not let one leave out."""


@blanks.rule(
    "ERN-084",
    Severity.WARNING,
    text="{place}: <{element}> is empty.",
    fix="Write {what} into <{element}>{removal}.",
)
def empty_element(blank: Blank, _: Policy) -> Iterator[Fault]:
    """An element without a value hides the one that would be inherited from the release."""
    what = WHAT[blank.element]
    removal = "" if blank.element in NEEDED else ", or remove the element"
    yield blank.fault(blank.line, expected=what, element=blank.element, what=what, removal=removal)
