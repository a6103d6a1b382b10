"""What reviewers and reports say of a package beside its findings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.flow.lookup import package_numbered
from ingest.flow.package_facts import measured, review_facts, tracks_of
from tests.packages import Good, write_good
from tests.stage import Stage, staged


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path) as there:
        yield there


@pytest.fixture
def single(on: Stage, tmp_path: Path) -> int:
    return on.place(write_good(tmp_path / "label", Good.SINGLE))


def test_before_it_was_read_only_the_label_and_the_files_are_known(on: Stage, single: int) -> None:
    with on.app.store.reading() as tx:
        row = package_numbered(tx, single)
        assert [name for name, _ in review_facts(tx, on.app.storage, row)] == ["Label", "Files"]
        assert (list(measured(tx, row)), tracks_of(tx, row)) == ([], ())


def test_what_was_measured_is_said_with_the_tracks_or_without(on: Stage, single: int) -> None:
    on.judge(single)
    with on.app.store.reading() as tx:
        row = package_numbered(tx, single)
        whole = dict(review_facts(tx, on.app.storage, row))
        short = dict(review_facts(tx, on.app.storage, row, tracks=False))
        assert whole["Track 1"].startswith("Sunrise · ")
        assert [name for name in whole if name not in short] == ["Track 1"]
        assert {**dict(measured(tx, row)), "Label": "", "Files": ""}.keys() == whole.keys()
        assert dict(measured(tx, row, tracks=False)).items() <= short.items()
        assert len(tracks_of(tx, row)) == 1
