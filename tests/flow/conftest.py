"""The application in this process, and a package in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.packages import Good, write_good
from tests.rules.reading import read_here
from tests.stage import Stage, staged


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path) as there:
        yield there


@pytest.fixture
def sealed(on: Stage, tmp_path: Path) -> int:
    """A good single that was sealed and is not read yet."""
    return on.place(write_good(tmp_path / "label", Good.SINGLE))


@pytest.fixture
def waiting(on: Stage, sealed: int) -> int:
    """A package in Needs QC."""
    assert on.judge(sealed) == "Needs QC"
    return sealed


@pytest.fixture
def read_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """No child process reads: faster, where the reading itself is not the matter."""
    read_here(monkeypatch)
