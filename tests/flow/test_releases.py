"""What a decision of QC does to the release: a package that was rejected does not count any more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.store.models import Package, ReleaseRow
from tests.broken.change import edit, edit_all
from tests.lives import LATER, whole
from tests.rules.reading import read_here
from tests.stage import Stage, by, stage


@pytest.fixture
def on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    read_here(monkeypatch)
    staged = stage(tmp_path)
    yield staged
    staged.app.close()


def title_of(on: Stage) -> str | None:
    """The title of the only release."""
    with on.app.store.reading() as tx:
        return tx.scalars(sa.select(ReleaseRow)).one().title


def test_a_rejected_correction_leaves_the_release_what_it_was_before(on: Stage, tmp_path: Path) -> None:
    first = on.place(whole(tmp_path, "First"))
    assert (on.judge(first), title_of(on)) == ("Needs QC", "Sunrise")
    second = on.place(whole(tmp_path, "First_v2", edit_all("Sunrise<", "Sundown<"), edit(LATER)))
    assert (on.judge(second), title_of(on)) == ("Needs QC", "Sundown")

    on.app.review.reject(second, by("ngozi"), "The title was right before.")

    assert title_of(on) == "Sunrise"
    on.app.review.reject(first, by("ngozi"), "Neither is right.")
    assert title_of(on) == "Sundown", "of two that were refused the newer one counts"
    with on.app.store.reading() as tx:
        assert len(set(tx.scalars(sa.select(Package.release_id)))) == 1


def test_a_test_says_what_its_release_is_only_while_nothing_else_does(on: Stage, tmp_path: Path) -> None:
    tried = edit(("LiveMessage", "TestMessage"))
    assert on.judge(on.place(whole(tmp_path, "Try", tried, edit_all("Sunrise<", "Sunset<")))) == "Incoming"
    assert title_of(on) == "Sunset"
    assert on.judge(on.place(whole(tmp_path, "Real"))) == "Needs QC"
    assert on.judge(on.place(whole(tmp_path, "Try2", tried, edit(LATER), edit_all("Sunrise<", "Dusk<")))) == "Incoming"
    assert title_of(on) == "Sunrise"
