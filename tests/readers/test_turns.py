"""Whose file is read next."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from ingest.readers.turns import Turns


@dataclass
class Reading:
    """One child, which reads files of packages by their turns; a file takes as long as it costs."""

    turns: Turns = field(default_factory=Turns)
    waiting: list[tuple[float, int, str, deque[float]]] = field(default_factory=list)
    order: list[int] = field(default_factory=list)
    ended: dict[int, float] = field(default_factory=dict)
    now: float = 0.0

    def enter(self, number: int, label: str, costs: list[float]) -> None:
        self.waiting.append((self.turns.enter(label, sum(costs)), number, label, deque(costs)))

    def read_one(self) -> None:
        package = min(self.waiting, key=lambda one: one[0])
        _, number, label, costs = package
        cost = costs.popleft()
        self.turns.served(cost)
        self.order.append(number)
        self.now += cost
        if not costs:
            self.waiting.remove(package)
            self.turns.leave(label)
            self.ended[number] = self.now

    def read_all(self) -> None:
        while self.waiting:
            self.read_one()


def test_a_label_with_nothing_to_read_goes_before_the_albums_of_all_others() -> None:
    reading = Reading()
    for number in range(30):
        reading.enter(number, f"label {number % 10}", [4.0] * 12)
    for _ in range(20):
        reading.read_one()
    reading.enter(99, "idle", [4.0, 1.0])
    before = reading.now
    reading.read_all()
    assert reading.ended[99] - before == 5.0
    assert sorted(range(30), key=reading.ended.__getitem__) == list(range(30))


def test_a_label_with_many_small_packages_keeps_an_album_of_another_from_nothing_but_its_share() -> None:
    reading = Reading()
    reading.enter(1000, "album", [1.0] * 50)
    for number in range(500):
        reading.enter(number, "flood", [1.0])
    reading.read_all()
    assert 95 <= reading.ended[1000] <= 101


def test_once_all_is_read_nothing_is_remembered() -> None:
    reading = Reading()
    for number in range(100):
        reading.enter(number, f"label {number}", [1.0, 2.0])
    reading.read_all()
    assert (reading.turns._ends, reading.turns._waiting, reading.turns._now) == ({}, Counter(), 0.0)


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.lists(st.floats(0.1, 10), min_size=1, max_size=6)), min_size=1, max_size=30
    )
)
def test_labels_that_all_have_work_are_served_alike_but_by_their_largest_packages(
    packages: list[tuple[int, list[float]]],
) -> None:
    reading, served, left = Reading(), dict.fromkeys(range(5), 0.0), Counter[int]()
    largest = {label: max(sum(costs) for one, costs in packages if one == label) for label, _ in packages}
    for number, (label, costs) in enumerate(packages):
        reading.enter(number, str(label), costs)
        left[label] += len(costs)
    costs_left = [deque(costs) for _, costs in packages]
    while reading.waiting:
        reading.read_one()
        number = reading.order[-1]
        label = packages[number][0]
        served[label] += costs_left[number].popleft()
        left[label] -= 1
        busy = [one for one in left if left[one]]
        for one in busy:
            for other in busy:
                assert served[one] - served[other] <= largest[one] + largest[other] + 1e-6
    assert sorted(reading.ended) == list(range(len(packages)))
