"""Wall time without the steps of the system's clock."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.inbound.steady_clock import STEP, SteadyClock
from tests.stage import Clock


class Machine:
    """A wall clock and a monotonic clock: `pass_` moves both, `set` the wall clock alone."""

    def __init__(self) -> None:
        self.wall, self.seconds = Clock(), 1000.0

    def pass_(self, seconds: float) -> None:
        self.wall.advance(seconds=seconds)
        self.seconds += seconds

    def set(self, seconds: float) -> None:
        self.wall.advance(seconds=seconds)


@pytest.mark.parametrize(
    ("seconds", "is_step"), [(0, False), (1.9, False), (-1.9, False), (2.1, True), (-2.1, True), (7200, True)]
)
def test_a_step_counts_as_no_time_until_it_is_followed(seconds: float, is_step: bool) -> None:
    machine = Machine()
    clock = SteadyClock(machine.wall, lambda: machine.seconds)
    begun = clock()
    machine.pass_(10)
    machine.set(seconds)
    assert (clock() - begun, clock.has_stepped()) == (timedelta(seconds=10), is_step)
    clock.follow()
    assert (clock(), clock.has_stepped()) == (machine.wall(), False)


@given(st.lists(st.tuples(st.floats(0, 1e4), st.floats(-1e6, 1e6)), max_size=20))
def test_time_passes_as_the_monotonic_clock_counts_whatever_the_wall_clock_is_set_to(
    turns: list[tuple[float, float]],
) -> None:
    machine = Machine()
    clock = SteadyClock(machine.wall, lambda: machine.seconds)
    begun = clock()
    for passed, set_by in turns:
        machine.pass_(passed)
        machine.set(set_by)
    assert abs((clock() - begun).total_seconds() - sum(passed for passed, _ in turns)) < 1e-3
    assert clock.has_stepped() == (abs(machine.wall() - clock()) > STEP)
