"""Mutated media headers: whatever the bytes, facts come back from the sandbox and nothing else happens."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.readers.artwork import is_whole
from ingest.readers.audio import inspect_audio
from ingest.readers.fork_client import Failure
from ingest.readers.pool import Pool
from tests.fuzz.media import mutated, originals, run

BATCH = 100


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    opened = Pool()
    yield opened
    opened.close()


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, 2000, BATCH))
def test_a_mutant_gives_facts_and_leaves_the_keeper_alone(pool: Pool, tmp_path: Path, start: int) -> None:
    pool.start()
    keeper = pool._client
    answers = run(pool, tmp_path, range(start, start + BATCH))
    assert len(answers) == BATCH
    assert {path.name: one for path, one in answers.items() if isinstance(one, Failure)} == {}
    sizes = {path.name: one["size"] for path, one in answers.items() if not isinstance(one, Failure)}
    assert sizes == {path.name: path.stat().st_size for path in answers}
    assert pool._client is keeper


@pytest.mark.parametrize("seed", range(100))
def test_looking_at_a_mutant_raises_nothing(tmp_path: Path, seed: int) -> None:
    chance = random.Random(-seed - 1)
    name, data = chance.choice(list(originals().items()))
    path = tmp_path / name
    path.write_bytes(mutated(data, chance))
    if path.suffix in (".jpg", ".png"):
        assert is_whole(path) in (True, False)
    else:
        assert inspect_audio(path, name).size == path.stat().st_size
