"""Which file of the package is meant by each file reference of the message.

Exact names only count as the label's promise demands (guide, "Filename must match the <URI>"); a difference of Unicode
form or percent-encoding alone still is a match. A name that only comes near is reported beside the missing one.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import unquote

from ingest.core.dossier import ResolvedFile
from ingest.core.facts import FileEntry, FileKind
from ingest.core.message import Message
from ingest.core.resources import FileReference, TechnicalDetails
from ingest.core.text import normalised

IGNORED: Final = frozenset({FileKind.LITTER, FileKind.TEMPORARY, FileKind.MARKER})
SEARCHES: Final = 50
SEARCHED: Final = 300
_SCHEME: Final = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+:")


def resolve(message: Message, entries: tuple[FileEntry, ...]) -> tuple[ResolvedFile, ...]:
    """Every file reference of the message's recordings and images, in document order."""
    paths = [entry.path for entry in entries if entry.kind not in IGNORED]
    forms = [(how, form, {form(path): path for path in paths}) for how, form in _FORMS]
    found = [(reference, _find(reference, forms), recording, image) for reference, recording, image in _named(message)]
    taken = {match[0] for _, match, _, _ in found if match is not None}
    nearest = _Nearest([path for path in paths if path not in taken])
    resolved = []
    for reference, match, recording, image in found:
        path, how = match if match is not None else (None, "missing")
        near = None
        if path is None and (close := nearest.to(reference)) is not None:
            near, how = close
        escapes = _escapes(reference)
        resolved.append(ResolvedFile(reference, path, how, near, escapes, recording, image))
    return tuple(resolved)


def _named(message: Message) -> Iterator[tuple[FileReference, int | None, int | None]]:
    for index, recording in enumerate(message.recordings):
        for reference in _references(recording.technical_details):
            yield reference, index, None
    for index, picture in enumerate(message.images):
        for reference in _references(picture.technical_details):
            yield reference, None, index
    for other in message.others:
        for reference in _references(other.technical_details):
            yield reference, None, None


def _references(details: tuple[TechnicalDetails, ...]) -> Iterator[FileReference]:
    for detail in details:
        yield from detail.files


def _escapes(reference: FileReference) -> bool:
    name = reference.name.value
    return name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or bool(_SCHEME.match(name))


def _places(reference: FileReference) -> Iterator[str]:
    """Where the file may lie, most trusted first: FilePath/FileName, the folder itself, `resources/`."""
    name = reference.name.value
    folder = reference.path.value.strip("/") if reference.path is not None else ""
    if folder and ".." not in folder.split("/") and not _SCHEME.match(folder):
        yield f"{folder}/{name}"
    yield name
    yield f"resources/{name}"


Form = Callable[[str], str]

_FORMS: Final[tuple[tuple[str, Form], ...]] = (
    ("exact", lambda path: path),
    ("unicode", lambda path: normalised("NFC", path)),
    ("percent", lambda path: normalised("NFC", unquote(path))),
)


def _find(reference: FileReference, forms: list[tuple[str, Form, dict[str, str]]]) -> tuple[str, str] | None:
    if _escapes(reference) or not reference.name.value:
        return None
    for how, form, formed in forms:
        for place in _places(reference):
            if (path := formed.get(form(place))) is not None:
                return path, how
    return None


def _plain(path: str) -> str:
    return normalised("NFC", path.rsplit("/", 1)[-1]).casefold()


def _bare(path: str) -> str:
    return re.sub(r"[\s_\-.]+", "", _plain(path))


def _stem(path: str) -> str:
    return _plain(path).rsplit(".", 1)[0]


class _Nearest:
    """The files that no reference names, by the ways in which a label may have misspelt them."""

    def __init__(self, free: list[str]) -> None:
        self._ways = [
            (how, form, {form(path): path for path in reversed(free)})
            for how, form in (("case", _plain), ("blanks", _bare), ("suffix", _stem))
        ]
        self._names = {_plain(path): path for path in free[:SEARCHED]}
        self._left = SEARCHES

    def to(self, reference: FileReference) -> tuple[str, str] | None:
        """The file that the label most likely meant, and how its name differs; None where nothing comes near."""
        wanted = re.split(r"[/\\]", reference.name.value)[-1]
        if not wanted:
            return None
        if wanted != reference.name.value and (path := self._ways[0][2].get(_plain(wanted))) is not None:
            return path, "path"
        for how, form, formed in self._ways:
            if (path := formed.get(form(wanted))) is not None:
                return path, how
        return self._alike(_plain(wanted))

    def _alike(self, wanted: str) -> tuple[str, str] | None:
        """A name that looks alike; a search costs time, and a message may name thousands of files."""
        self._left -= 1
        if self._left < 0:
            return None
        close = difflib.get_close_matches(wanted, list(self._names), n=1, cutoff=0.8)
        return (self._names[close[0]], "near") if close and _same_number(close[0], wanted) else None


def _same_number(near: str, wanted: str) -> bool:
    """Two names that start with different track numbers are two tracks, however alike the rest."""
    one, other = re.match(r"\d+", near), re.match(r"\d+", wanted)
    return one is None or other is None or int(one.group()[:9]) == int(other.group()[:9])
