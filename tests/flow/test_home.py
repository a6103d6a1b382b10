"""Homes of labels on the disk."""

from __future__ import annotations

import os
import stat

import pytest

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
