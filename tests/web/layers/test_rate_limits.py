"""Limits of requests: of an address, and of a key wherever it is used; answers tell what is left."""

from __future__ import annotations

from dataclasses import replace

from ingest.web.layers.buckets import Buckets
from ingest.web.layers.rate_limits import AddressLimit, KeyLimit
from tests.web.asgi import CALLER, call, echo, envelope, signed


def still() -> float:
    return 0.0


async def test_a_key_is_told_what_is_left_and_then_when_to_come_again() -> None:
    layer = signed(KeyLimit(echo, Buckets(2, 60, still)))
    first, second, third = [await call(layer) for _ in range(3)]
    assert [one.status for one in (first, second, third)] == [200, 200, 429]
    policy = '"key";q=2;w=60'
    assert [one.header("ratelimit-policy") for one in (first, second, third)] == [policy, policy, policy]
    limits = [one.header("ratelimit") for one in (first, second, third)]
    assert limits == ['"key";r=1;t=30', '"key";r=0;t=60', '"key";r=0;t=60']
    assert [one.header("retry-after") for one in (first, second, third)] == [None, None, "30"]
    assert third.json == envelope("Too many requests")


async def test_one_key_does_not_take_from_another_and_requests_without_a_key_are_not_counted() -> None:
    limit = KeyLimit(echo, Buckets(1, 60, still))
    other = signed(limit, replace(CALLER, key_id="key_2"))
    assert [(await call(app)).status for app in (signed(limit), other, signed(limit))] == [200, 200, 429]
    found = [await call(limit) for _ in range(3)]
    assert [(one.status, one.header("ratelimit")) for one in found] == [(200, None)] * 3


async def test_an_address_counts_whatever_it_asks_and_an_ipv6_network_as_one() -> None:
    layer = AddressLimit(echo, Buckets(2, 60, still))

    async def asked(address: str | None) -> int | None:
        return (await call(layer, client=address)).status

    assert [await asked(f"2001:db8::{number}") for number in (1, 2, 3)] == [200, 200, 429]
    assert [await asked(one) for one in ("2001:db8:0:1::1", "192.0.2.1", "::ffff:192.0.2.1")] == [200, 200, 200]
    assert (await call(layer)).header("retry-after") == "30"
    assert [await asked(None) for _ in range(3)] == [200, 200, 429]
