"""The daemon's check of itself: what makes it end, what it waits for, and what ops hear."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ingest.app import self_check
from ingest.app.self_check import FULL, SelfCheck, Sick
from ingest.store import workers
from tests.inbound.journaling import journal_of
from tests.sftp_clients import RecordingLog
from tests.stage import Stage, staged
from tests.store.full import error_of_a_full_database


@dataclass
class Checked:
    """A self-check over a stage; `error` is what its next heartbeats raise, `holds` whether it keeps its name."""

    on: Stage
    error: Exception | None = None
    holds: bool = True
    log: RecordingLog = field(default_factory=RecordingLog)
    alarms: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.check = SelfCheck(self.on.app, "w1", journal_of(self.on)[0], self)  # type: ignore[arg-type]
        self.heartbeat = self.on.clock()

    def note_heartbeat(self, tx: Any, worker: str, now: Any) -> None:
        if self.error is not None:
            raise self.error

    def look(self, seconds: float = 10) -> str:
        self.on.clock.advance(seconds=seconds)
        return self.check.look()


@pytest.fixture
def checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Checked]:
    with staged(tmp_path) as on:
        one = Checked(on)
        monkeypatch.setattr(workers, "note_heartbeat", one.note_heartbeat)
        monkeypatch.setattr(self_check, "logger", lambda name: one.log)
        monkeypatch.setattr(type(on.app.engine), "holds_worker", lambda self: one.holds)
        monkeypatch.setattr(type(on.app), "alarm", lambda self, what, detail: one.alarms.append((what, detail)))
        yield one


def test_nothing_is_said_while_all_is_well(checked: Checked) -> None:
    assert [checked.look() for _ in range(3)] == ["", "", ""]
    assert (checked.log.lines, checked.alarms) == ([], [])


def test_a_database_that_fails_three_times_in_a_row_ends_the_process(checked: Checked) -> None:
    checked.error = RuntimeError("away")
    assert [checked.look() for _ in range(2)] == ["the database cannot be written: RuntimeError('away')"] * 2
    checked.error = None
    assert checked.look() == ""
    checked.error = RuntimeError("away")
    for _ in range(2):
        checked.look()
    with pytest.raises(Sick, match="away"):
        checked.look()


def test_a_full_disk_is_waited_for_and_told_once_there_is_room(checked: Checked) -> None:
    begun = checked.on.clock()
    checked.error = error_of_a_full_database()
    told = [checked.look() for _ in range(20)]
    assert set(told) == {f"{FULL}: nothing can be recorded until space is free"}
    assert checked.log.lines[-1][:2] == ("error", "disk full")
    assert checked.alarms == []
    checked.error = None
    checked.heartbeat = checked.on.clock()
    assert checked.look() == ""
    ((what, detail),) = checked.alarms
    assert (what, begun.strftime("%Y-%m-%d") in detail) == (FULL, True)
    assert checked.look() == ""
    assert len(checked.alarms) == 1


def test_an_intake_that_hangs_for_a_minute_is_named_and_then_ends_the_process(checked: Checked) -> None:
    assert checked.look(60) == ""
    assert checked.look(1).startswith("intake has not turned since ")
    checked.look(1)
    with pytest.raises(Sick, match="intake"):
        checked.look(1)


def test_a_process_whose_name_another_took_over_ends_at_once(checked: Checked) -> None:
    checked.holds = False
    with pytest.raises(Sick, match="another process"):
        checked.look()
