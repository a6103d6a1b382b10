"""Embedded title, artist and ISRC, by mutagen; never structure or length."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import mutagen
import mutagen.aiff
import mutagen.flac
import mutagen.wave

from ingest.core.facts import Container

_CLASSES: dict[Container, Any] = {
    Container.WAV: mutagen.wave.WAVE,
    Container.RF64: None,
    Container.BW64: None,
    Container.AIFF: mutagen.aiff.AIFF,
    Container.AIFC: mutagen.aiff.AIFF,
    Container.FLAC: mutagen.flac.FLAC,
}
_KEYS = {
    "title": ("TIT2", "title", "\xa9nam", "Title", "TITLE"),
    "artist": ("TPE1", "artist", "\xa9ART", "Author", "ARTIST"),
    "isrc": ("TSRC", "isrc", "----:com.apple.iTunes:ISRC", "WM/ISRC", "ISRC"),
}
# A tag parser may trip over hostile bytes in any of these ways; tags are then simply not there.
_FAULTS = (mutagen.MutagenError, ValueError, LookupError, ArithmeticError, TypeError, AttributeError, struct.error)
_FAULTS_TOO = (EOFError, RecursionError, NotImplementedError, AssertionError)
_LONGEST = 500
_MOST_BYTES = 64_000_000


class _Bounded(io.BufferedReader):
    """A file that gives no more than 64 MB at once: a chunk may claim four gigabytes, and `read` would reserve them."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0 or size > _MOST_BYTES:
            raise ValueError("more than any tag takes")
        return super().read(size)


def read_tags(path: Path, container: Container) -> dict[str, str]:
    """Tags of a WAV, AIFF, FLAC or any other file that mutagen knows; empty when there are none or they are broken."""
    opener = _CLASSES.get(container, mutagen.File)
    if opener is None:
        return {}
    try:
        with _Bounded(io.FileIO(path)) as file:
            opened = opener(file)
        held = opened.tags if opened is not None else None
        return {} if held is None else {name: value for name in _KEYS if (value := _value(held, _KEYS[name]))}
    except (*_FAULTS, *_FAULTS_TOO):
        return {}


def _value(tags: Any, keys: tuple[str, ...]) -> str:
    for key in keys:
        if key in tags:
            found = tags[key]
            values = getattr(found, "text", found)
            value = values[0] if isinstance(values, list) and values else values
            text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
            return "".join(letter for letter in text if letter.isprintable())[:_LONGEST].strip()
    return ""
