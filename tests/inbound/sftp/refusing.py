"""A sealed folder, and the words of a refusal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sftp_clients import Running, release_folder

SUBMITTED = "This release is already submitted (package 123). To correct it, upload a new folder, for example Album_v2."


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(OSError) as raised:
        call()
    return str(raised.value.args[-1])


def seal(running: Running, name: str = "Album") -> Path:
    folder = release_folder(running.incoming, name, size=1000)
    spool = running.root / "spool"
    spool.mkdir(exist_ok=True)
    return running.backend.seal(running.account, folder.name, spool)
