"""Releases that wait too long for their verdict: what ops and their labels hear."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ingest.flow.health import health_of
from ingest.flow.lateness import WHAT, Lateness
from tests.flow.scenes import alarms
from tests.packages import Good, write_good
from tests.stage import Stage, staged


def status_file(on: Stage) -> str:
    """status.txt of the only release, after all that is owed was written; its lines joined."""
    with ThreadPoolExecutor(1) as pool:
        while on.app.reports.turn(pool):
            continue
    (path,) = on.app.config.paths.reports("anna").rglob("status.txt")
    return " ".join(path.read_text().split())


def late_failures(on: Stage) -> list[str]:
    health = health_of(on.app.config, on.app.store, on.clock())
    return [failure for failure in health.failures if "verdict" in failure]


def tell(on: Stage) -> None:
    with on.app.store.transaction() as tx:
        Lateness(on.app.config, on.app.notify, on.clock).tell(tx)


def late_alarms(on: Stage) -> list[str]:
    return [what for what in alarms(on) if what == WHAT]


@pytest.mark.parametrize(("seconds", "is_late"), [(0, False), (300, False), (301, True), (3600, True)])
def test_a_release_without_a_verdict_after_five_minutes_is_told_to_ops_and_to_its_label(
    on: Stage, tmp_path: Path, seconds: int, is_late: bool
) -> None:
    on.place(write_good(tmp_path / "label", Good.SINGLE))
    on.clock.advance(seconds=seconds)
    on.app.maintenance.reconcile()
    assert late_alarms(on) == ([WHAT] if is_late else [])
    waited = f"package 1 has waited {seconds // 60} minutes for its verdict"
    assert late_failures(on) == ([waited] if is_late else [])
    assert ("yours is next." in status_file(on)) == is_late
    assert ("takes longer than usual" in status_file(on)) == is_late


def test_ops_are_told_once_a_day_and_the_label_reads_how_many_are_before_it(tmp_path: Path) -> None:
    with staged(tmp_path, [("ben", "Ben")]) as on:
        for number in range(2):
            on.place(write_good(tmp_path / str(number), Good.SINGLE), "ben")
            on.clock.advance(seconds=10)
        on.place(write_good(tmp_path / "label", Good.SINGLE))
        for _ in range(3):
            on.clock.advance(minutes=6)
            tell(on)
        assert late_alarms(on) == [WHAT]
        assert "2 releases are before yours." in status_file(on)
        assert late_failures(on) == ["package 1 has waited 18 minutes for its verdict, and 2 more wait too long"]
        on.judge(1)
        tell(on)
        assert "1 release is before yours." in status_file(on)


def test_a_package_on_hold_or_with_a_verdict_is_not_late(on: Stage, tmp_path: Path) -> None:
    for number in range(2):
        on.place(write_good(tmp_path / str(number), Good.SINGLE))
    on.judge(1)
    with on.app.store.transaction() as tx:
        on.app.pipeline.put_on_hold(tx, 2, "away")
    on.clock.advance(hours=1)
    tell(on)
    assert late_alarms(on) == []
    assert late_failures(on) == []
