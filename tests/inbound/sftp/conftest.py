"""A running server for the tests of this room."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sftp_clients import Running, running_server


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with running_server(tmp_path) as server:
        yield server


@pytest.fixture
def unflushed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is brought to the disk: no power is cut here, and hundreds of sealings take seconds, not minutes."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
