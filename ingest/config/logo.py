"""The operator's logo: a small PNG or JPEG file that emails carry."""

from __future__ import annotations

from pathlib import Path
from typing import Final

LARGEST: Final = 100_000
"""Bytes. Every email carries the logo, and mail programs cut long emails."""

BEGINNINGS: Final = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg"}


def read_logo(path: Path) -> bytes:
    """The bytes of the logo. Raises ValueError where the file cannot be read, is too large, or is no PNG or JPEG."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    if len(content) > LARGEST:
        raise ValueError(f"{path} has more than {LARGEST // 1000} kB; every email carries it")
    if not content.startswith(tuple(BEGINNINGS)):
        raise ValueError(f"{path} is neither a PNG nor a JPEG file")
    return content


def logo_type(content: bytes) -> str:
    """`png` or `jpeg`, the subtype of its media type. Raises StopIteration for what `read_logo` refuses."""
    return next(name for start, name in BEGINNINGS.items() if content.startswith(start))
