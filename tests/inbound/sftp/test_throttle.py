"""Counts per address: connections, failures and the ban."""

from __future__ import annotations

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
