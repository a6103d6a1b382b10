"""The limits over all connections, in the process that accepts them."""

from __future__ import annotations

from ingest.inbound.sftp.limits import LocalLimits
from ingest.inbound.sftp.throttle import BAN_AFTER, GUESSES_PER_LABEL, Throttle


async def test_a_label_has_as_many_connections_as_it_may_and_others_have_their_own() -> None:
    limits = LocalLimits(Throttle(), 2)
    assert [await limits.enter(1) for _ in range(4)] == [True, True, False, False]
    assert await limits.enter(2)
    limits.leave(1)
    assert [await limits.enter(1) for _ in range(2)] == [True, False]


async def test_a_label_that_left_altogether_is_not_remembered() -> None:
    limits = LocalLimits(Throttle(), 2)
    for _ in range(2):
        await limits.enter(1)
    for _ in range(2):
        limits.leave(1)
    assert limits._labels == {}


async def test_wrong_passwords_are_counted_for_the_ban_and_the_guard_and_cleared_for_one_label() -> None:
    throttle = Throttle()
    limits = LocalLimits(throttle, 2)
    told = [await limits.failed("192.0.2.1", 1) for _ in range(BAN_AFTER)]
    assert (told, await limits.is_banned("192.0.2.1")) == ([False] * (BAN_AFTER - 1) + [True], True)
    limits.succeeded("192.0.2.1", 2)
    assert await limits.is_banned("192.0.2.1")
    limits.succeeded("192.0.2.1", 1)
    assert not await limits.is_banned("192.0.2.1")
    for number in range(GUESSES_PER_LABEL):
        await limits.failed(f"192.0.2.{number}", 1)
    assert [await limits.is_guarded(label) for label in (1, 2)] == [True, False]
