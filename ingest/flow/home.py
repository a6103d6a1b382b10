"""A label's home on the disk."""

from __future__ import annotations

import os
from pathlib import Path

from ingest.config import Paths
from ingest.host.private import make_folder


def make_home(paths: Paths, name: str) -> None:
    """Make a label's home, and what is missing above it, for the owner alone whatever the umask. Raises OSError.

    When run as root it is given to the owner of the data directory, else the daemon could not use it.
    """
    incoming = paths.incoming(name)
    make_folder(incoming)
    if os.geteuid() == 0:
        _give_to_daemon(incoming, paths.data)


def _give_to_daemon(incoming: Path, data: Path) -> None:
    owner = data.stat()
    for place in (incoming, incoming.parent, incoming.parent.parent):
        os.chown(place, owner.st_uid, owner.st_gid)
