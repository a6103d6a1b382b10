"""The web server of the daemon, and the use cases that it is a face of."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import Final

from ingest.app.application import App
from ingest.flow.api_tokens import ApiTokens
from ingest.flow.health import health_of
from ingest.web.app import create_app
from ingest.web.layers.around import around
from ingest.web.parts import Parts
from ingest.web.server import WebServer, serve

UPLOAD: Final = ("POST", "/v1/files")
FORM_BYTES: Final = 100_000
"""What a form may have beside the file in it."""


def web_parts(app: App) -> Parts:
    """What the API is made with."""
    own = app.parts
    return Parts(
        config=app.config,
        clock=app.clock,
        catalogue=own.catalogue,
        artists=own.artists,
        assets=own.assets,
        moderation=own.moderation,
        providers=own.providers,
        reports=own.reports,
        tokens=ApiTokens(app.store, app.clock),
        webhooks=app.webhook_endpoints,
        webhook_views=app.webhook_views,
        delivery_jobs=own.delivery_jobs,
        is_ready=lambda: not health_of(app.config, app.store, app.clock()).failures,
    )


async def serve_web(app: App, sockets: Sequence[socket.socket] | None = None) -> WebServer:
    """Start the web server, on `sockets` or where the configuration says. Raises OSError."""
    app.parts.assets.storage.sweep()
    larger = {UPLOAD: app.config.api.max_file_bytes + FORM_BYTES}
    api = create_app(web_parts(app))
    return await serve(
        around(api, app.config.web, app.callers, app.clock, larger=larger), app.config.web, sockets=sockets
    )
