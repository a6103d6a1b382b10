"""Archives by the endings of their names. Nobody opens one: it can swell to a thousand times its size."""

from __future__ import annotations

from typing import Final

ARCHIVES: Final = (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz")


def is_archive(name: str) -> bool:
    """Whether a file of this name is an archive, whatever the case of its ending."""
    return name.lower().endswith(ARCHIVES)
