"""Installations as they are after their first start."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ingest.doctor import machine
from ingest.inbound.sftp import make_host_keys
from ingest.readers.sandbox import Confinement
from ingest.store.database import Store
from tests.doctor.installation import CONFIG, NOBODY, Home
from tests.store.rows import new_label


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The folder of an installation as it is after its first start, made once and copied by each test."""
    home = tmp_path_factory.mktemp("home")
    (home / "config.toml").write_text(CONFIG)
    for name in ("labels", "spool", "shelves", "state", "shop"):
        (home / name).mkdir(mode=0o700)
    make_host_keys(home / "state/host-keys")
    with closing(Store(f"sqlite:///{home / 'state/ingest.db'}")) as store:
        store.migrate()
        with store.transaction() as tx:
            new_label(tx, "afro", title="Afro Records", emails=["label@label.example"], dsps=["shop"])
    return home


@pytest.fixture
def home(sound: Home, tmp_path: Path) -> Home:
    return Path(shutil.copytree(sound, tmp_path / "home"))


@pytest.fixture
def open_home(sound: Home) -> Iterator[Home]:
    """An installation that belongs to an account without root's rights, at a place that it can reach."""
    place = Path(tempfile.mkdtemp())
    try:
        place.chmod(0o755)
        home = Path(shutil.copytree(sound, place / "home"))
        if os.geteuid() == 0:
            for path in (home, *home.rglob("*")):
                os.chown(path, NOBODY, NOBODY)
        yield home
    finally:
        shutil.rmtree(place)


@pytest.fixture(scope="session")
def confinement() -> Confinement:
    """What holds a child of a fresh process: this one may be larger by now than a confined child may become."""
    ask = (
        "import json, dataclasses as d; from ingest.readers.sandbox import probe; print(json.dumps(d.asdict(probe())))"
    )
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, check=True)
    return Confinement(**json.loads(done.stdout))


@pytest.fixture(autouse=True)
def probed_in_a_fresh_process(monkeypatch: pytest.MonkeyPatch, confinement: Confinement) -> None:
    monkeypatch.setattr(machine, "probe", lambda: confinement)
