"""One worker at a time sends about one release to one DSP: threads, processes, and workers on PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from ingest.flow.sending_lock import sending_lock
from ingest.store.database import Store
from tests.store.conftest import BOTH

HOLD = """
import sys
from pathlib import Path
from ingest.flow.sending_lock import sending_lock
from ingest.store.database import Store
with sending_lock(Store(sys.argv[1]), Path(sys.argv[2]), "r", "tube") as got:
    print(got, flush=True)
    sys.stdin.read()
"""


def test_a_release_is_locked_at_its_dsp_alone_and_free_afterwards(tmp_path: Path) -> None:
    with closing(Store(f"sqlite:///{tmp_path}/ingest.db")) as store:
        for _ in range(2):
            with (
                sending_lock(store, tmp_path, "r", "tube") as first,
                sending_lock(store, tmp_path, "r", "tube") as second,
                sending_lock(store, tmp_path, "r", "alpha") as elsewhere,
                sending_lock(store, tmp_path, "s", "tube") as other,
            ):
                assert (first, second, elsewhere, other) == (True, False, True, True)


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    is_sqlite = request.param == "sqlite"
    return f"sqlite:///{tmp_path}/ingest.db" if is_sqlite else str(request.getfixturevalue("fresh_postgres"))


def test_the_lock_holds_over_processes_and_machines_and_ends_with_a_process(url: str, tmp_path: Path) -> None:
    """On PostgreSQL the other process has a state directory of its own, as on another machine."""
    with closing(Store(url)) as store:
        place = tmp_path if store.is_sqlite else tmp_path / "elsewhere"
        holder = subprocess.Popen(
            [sys.executable, "-c", HOLD, url, str(place)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert holder.stdout is not None and holder.stdout.readline() == b"True\n"
        with sending_lock(store, tmp_path, "r", "tube") as got:
            assert not got
        holder.kill()
        holder.communicate()
        with sending_lock(store, tmp_path, "r", "tube") as got:
            assert got
