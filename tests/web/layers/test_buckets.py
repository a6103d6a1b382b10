"""Token buckets: full at first, refilled by time, one for each name, and not more names than can be kept."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.web.layers.buckets import Buckets, Level


class Ticking:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_is_full_at_first_and_fills_again_evenly() -> None:
    ticking = Ticking()
    buckets = Buckets(3, 60, ticking)
    assert buckets.level("a") == Level(remaining=3, full_in=0, next_in=0)
    assert [buckets.take("a") for _ in range(5)] == [True, True, True, False, False]
    assert buckets.level("a") == Level(remaining=0, full_in=60, next_in=20)
    ticking.now = 19.9
    assert not buckets.take("a")
    ticking.now = 20.1
    assert (buckets.take("a"), buckets.take("a")) == (True, False)
    ticking.now = 1000
    assert buckets.level("a") == Level(3, 0, 0)


def test_each_name_has_its_own() -> None:
    buckets = Buckets(1, 60, Ticking())
    assert [buckets.take(name) for name in ("a", "b", "a")] == [True, True, False]


def test_of_too_many_names_the_one_used_least_recently_is_forgotten() -> None:
    buckets = Buckets(1, 60, Ticking(), names=2)
    for name in ("a", "b", "a", "c"):  # the second a is refused, and keeps the bucket all the same
        buckets.take(name)
    assert [buckets.level(name).remaining for name in ("a", "b", "c")] == [0, 1, 0]


@given(st.lists(st.floats(0, 30), min_size=1, max_size=200))
def test_never_more_than_the_quota_and_what_came_again_meanwhile(pauses: list[float]) -> None:
    ticking = Ticking()
    buckets = Buckets(5, 60, ticking)
    taken = 0
    for pause in pauses:
        ticking.now += pause
        taken += buckets.take("a")
        assert taken <= 5 + ticking.now * 5 / 60 + 1e-6
        level = buckets.level("a")
        assert 0 <= level.remaining <= 5 and (level.next_in == 0) == (level.remaining >= 1)
