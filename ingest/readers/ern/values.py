"""The small values of a message: texts with their lines, flags, numbers, durations, hash sums."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.core.text import Text
from ingest.readers.ern.dialect import Canonical
from ingest.readers.ern.document import Element

UNKNOWN = frozenset({"#unknown#", "9999-01-01", "PT99H01M01S"})  # DDEX's spellings of "not known"
DIGEST_BYTES = frozenset({4, 16, 20, 28, 32, 48, 64})  # CRC32, MD4/MD5, SHA-1, SHA-224, -256, -384, -512
_DURATION = re.compile(
    r"P(?:(?P<D>\d{1,6})D)?(?:T(?:(?P<H>\d{1,6})H)?(?:(?P<M>\d{1,6})M)?(?:(?P<S>\d{1,9}(?:\.\d{1,9})?)S)?)?"
)
_SECONDS = {"D": 86400.0, "H": 3600.0, "M": 60.0, "S": 1.0}
_HERTZ = {"hz": 1.0, "khz": 1e3, "mhz": 1e6, "ghz": 1e9}


@dataclass(slots=True)
class Source:
    """Reads values out of a canonical tree, in the label's own spelling and with the label's lines."""

    tree: Canonical

    def line(self, element: Element) -> int:
        return self.tree.lines.of(element)

    def text(self, element: Element | None) -> Text | None:
        """An element's text, stripped; None where the element is absent or says that the value is not known."""
        if element is None or (self.tree.made and element in self.tree.made):
            return None
        value = (element.text or "").strip()
        return None if value in UNKNOWN else Text(value, self.line(element))

    def as_written(self, element: Element | None) -> Text | None:
        """Like `text`, but with the value that a normalisation replaced."""
        if element is None or element not in self.tree.written:
            return self.text(element)
        return Text(self.tree.written[element], self.line(element))

    def child(self, parent: Element | None, *path: str) -> Text | None:
        """The text at a path of first children."""
        return self.text(descend(parent, *path))

    def texts(self, elements: Iterable[Element]) -> tuple[Text, ...]:
        return tuple(text for element in elements if (text := self.text(element)) is not None)

    def first(self, scopes: Sequence[Element], name: str) -> Text | None:
        """The text of the first child of this name, in the first scope that has one."""
        return next((text for scope in scopes for child in every(scope, name) if (text := self.text(child))), None)


def every(parent: Element, name: str) -> Iterator[Element]:
    """The children of one name."""
    return parent.iterchildren(name)


def descend(parent: Element | None, *path: str) -> Element | None:
    """The element at a path of first children."""
    for name in path:
        if parent is None:
            return None
        parent = next(every(parent, name), None)
    return parent


def inherited(scopes: Sequence[Element], name: str) -> list[Element]:
    """The children of one name in the first scope that has any: what a territory block does not say, it inherits."""
    return next((found for scope in scopes if (found := list(every(scope, name)))), [])


def attribute(element: Element, name: str) -> str | None:
    """An attribute, stripped; None where it is absent or blank."""
    value: Any = element.get(name)
    return str(value).strip() or None if value is not None else None


def flag(value: str | None) -> bool | None:
    """An xs:boolean; None for anything else."""
    return {"true": True, "1": True, "false": False, "0": False}.get((value or "").strip())


def whole(value: str | None) -> int | None:
    """A whole number of at most nine digits; None for anything else."""
    text = (value or "").strip()
    return int(text) if re.fullmatch(r"[+-]?[0-9]{1,9}", text) else None


def seconds(duration: Text | None) -> float | None:
    """An xs:duration of days and less (`PT3M42S`, `PT5M7.000S`) in seconds; None for anything else."""
    match = _DURATION.fullmatch(duration.value) if duration is not None else None
    if match is None:
        return None
    parts = {unit: number for unit, number in match.groupdict().items() if number is not None}
    return sum(_SECONDS[unit] * float(number) for unit, number in parts.items()) if parts else None


def hertz(rate: Text | None, unit: str | None) -> float | None:
    """A sampling rate in Hz; without a unit a rate under 1000 is taken as kHz."""
    if rate is None or not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", rate.value):
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
