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
    kinds = {name: _kind(folder / name) for name in xml}
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


def _kind(path: Path) -> _Kind:
    try:
        name = _root(path)
    except OSError:
        return _Kind.BROKEN
    if name is None:
        return _Kind.BROKEN
    return _Kind.MESSAGE if name in ROOTS else _Kind.OTHER


def _root(path: Path) -> str | None:
    """The local name of the root element; None where none can be read. Raises OSError."""
    reader = etree.XMLPullParser(
        events=("start",), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    total = 0
    with path.open("rb") as stream:
        while total < LONGEST_HEAD and (piece := stream.read(PIECE)):
            if total == 0 and doctype_line(piece) is not None:
                return None
            total += len(piece)
            try:
                reader.feed(piece)
            except (etree.XMLSyntaxError, ValueError):
                return _started(reader)
            if (name := _started(reader)) is not None:
                return name
    return None


def _started(reader: etree.XMLPullParser) -> str | None:
    events: Any = reader.read_events()
    return next((split_tag(str(element.tag))[1] for _, element in events), None)
