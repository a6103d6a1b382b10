"""Counts per source and label: connections, failures, the ban and the guard."""

from __future__ import annotations

import pytest

from ingest.inbound.sftp import throttle as throttle_module
from ingest.inbound.sftp.throttle import BAN_AFTER, BAN_SECONDS, GUESSES_PER_LABEL, Throttle

ANNA, BERT = 1, 2


def test_a_source_is_banned_after_twenty_failures_and_freed_by_time() -> None:
    now = [0.0]
    throttle = Throttle(lambda: now[0])
    assert [throttle.failed("192.0.2.1", ANNA) for _ in range(BAN_AFTER)] == [False] * (BAN_AFTER - 1) + [True]
    assert throttle.is_banned("192.0.2.1")
    assert not throttle.is_banned("192.0.2.2")
    now[0] = BAN_SECONDS + 1
    assert not throttle.is_banned("192.0.2.1")
    assert not throttle.failed("192.0.2.1", ANNA)


@pytest.mark.parametrize("other", [BERT, None])
def test_a_login_clears_the_failures_of_its_own_label_and_no_others(other: int | None) -> None:
    throttle = Throttle()
    for _ in range(BAN_AFTER - 1):
        throttle.failed("192.0.2.1", ANNA)
    throttle.succeeded("192.0.2.1", ANNA)
    for guess in range(BAN_AFTER - 1):
        assert not throttle.failed("192.0.2.1", other), guess
        throttle.succeeded("192.0.2.1", ANNA)
    assert throttle.failed("192.0.2.1", other)
    throttle.succeeded("192.0.2.1", ANNA)
    assert throttle.is_banned("192.0.2.1")


def test_a_network_of_ipv6_is_one_source_and_its_neighbour_another() -> None:
    throttle = Throttle()
    for number in range(BAN_AFTER):
        throttle.failed(f"2001:db8:1:2::{number:x}", None)
        throttle.enter(f"2001:db8:1:2::{number:x}")
    assert throttle.is_banned("2001:db8:1:2:ffff::1")
    assert not throttle.is_banned("2001:db8:1:3::1")
    assert (throttle.connections("2001:db8:1:2:ffff::1"), throttle.connections("2001:db8:1:3::1")) == (BAN_AFTER, 0)


def test_a_label_is_guarded_after_a_hundred_failures_from_any_sources_and_others_are_not() -> None:
    now = [0.0]
    throttle = Throttle(lambda: now[0])
    for number in range(GUESSES_PER_LABEL):
        assert not throttle.is_guarded(ANNA)
        assert not throttle.failed(f"192.0.2.{number}", ANNA)
    assert (throttle.is_guarded(ANNA), throttle.is_guarded(BERT)) == (True, False)
    throttle.succeeded("198.51.100.1", ANNA)
    assert throttle.is_guarded(ANNA)
    now[0] = BAN_SECONDS + 1
    assert not throttle.is_guarded(ANNA)


def test_a_login_takes_only_its_own_source_out_of_the_guesses_at_its_label() -> None:
    throttle = Throttle()
    for number in range(GUESSES_PER_LABEL):
        throttle.failed(f"192.0.2.{number}", ANNA)
    throttle.succeeded("192.0.2.0", ANNA)
    assert not throttle.is_guarded(ANNA)
    throttle.failed("198.51.100.1", ANNA)
    assert throttle.is_guarded(ANNA)


def test_connections_are_counted_by_source_and_forgotten_with_the_last() -> None:
    throttle = Throttle()
    for _ in range(2):
        throttle.enter("192.0.2.1")
    throttle.leave("192.0.2.1")
    assert (throttle.connections("192.0.2.1"), throttle.connections("192.0.2.2")) == (1, 0)
    throttle.leave("192.0.2.1")
    throttle.leave("192.0.2.1")
    assert (throttle.connections("192.0.2.1"), throttle._connections) == (0, {})


def test_of_very_many_sources_those_that_failed_last_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle_module, "MOST_SOURCES", 3)
    throttle = Throttle()
    for number in (0, 1, 2, 0, 3):
        throttle.failed(f"192.0.2.{number}", None)
    assert list(throttle._by_source) == ["192.0.2.2", "192.0.2.0", "192.0.2.3"]
