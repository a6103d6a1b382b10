"""The description of the API for programs, and a page of it for people, which loads nothing from elsewhere."""

from __future__ import annotations

from functools import cache
from typing import Final

from fastapi import APIRouter, Request, Response

from ingest.host.data_files import data_dir
from ingest.web.envelope import ApiError, bare
from ingest.web.openapi import describe

router = APIRouter(include_in_schema=False)

PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/init.js"></script>
</body>
</html>
"""
START: Final = """SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  validatorUrl: null,
  deepLinking: true,
});
"""
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self';"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Swagger UI writes styles into its elements; nothing comes from another host."""
TYPES: Final = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}


@router.get("/openapi.json")
def get_description(request: Request) -> Response:
    """The description in OpenAPI 3.1."""
    return bare(describe(request.app))


@router.get("/docs")
def get_page(request: Request) -> Response:
    """The page."""
    return _page(PAGE.format(title=request.app.title), "text/html")


@router.get("/docs/init.js")
def get_start() -> Response:
    """What starts the page."""
    return _page(START, "text/javascript")


@router.get("/docs/{name}")
def get_part(name: str) -> Response:
    """The parts of Swagger UI (Apache-2.0), as they are shipped with the code."""
    if name not in TYPES:
        raise ApiError(404, f"Cannot GET /docs/{name[:100]}")
    return _page(_part(name), TYPES[name], "public, max-age=86400")


@cache
def _part(name: str) -> bytes:
    return (data_dir("templates") / "web" / name).read_bytes()


def _page(content: str | bytes, kind: str, cached: str = "no-cache") -> Response:
    headers = {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": cached,
    }
    return Response(content, media_type=kind, headers=headers)
