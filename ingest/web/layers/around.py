"""The order in which the layers stand around the application."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final, cast

from starlette.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from ingest.config import Web
from ingest.flow.callers import Callers
from ingest.host.logs import logger
from ingest.store.database import Clock
from ingest.web.layers.access_log import AccessLog
from ingest.web.layers.authentication import Authentication
from ingest.web.layers.bodies import Bodies
from ingest.web.layers.buckets import Buckets
from ingest.web.layers.errors import Errors
from ingest.web.layers.heads import Heads
from ingest.web.layers.rate_limits import AddressLimit, KeyLimit
from ingest.web.layers.request_ids import RequestIds

MINUTE: Final = 60.0
FAILURES: Final = 1000
FAILURE_SECONDS: Final = 600.0
"""How many unknown keys may come from one address in which time: guessing is hopeless, this bounds the load."""


def around(
    app: ASGIApp,
    web: Web,
    callers: Callers,
    clock: Clock,
    *,
    larger: Mapping[tuple[str, str], int] | None = None,
    open_paths: Collection[str] = (),
) -> ASGIApp:
    """The application with all layers around it. `larger`: bodies above `max_body_bytes`, by method and path.

    `open_paths` are those below /v1 that need no key.
    """
    log = logger("web")
    app = Bodies(app, web.max_body_bytes, web.body_idle_seconds, larger)
    app = KeyLimit(app, Buckets(web.max_requests_per_minute_per_key, MINUTE))
    app = Authentication(app, callers, Buckets(FAILURES, FAILURE_SECONDS), log.warning, open_paths=open_paths)
    app = AddressLimit(app, Buckets(web.max_requests_per_minute_per_address, MINUTE))
    app = Heads(app)
    app = Errors(app, log.error)
    app = AccessLog(app, log.info)
    app = RequestIds(app, clock)
    # Both are ASGI applications, which uvicorn and starlette type each in its own way.
    return cast(ASGIApp, ProxyHeadersMiddleware(cast(Any, app), list(web.trusted_proxies)))
