"""The limit on how fast bytes leave, over all who wait together."""

from __future__ import annotations

import asyncio
import time

import pytest

from ingest.outbound.dsp.pace import Pace


async def test_many_who_wait_share_the_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    slept = list[float]()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    pace = Pace(1000)
    for size in (500, 1000, 250):
        await pace.wait(size)
    assert slept == [0.0, 0.5, 1.5]


async def test_without_a_limit_nobody_waits() -> None:
    pace, before = Pace(0), time.monotonic()
    for _ in range(1000):
        await pace.wait(10**9)
    assert time.monotonic() - before < 1
