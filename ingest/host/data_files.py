"""The directories of data files shipped with the code: inside the installed package, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def data_dir(name: str) -> Path:
    """The directory `name` (`schemas`, `templates`, `systemd`), as `ingest/data/<name>` or `<checkout>/<name>`.

    Raises FileNotFoundError when neither exists: the installation is broken.
    """
    for folder in (PACKAGE / "data" / name, PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"the data directory {name!r} is missing from this installation")
