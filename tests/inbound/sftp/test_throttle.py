"""Counts per address: connections, failures and the ban."""

from __future__ import annotations

import pytest

from ingest.inbound.sftp import throttle as throttle_module
from ingest.inbound.sftp.throttle import BAN_AFTER, BAN_SECONDS, Throttle


def test_an_address_is_banned_after_twenty_failures_and_freed_by_time_or_a_good_login() -> None:
    now = [0.0]
    throttle = Throttle(lambda: now[0])
    assert [throttle.failed("192.0.2.1") for _ in range(BAN_AFTER)] == [False] * (BAN_AFTER - 1) + [True]
    assert throttle.is_banned("192.0.2.1")
    assert not throttle.is_banned("192.0.2.2")
    now[0] = BAN_SECONDS + 1
    assert not throttle.is_banned("192.0.2.1")
    for _ in range(BAN_AFTER - 1):
        throttle.failed("192.0.2.2")
    throttle.succeeded("192.0.2.2")
    throttle.failed("192.0.2.2")
    assert not throttle.is_banned("192.0.2.2")


def test_connections_are_counted_by_address_and_forgotten_with_the_last() -> None:
    throttle = Throttle()
    for _ in range(2):
        throttle.connections["192.0.2.1"] += 1
    throttle.leave("192.0.2.1")
    assert throttle.connections == {"192.0.2.1": 1}
    throttle.leave("192.0.2.1")
    throttle.leave("192.0.2.1")
    assert throttle.connections == {}


def test_failures_from_very_many_addresses_are_forgotten_once_they_are_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle_module, "MOST_ADDRESSES", 3)
    now = [0.0]
    throttle = Throttle(lambda: now[0])
    for number in range(3):
        throttle.failed(f"192.0.2.{number}")
    now[0] = BAN_SECONDS
    throttle.failed("192.0.2.3")
    assert list(throttle._failures) == ["192.0.2.3"]
