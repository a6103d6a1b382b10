"""The small values of a message: texts with their lines, flags, numbers, durations, hash sums."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ingest.core.text import LONGEST, Text, cut
from ingest.readers.ern.dialect import Canonical
from ingest.readers.ern.document import Element

UNKNOWN = frozenset({"#unknown#", "9999-01-01", "PT99H01M01S"})  # DDEX's spellings of "not known"
MOST_TEXTS = 600_000
"""Values that are read of one message: two for each element; but a work is read again for each of its tracks."""
DIGEST_BYTES = frozenset({4, 16, 20, 28, 32, 48, 64})  # CRC32, MD4/MD5, SHA-1, SHA-224, -256, -384, -512
_DURATION = re.compile(
    r"P(?:([0-9]{1,6})D)?(?:T(?:([0-9]{1,6})H)?(?:([0-9]{1,6})M)?(?:([0-9]{1,9}(?:\.[0-9]{1,9})?)S)?)?"
)
_WHOLE = re.compile(r"[+-]?[0-9]{1,9}")
_DECIMAL = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")
_FLAGS = {"true": True, "1": True, "false": False, "0": False}
_HERTZ = {"hz": 1.0, "khz": 1e3, "mhz": 1e6, "ghz": 1e9}


class Node:
    """An element with its children by name, so that a reader may ask for many names at the price of one walk."""

    __slots__ = ("element", "named")

    def __init__(self, element: Element) -> None:
        self.element = element
        self.named = named = dict[str, list[Element]]()
        children: Any = element
        for child in children[:]:  # faster than iteration
            tag = child.tag
            if tag in named:
                named[tag].append(child)
            else:
                named[tag] = [child]

    def every(self, name: str) -> Sequence[Element]:
        """The children of one name."""
        return self.named.get(name, ())

    def first(self, name: str) -> Element | None:
        """The first child of one name."""
        found = self.named.get(name)
        return found[0] if found else None

    def node(self, name: str) -> Node | None:
        """The first child of one name, with its own children by name."""
        found = self.named.get(name)
        return Node(found[0]) if found else None

    def nodes(self, name: str) -> Iterator[Node]:
        """The children of one name, with their own children by name."""
        return map(Node, self.named.get(name, ()))


class Overfull(Exception):
    """A message gives more values than any release has."""


class Source:
    """Reads values out of a canonical tree, in the label's own spelling and with the label's lines.

    Values are cut to `LONGEST` characters. Raises Overfull when a message gives more than `MOST_TEXTS`.
    """

    __slots__ = ("_known", "_left", "_made", "tree")

    def __init__(self, tree: Canonical) -> None:
        self.tree = tree
        self._known = tree.lines.known
        self._left = MOST_TEXTS
        self._made = tree.made

    def line(self, element: Element) -> int:
        """As `Lines.of`; inlined here and in `text`, for every value has one."""
        line: int | None = element.sourceline  # type: ignore[assignment]
        return self._known.get(element) or line or 1

    def text(self, element: Element | None) -> Text | None:
        """An element's text, stripped, with its line; None where there is no element or no known value."""
        if element is None or (self._made and element in self._made):
            return None
        value = (element.text or "").strip()[:LONGEST]
        if value in UNKNOWN:
            return None
        self._left -= 1
        if self._left < 0:
            raise Overfull
        line: int | None = element.sourceline  # type: ignore[assignment]
        return Text(value, self._known.get(element) or line or 1)

    def as_written(self, element: Element | None) -> Text | None:
        """Like `text`, but with the value that a normalisation replaced."""
        if element is None or element not in self.tree.written:
            return self.text(element)
        return Text(cut(self.tree.written[element]), self.line(element))

    def child(self, parent: Node | None, name: str) -> Text | None:
        """The text of the first child of this name."""
        found = None if parent is None else parent.named.get(name)
        return self.text(found[0]) if found else None

    def texts(self, elements: Iterable[Element]) -> tuple[Text, ...]:
        """The known values of several elements."""
        if not elements:
            return ()
        return tuple([text for element in elements if (text := self.text(element)) is not None])

    def first(self, scopes: Sequence[Node], name: str) -> Text | None:
        """The text of the first child of this name, in the first scope that has one."""
        for scope in scopes:
            for child in scope.named.get(name, ()):
                if (text := self.text(child)) is not None:
                    return text
        return None


def inherited(scopes: Sequence[Node], name: str) -> Sequence[Element]:
    """The children of one name in the first scope that has any: what a territory block does not say, it inherits."""
    for scope in scopes:
        if found := scope.named.get(name):
            return found
    return ()


def attribute(element: Element, name: str) -> str | None:
    """An attribute, stripped and cut; None where it is absent or blank."""
    value: Any = element.get(name)
    return None if value is None else str(value).strip()[:LONGEST] or None


def flag(value: str | None) -> bool | None:
    """An xs:boolean; None for anything else."""
    return None if value is None else _FLAGS.get(value.strip())


def whole(value: str | None) -> int | None:
    """A whole number of at most nine digits; None for anything else."""
    text = "" if value is None else value.strip()
    return int(text) if text and _WHOLE.fullmatch(text) else None


def seconds(duration: Text | None) -> float | None:
    """An xs:duration of days and less (`PT3M42S`, `PT5M7.000S`) in seconds; None for anything else."""
    match = _DURATION.fullmatch(duration.value) if duration is not None else None
    if match is None or match.lastindex is None:
        return None
    days, hours, minutes, rest = match.groups("0")
    return round(int(days) * 86_400 + int(hours) * 3600 + int(minutes) * 60 + float(rest), 9)


def hertz(rate: Text | None, unit: str | None) -> float | None:
    """A sampling rate in Hz; without a unit a rate under 1000 is taken as kHz."""
    if rate is None or not _DECIMAL.fullmatch(rate.value):
        return None
    number = float(rate.value)
    factor = _HERTZ.get(unit.lower(), 1.0) if unit else (1e3 if number < 1000 else 1.0)
    return round(number * factor, 3)


def hex_digest(written: str) -> str | None:
    """A hash sum written in hex or base64 as lower-case hex; None where it is neither (`TEMP_HASH`)."""
    compact = "".join(written.split())
    if re.fullmatch(r"[0-9A-Fa-f]+", compact) and len(compact) % 2 == 0 and len(compact) // 2 in DIGEST_BYTES:
        return compact.lower()
    try:
        raw = base64.b64decode(compact, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw.hex() if len(raw) in DIGEST_BYTES else None
