"""Files outside any release folder: who is told of which, and when."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from ingest.inbound.strays import Strays
from ingest.inbound.watched import Callbacks
from ingest.readers.folder import kind_of
from tests.stage import Stage


@dataclass
class Looking:
    """The looks at anna's /incoming/, and the lists of files that she was told of."""

    on: Stage
    told: list[list[str]] = field(default_factory=list)

    def look(self, *names: str, after: float = 0) -> list[list[str]]:
        self.on.clock.advance(seconds=after)
        nothing: Any = None
        callbacks = Callbacks(
            nothing, nothing, lambda tx, label, found: self.told.append(list(found)), nothing, kind_of
        )
        Strays(self.on.app.config, self.on.app.store, callbacks).look(self.on.label(), names, self.on.clock())
        return self.told


@pytest.fixture
def looking(on: Stage) -> Looking:
    return Looking(on)


def test_all_files_are_told_of_together_once_one_of_them_has_lain_there_long_enough(looking: Looking) -> None:
    patience = looking.on.app.config.intake.stray_seconds
    assert looking.look("01.wav") == []
    assert looking.look("01.wav", "02.wav", after=patience - 1) == []
    assert looking.look("01.wav", "02.wav", after=1) == [["01.wav", "02.wav"]]
    assert looking.look("01.wav", "02.wav", after=10 * patience) == [["01.wav", "02.wav"]]


def test_an_archive_is_told_of_at_once_and_the_files_beside_it_in_their_time(looking: Looking) -> None:
    assert looking.look("Album.zip", "01.wav") == [["Album.zip"]]
    patience = looking.on.app.config.intake.stray_seconds
    assert looking.look("Album.zip", "01.wav", after=patience) == [["Album.zip"], ["01.wav"]]


def test_a_file_that_comes_back_is_told_of_again_and_litter_never(looking: Looking) -> None:
    patience = looking.on.app.config.intake.stray_seconds
    for _ in range(2):
        looking.look("01.wav", ".DS_Store")
        looking.look("01.wav", ".DS_Store", after=patience)
        looking.look(".DS_Store")
    assert looking.told == [["01.wav"], ["01.wav"]]
