"""How many requests one key and one address may send. Answers tell what is left, as the IETF's draft of it says.

draft-ietf-httpapi-ratelimit-headers-10: `RateLimit-Policy` with the quota `q` of a window of `w` seconds, `RateLimit`
with the remaining requests `r`, and the seconds `t` until all of the quota is there again.
"""

from __future__ import annotations

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingest.core.source import source_of
from ingest.web.layers.buckets import Buckets
from ingest.web.layers.refusal import address_of, refuse, with_headers

TOO_MANY: Final = "Too many requests"


class AddressLimit:
    """Counts all requests of an address, those that are refused too; of IPv6, of the network of 64 bits."""

    def __init__(self, app: ASGIApp, buckets: Buckets) -> None:
        self._app = app
        self._buckets = buckets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            name = source_of(address_of(scope))
            if not self._buckets.take(name):
                await _refuse(send, "address", self._buckets, name)
                return
        await self._app(scope, receive, send)


class KeyLimit:
    """Counts the requests of a key or token. It stands behind the authentication; requests without one pass."""

    def __init__(self, app: ASGIApp, buckets: Buckets) -> None:
        self._app = app
        self._buckets = buckets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller = scope.get("state", {}).get("caller")
        if scope["type"] != "http" or caller is None:
            await self._app(scope, receive, send)
            return
        if not self._buckets.take(caller.key_id):
            await _refuse(send, "key", self._buckets, caller.key_id)
            return
        told = _headers("key", self._buckets, caller.key_id)

        async def send_with_limit(message: Message) -> None:
            await send(with_headers(message, told))

        await self._app(scope, receive, send_with_limit)


async def _refuse(send: Send, policy: str, buckets: Buckets, name: str) -> None:
    wait = {"Retry-After": str(buckets.level(name).next_in)}
    await refuse(send, 429, TOO_MANY, {**_headers(policy, buckets, name), **wait})


def _headers(policy: str, buckets: Buckets, name: str) -> dict[str, str]:
    level = buckets.level(name)
    return {
        "RateLimit-Policy": f'"{policy}";q={buckets.most};w={buckets.seconds:.0f}',
        "RateLimit": f'"{policy}";r={level.remaining};t={level.full_in}',
    }
