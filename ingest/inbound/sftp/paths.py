"""Paths as clients write them, resolved by their text alone, and the names that may be made under /incoming.

Paths are bytes on the connection (draft-ietf-secsh-filexfer-02, section 6.2); here a path is the tuple of its names.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from ingest.inbound.backend import Refused

Parts = tuple[bytes, ...]

INCOMING: Final = b"incoming"
MAX_PATH: Final = 4096
MAX_NAME: Final = 255
MAX_DEPTH: Final = 8

_HIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
_DIRECTION_MARKS: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def parts_of(path: bytes) -> Parts:
    """Resolve `.`, `..` and double slashes without looking at the disk; a relative path counts from `/`.

    Raises Refused for a path longer than 4096 bytes or with a NUL in it.
    """
    if len(path) > MAX_PATH:
        raise Refused(f"This path is too long: at most {MAX_PATH} bytes are taken.")
    if b"\0" in path:
        raise Refused("This path holds a NUL character.")
    parts: list[bytes] = []
    for name in path.split(b"/"):
        if name == b"..":
            del parts[-1:]
        elif name not in (b"", b"."):
            parts.append(name)
    return tuple(parts)


def path_of(parts: Parts) -> bytes:
    """The absolute path of these parts."""
    return b"/" + b"/".join(parts)


def shown(parts: Parts) -> str:
    """The path as readable text, joined with `/`; bytes that are not UTF-8 appear as escapes."""
    return b"/".join(parts).decode("utf-8", "backslashreplace")


def check_new(inside: Parts) -> None:
    """Raise Refused unless a file or folder may be made at this path below /incoming."""
    if len(inside) > MAX_DEPTH:
        raise Refused(f"Folders may lie at most {MAX_DEPTH} deep under /incoming.")
    for name in inside:
        check_name(name)


def check_name(name: bytes) -> None:
    """Raise Refused, saying why, unless this name may be given to a file or folder."""
    if len(name) > MAX_NAME:
        raise Refused(f"This name is too long: at most {MAX_NAME} bytes are taken, and it has {len(name)}.")
    try:
        text = name.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("This name is not in UTF-8. Set your program's character set to UTF-8, or rename it.") from None
    for character in text:
        if unicodedata.category(character) in _HIDDEN_CATEGORIES or character in _DIRECTION_MARKS:
            raise Refused(f"This name holds an invisible character (U+{ord(character):04X}). Rename it without.")
