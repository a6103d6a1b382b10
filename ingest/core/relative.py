"""Paths of files inside a package, as they are told: names joined by `/`, and nothing that leads out."""

from __future__ import annotations


def relative_parts(path: str) -> tuple[str, ...]:
    """The names of which `path` consists. Raises ValueError for one that is absolute, or has a name that is none."""
    parts = tuple(path.split("/"))
    is_text = path == path.encode("utf-8", "replace").decode()
    if not is_text or "\0" in path or any(part in ("", ".", "..") for part in parts):
        raise ValueError(f"{path[:200]!r} is no path inside a package")
    return parts
