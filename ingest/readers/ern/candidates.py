"""Which file of a release folder is the ERN message."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import Any

from lxml import etree

from ingest.core.message import MessageProblem, UnreadableMessage
from ingest.readers.ern.document import doctype_line
from ingest.readers.ern.versions import ROOTS, split_tag

GUIDE_NAME = "metadata.xml"
PIECE = 65_536
LONGEST_HEAD = 4_000_000
MOST_HEADS = 40_000_000
"""Bytes that all heads of a folder may take beyond their first pieces; then no other is read further than that."""


class _Kind(Enum):
    MESSAGE = "message"
    OTHER = "other"
    BROKEN = "broken"


def find_message(folder: Path, names: Sequence[str]) -> str | UnreadableMessage:
    """The name (relative, with `/`) of the message among the files of a folder; never raises.

    Each is read only up to the start tag of its root. Exactly one file with the root of an ERN message is it. A
    metadata.xml that cannot be read counts as one; so does the only XML file of the folder, whatever it is, for its own
    complaint says more than that none was found.
    """
    xml = [name for name in names if is_candidate(name)]
    kinds, left = {}, MOST_HEADS
    for name in xml:
        kinds[name], taken = _kind(folder / name, PIECE + min(LONGEST_HEAD, left))
        left -= max(0, taken - PIECE)
    found = [name for name in xml if kinds[name] is _Kind.MESSAGE or _is_broken_metadata(name, kinds[name])]
    if not found:
        found = [name for name in xml if kinds[name] is _Kind.BROKEN] or xml
        if len(found) != 1:
            return UnreadableMessage(None, MessageProblem.MISSING, candidates=tuple(xml))
    if len(found) > 1:
        return UnreadableMessage(None, MessageProblem.SEVERAL, candidates=tuple(found))
    return found[0]


def is_candidate(name: str) -> bool:
    """Whether a file could be the message, by its name: no manifest, no acknowledgement, no litter."""
    path = PurePosixPath(name)
    if path.suffix.lower() != ".xml" or any(part.startswith(".") or part == "__MACOSX" for part in path.parts):
        return False
    return not path.name.lower().startswith(("batchcomplete", "ack_"))


def _is_broken_metadata(name: str, kind: _Kind) -> bool:
    return kind is _Kind.BROKEN and PurePosixPath(name).name.lower() == GUIDE_NAME


def _kind(path: Path, most: int) -> tuple[_Kind, int]:
    """What the file is by its root, and how many bytes it took to know, `most` at the most."""
    try:
        name, taken = _root(path, most)
    except OSError:
        return _Kind.BROKEN, 0
    if name is None:
        return _Kind.BROKEN, taken
    return _Kind.MESSAGE if name in ROOTS else _Kind.OTHER, taken


def _root(path: Path, most: int) -> tuple[str | None, int]:
    """The local name of the root element, None where none can be read; and the bytes that were read. Raises OSError."""
    reader = etree.XMLPullParser(
        events=("start",),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    total = 0
    with path.open("rb") as stream:
        while total < most and (piece := stream.read(PIECE)):
            if total == 0 and doctype_line(piece) is not None:
                return None, len(piece)
            total += len(piece)
            try:
                reader.feed(piece)
            except (etree.XMLSyntaxError, ValueError):
                return _started(reader), total
            if (name := _started(reader)) is not None:
                return name, total
    return None, total


def _started(reader: etree.XMLPullParser) -> str | None:
    events: Any = reader.read_events()
    return next((split_tag(str(element.tag))[1] for _, element in events), None)
