"""Authentication: before any byte of a body, by either header, and with an end to guessing."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.types import Receive, Scope, Send

from ingest.flow.api_secrets import LIVE_KEY, new_secret
from ingest.store.models import ApiKey
from ingest.web.layers.authentication import Authentication
from ingest.web.layers.buckets import Buckets
from tests.stage import Stage, by
from tests.web.asgi import call, connection, echo, envelope, who

ROOT = by("root")
MISSING, INVALID = envelope("Missing API key"), envelope("Invalid API key")


class Logged(list[str]):
    def __call__(self, event: str, **values: object) -> None:
        self.append(event)


@pytest.fixture
def secret(on: Stage) -> str:
    return on.app.api_keys.create("anna", ROOT).secret


def layer(on: Stage, app: Any = who, **given: Any) -> Authentication:
    failures = given.pop("failures", Buckets(20, 600, lambda: 0.0))
    return Authentication(app, on.app.callers, failures, given.pop("log", Logged()), **given)


@pytest.mark.parametrize("name", ["x-api-key", "X-API-Key", "Authorization"])
@pytest.mark.parametrize("kind", ["key", "token"])
async def test_a_key_and_a_token_are_taken_in_either_header(on: Stage, secret: str, name: str, kind: str) -> None:
    token = on.app.api_tokens.issue("anna", "u1")
    (key,) = on.app.api_keys.every("anna")
    given, id = (secret, key.id) if kind == "key" else (token.secret, token.id)
    for scheme in ("Bearer ", "bearer  ", "BEARER ") if name == "Authorization" else ("", " "):
        found = await call(layer(on), headers=[(name, f"{scheme}{given}")])
        assert (found.status, found.json) == (200, ["anna", id])


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("x-api-key", "")],
        [("x-api-key", "  ")],
        [("Authorization", "Bearer")],
        [("Authorization", "Bearer ")],
        [("Authorization", "Basic YTpi")],
    ],
)
async def test_a_request_without_a_key_is_told_how_to_authenticate(on: Stage, headers: Sequence[Any]) -> None:
    found = await call(layer(on), headers=headers)
    assert (found.status, found.json) == (401, MISSING)
    assert found.header("www-authenticate") == 'Bearer realm="api"'


async def test_a_wrong_key_is_refused_and_named_for_the_log(on: Stage, secret: str) -> None:
    other = new_secret(LIVE_KEY)
    for given, shown in ((other, f"{other[:13]}..."), ("letmein", None), (secret.upper(), None), ("é" * 50, None)):
        there = connection(headers=[("x-api-key", given)])
        await layer(on)(there.scope, there.receive, there.send)
        assert (there.answer.status, there.answer.json) == (401, INVALID)
        assert there.answer.header("www-authenticate") == 'Bearer realm="api", error="invalid_token"'
        assert there.scope["state"].get("refused_key") == shown


async def test_two_headers_must_agree(on: Stage, secret: str) -> None:
    other = on.app.api_keys.create("anna", ROOT).secret
    same = [("x-api-key", secret), ("Authorization", f"Bearer {secret}")]
    assert (await call(layer(on), headers=same)).status == 200
    for headers in (
        [("x-api-key", secret), ("Authorization", f"Bearer {other}")],
        [("x-api-key", secret), ("x-api-key", other)],
        [("x-api-key", secret), ("Authorization", "Bearer nonsense")],
    ):
        found = await call(layer(on), headers=headers)
        assert (found.status, found.json) == (401, INVALID)


async def test_no_byte_of_a_body_is_read_before(on: Stage) -> None:
    there = connection("POST", parts=[b"x" * 100, b"y"])
    await layer(on, echo)(there.scope, there.receive, there.send)
    assert (there.answer.status, there.asked) == (401, 0)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1", 401),
        ("/v1/", 401),
        ("/v1/release", 401),
        ("/v1//release", 401),
        ("/v1/openapi.json", 200),
        ("/v1/openapi.json/", 401),
        ("/v1x", 200),
        ("/healthz", 200),
    ],
)
async def test_everything_below_v1_is_guarded_but_what_is_named_as_open(on: Stage, path: str, status: int) -> None:
    found = await call(layer(on, open_paths=["/v1/openapi.json"]), path=path)
    assert (found.status, found.json if status == 200 else None) == (status, None)


async def test_an_address_that_tries_too_many_keys_waits_and_keys_found_before_do_not(on: Stage, secret: str) -> None:
    now = [0.0]
    guarded = layer(on, failures=Buckets(3, 30, lambda: now[0]))

    async def asked(given: str, address: str = "192.0.2.1") -> int | None:
        return (await call(guarded, headers=[("x-api-key", given)], client=address)).status

    fresh = on.app.api_keys.create("anna", ROOT).secret
    assert await asked(secret) == 200
    assert [await asked(new_secret(LIVE_KEY)) for _ in range(5)] == [401, 401, 401, 429, 429]
    assert (await asked(fresh), await asked(fresh, "192.0.2.2")) == (429, 200)
    found = await call(guarded, headers=[("x-api-key", "wrong")])
    assert found.json == envelope("Too many requests with an invalid API key")
    assert found.header("retry-after") == "10"
    on.app.callers._monotonic = lambda: 10.0**9  # nothing is remembered any more, but that it was found
    assert (await asked(secret), await asked(fresh)) == (200, 200)
    on.app.api_keys.revoke("anna", on.app.api_keys.every("anna")[0].id, ROOT)
    now[0] = 10.5
    assert [await asked(secret) for _ in range(2)] == [401, 429]


async def test_requests_without_a_key_do_not_count_as_guesses(on: Stage, secret: str) -> None:
    guarded = layer(on, failures=Buckets(1, 600, lambda: 0.0))
    assert [(await call(guarded)).status for _ in range(5)] == [401] * 5
    assert (await call(guarded, headers=[("x-api-key", secret)])).status == 200


async def test_the_use_of_a_key_is_recorded_beside_the_request(on: Stage, secret: str) -> None:
    guarded = layer(on)
    for _ in range(3):
        assert (await call(guarded, headers=[("x-api-key", secret)])).status == 200
    await asyncio.gather(*guarded._notes)
    with on.app.store.reading() as tx:
        assert tx.scalar(sa.select(ApiKey.used_at)) == on.clock.now


async def test_that_it_cannot_be_recorded_stops_no_request(
    on: Stage, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_caller: object) -> None:
        raise OSError("disk full")

    logged = Logged()
    monkeypatch.setattr(on.app.callers, "note_use", full)
    guarded = layer(on, log=logged)
    assert (await call(guarded, headers=[("x-api-key", secret)])).status == 200
    await asyncio.gather(*guarded._notes)
    assert logged == ["use of a key not recorded"]


async def test_many_requests_at_one_moment_ask_the_database_by_turns(on: Stage) -> None:
    secrets = [on.app.api_keys.create("anna", ROOT).secret for _ in range(12)]
    asking = 0
    most = 0
    verify = on.app.callers.verify

    def counted(secret: str) -> Any:
        nonlocal asking, most
        asking += 1
        most = max(most, asking)
        try:
            return verify(secret)
        finally:
            asking -= 1

    on.app.callers.verify = counted  # type: ignore[method-assign]
    given = random.Random(1).choices(secrets, k=60)
    guarded = layer(on)
    found = await asyncio.gather(*(call(guarded, headers=[("x-api-key", one)]) for one in given))
    assert [one.status for one in found] == [200] * 60
    assert 1 <= most <= 8


async def test_what_is_no_request_passes(on: Stage) -> None:
    seen = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope["type"])

    await layer(on, app)({"type": "lifespan"}, None, None)  # type: ignore[arg-type]
    assert seen == ["lifespan"]
