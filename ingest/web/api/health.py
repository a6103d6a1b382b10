"""Whether the server is there, and whether it is well; for load balancers and ops."""

from __future__ import annotations

from fastapi import APIRouter, Response

from ingest.web.asked import Asked
from ingest.web.envelope import bare

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
async def is_there() -> Response:
    """Answered as long as the process serves requests."""
    return bare({"status": "ok"})


@router.get("/readyz")
def is_ready(parts: Asked) -> Response:
    """200 while the daemon is well, else 503; what is wrong is told to ops elsewhere, not here."""
    return bare({"status": "ready"}) if parts.is_ready() else bare({"status": "not ready"}, 503)
