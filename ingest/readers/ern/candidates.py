"""Which file of a release folder is the ERN message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from enum import Enum
from io import FileIO
from pathlib import PurePosixPath
from typing import Any

from lxml import etree

from ingest.core.message import MessageProblem, UnreadableMessage
from ingest.readers.ern.document import doctype_line
from ingest.readers.ern.encodings import declaration_first
from ingest.readers.ern.versions import ROOTS, split_tag
from ingest.readers.ern.xml_file import XmlFile, read_xml

GUIDE_NAME = "metadata.xml"
PIECE = 65_536
LONGEST_HEAD = 4_000_000
MOST_HEADS = 40_000_000
"""Bytes that all heads of a folder may take beyond their first pieces; then no other is read further than that."""


class _Kind(Enum):
    MESSAGE = "message"
    OTHER = "other"
    BROKEN = "broken"


Opened = Callable[[str], AbstractContextManager[FileIO]]
"""Opens a file of the folder by its name."""


def find_message(names: Sequence[str], opened: Opened, most: int) -> XmlFile | UnreadableMessage:
    """The message among the files of a folder, of which up to `most` bytes are kept.

    Each file is opened once and read only up to the start tag of its root; what may be the message is read on, to its
    end. Exactly one file with the root of an ERN message is it. A metadata.xml that cannot be read counts as one; so
    does the only XML file of the folder, whatever it is: what is wrong with it helps more than "no message".
    Raises the OSError of the file that would be the message, and what `opened` raises else.
    """
    xml = [name for name in names if is_candidate(name)]
    kinds: dict[str, _Kind] = {}
    firsts: dict[_Kind, XmlFile | OSError] = {}  # the message, if there is exactly one, is the first of its kind
    left = MOST_HEADS
    for name in xml:
        kinds[name] = _kind(name, None)
        try:
            with opened(name) as file:
                root, head = _root(file, PIECE + min(LONGEST_HEAD, left))
                left -= max(0, len(head) - PIECE)
                kind = kinds[name] = _kind(name, root)
                if kind not in firsts and (kind is not _Kind.OTHER or len(xml) == 1):
                    firsts[kind] = read_xml(file, name, most, head)
        except OSError as error:
            firsts.setdefault(kinds[name], error)
    found = _found(kinds)
    if isinstance(found, UnreadableMessage):
        return found
    message = firsts[kinds[found]]
    if isinstance(message, OSError):
        raise message
    return message


def _found(kinds: dict[str, _Kind]) -> str | UnreadableMessage:
    found = [name for name, kind in kinds.items() if kind is _Kind.MESSAGE]
    if not found:
        found = [name for name, kind in kinds.items() if kind is _Kind.BROKEN] or list(kinds)
        if len(found) != 1:
            return UnreadableMessage(None, MessageProblem.MISSING, candidates=tuple(kinds))
    if len(found) > 1:
        return UnreadableMessage(None, MessageProblem.SEVERAL, candidates=tuple(found))
    return found[0]


def is_candidate(name: str) -> bool:
    """Whether a file could be the message, by its name: no manifest, no acknowledgement, no litter."""
    path = PurePosixPath(name)
    if path.suffix.lower() != ".xml" or any(part.startswith(".") or part == "__MACOSX" for part in path.parts):
        return False
    return not path.name.lower().startswith(("batchcomplete", "ack_"))


def _kind(name: str, root: str | None) -> _Kind:
    """What a file is by the name of its root, None where there is none."""
    if root is None:
        return _Kind.MESSAGE if PurePosixPath(name).name.lower() == GUIDE_NAME else _Kind.BROKEN
    return _Kind.MESSAGE if root in ROOTS else _Kind.OTHER


def _root(file: FileIO, most: int) -> tuple[str | None, bytes]:
    """The local name of the root element, None where none can be read; and all that was read. Raises OSError."""
    reader = etree.XMLPullParser(
        events=("start",),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    head = bytearray()
    while len(head) < most and (piece := file.read(PIECE)):
        is_first = not head
        head += piece
        if is_first and doctype_line(piece) is not None:
            return None, bytes(head)
        try:
            reader.feed(declaration_first(piece) if is_first else piece)
        except (etree.XMLSyntaxError, ValueError):
            return _started(reader), bytes(head)
        if (name := _started(reader)) is not None:
            return name, bytes(head)
    return None, bytes(head)


def _started(reader: etree.XMLPullParser) -> str | None:
    events: Any = reader.read_events()
    return next((split_tag(str(element.tag))[1] for _, element in events), None)
