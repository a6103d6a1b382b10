"""The use cases that the REST API is a face of."""

from __future__ import annotations

from ingest.app.application import App
from ingest.flow.api_tokens import ApiTokens
from ingest.web.parts import Parts


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
    )
