"""The application: the endpoints of the REST API, and how whatever they raise is answered."""

from __future__ import annotations

from fastapi import FastAPI

from ingest.web.api import artists, deliveries, description, files, health, releases, tokens, tracks, webhooks
from ingest.web.errors import answer_errors
from ingest.web.parts import Parts

ROUTERS = (
    *(releases.router, tracks.router, artists.router, deliveries.router, files.router, tokens.router, webhooks.router),
    *(health.router, description.router),
)


def create_app(parts: Parts) -> FastAPI:
    """The application on these use cases. Who asks is told by the layers around it (`web.layers`)."""
    app = FastAPI(
        title=f"{parts.config.operator.name}: distribution API",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.parts = parts
    app.state.routers = ROUTERS
    answer_errors(app)
    for router in ROUTERS:
        app.include_router(router)
    return app
