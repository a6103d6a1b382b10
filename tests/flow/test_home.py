"""Homes of labels on the disk."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from ingest.config import Paths
from ingest.flow.home import make_home
from tests.stage import Stage


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_a_home_is_for_its_owner_alone_whatever_the_umask(on: Stage, umask: int) -> None:
    before = os.umask(umask)
    try:
        make_home(on.app.config.paths, "bob")
    finally:
        os.umask(before)
    places = (on.app.config.paths.labels_dir, on.app.config.paths.home("bob"), on.app.config.paths.incoming("bob"))
    assert [stat.S_IMODE(place.stat().st_mode) for place in places] == [0o700] * 3


def test_a_home_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    paths = Paths(data=tmp_path)
    paths.incoming("bob").mkdir(parents=True)
    (paths.incoming("bob") / "a.wav").touch()
    paths.home("bob").chmod(0o750)
    make_home(paths, "bob")
    assert list(paths.incoming("bob").iterdir()) == [paths.incoming("bob") / "a.wav"]
    assert stat.S_IMODE(paths.home("bob").stat().st_mode) == 0o750


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives folders away")
def test_a_home_that_root_makes_belongs_to_whom_the_data_belongs(tmp_path: Path) -> None:
    paths = Paths(data=tmp_path / "data")
    paths.data.mkdir()
    os.chown(paths.data, 65534, 65533)
    make_home(paths, "bob")
    owners = [place.stat() for place in (paths.labels_dir, paths.home("bob"), paths.incoming("bob"))]
    assert [(owner.st_uid, owner.st_gid) for owner in owners] == [(65534, 65533)] * 3
