"""The modes of what was made below a folder."""

from __future__ import annotations

import stat
from pathlib import Path


def modes_below(root: Path) -> dict[str, str]:
    """The permission bits, in octal, of everything below `root` by its path."""
    return {str(path.relative_to(root)): f"{stat.S_IMODE(path.lstat().st_mode):03o}" for path in root.rglob("*")}
