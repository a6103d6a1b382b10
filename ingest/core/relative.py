"""Paths of files inside a package: names joined by `/` that never lead out of it."""

from __future__ import annotations


def relative_parts(path: str) -> tuple[str, ...]:
    """The names in `path`. Raises ValueError for an absolute path, an empty name, `.`, `..`, and what is not text."""
    parts = tuple(path.split("/"))
    is_text = path == path.encode("utf-8", "replace").decode()
    if not is_text or "\0" in path or any(part in ("", ".", "..") for part in parts):
        raise ValueError(f"{path[:200]!r} is no path inside a package")
    return parts
