"""Two workers on one PostgreSQL database that attempt the same delivery at one moment: it is sent once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flow.test_shipments import TUBE, approved, copied
from tests.lives import whole
from tests.stage import CONFIG, Stage, staged

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("read_in_this_process")]

WORKER = """
import sys, time
from pathlib import Path
import ingest.flow.deliveries as deliveries
from ingest.app.application import open_app
from ingest.config import load
from tests.flow.test_shipments import copied

def slowly(conversions):
    with Path(sys.argv[1]).with_name("made").open("a") as made:
        made.write("x")
    time.sleep(3)
    return copied(conversions)

lock = deliveries.sending_lock
deliveries.sending_lock = lambda store, state, release, dsp: lock(store, Path(sys.argv[2]), release, dsp)
app = open_app(load(Path(sys.argv[1])), convert=slowly)
print("ready", flush=True)
sys.stdin.readline()
print(type(app.deliveries.attempt(1, "tube")).__name__, flush=True)
app.close()
"""
"""A worker that keeps its file locks in a directory of its own, as on another machine."""


@pytest.fixture
def on(tmp_path: Path, fresh_postgres: str) -> Iterator[Stage]:
    (tmp_path / "tube").mkdir()
    database = f'[database]\nurl = "{fresh_postgres}"\n'
    with staged(tmp_path, config=CONFIG + database + TUBE, convert=copied) as there:
        yield there


def test_of_two_workers_that_attempt_it_at_one_moment_one_sends_and_the_other_waits(on: Stage, tmp_path: Path) -> None:
    package = approved(on, whole(tmp_path, "One"))
    config = tmp_path / "config.toml"
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, str(config), str(tmp_path / name)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    for worker in workers:
        assert worker.stdout is not None and worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    ended = sorted(worker.communicate(timeout=120)[0].strip() for worker in workers)
    assert ended == ["Done", "Waits"]
    assert (tmp_path / "made").read_text("utf-8") == "x", "its files were made once"
    (batch,) = (path.name for path in on.directory("tube").iterdir())
    assert len(list(on.directory("tube").glob(f"{batch}/BatchComplete_*.xml"))) == 1
    assert on.deliver(package, "tube") == "delivered"
    assert [path.name for path in on.directory("tube").iterdir()] == [batch]
