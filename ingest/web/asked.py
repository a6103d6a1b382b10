"""What a request asks for: who asks, ids in its path, and the page of a list that it wants."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Query, Request

from ingest.store.catalogue import Place
from ingest.store.catalogue_tracks import TrackPlace
from ingest.web.envelope import ApiError
from ingest.web.parts import Parts

MOST_ROWS: Final = 1000
"""Rows of one page."""


async def parts_of(request: Request) -> Parts:
    """The use cases that the application was made with."""
    parts: Parts = request.app.state.parts
    return parts


def uuid_or_none(text: str) -> UUID | None:
    """The UUID that the text is; None where it is none, for then nothing has it as its id."""
    try:
        return UUID(text)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list: at most `limit` rows behind `cursor`; all rows where neither is given."""

    limit: int | None
    cursor: str | None


async def page(
    limit: Annotated[int | None, Query(ge=1, le=MOST_ROWS)] = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> Page:
    """The page that a request asks for."""
    return Page(limit, cursor)


def place_of(cursor: str | None) -> Place | None:
    """Where the page of releases begins. Raises ApiError."""
    if cursor is None:
        return None
    moment, release = _opened(cursor)
    try:
        return Place(datetime.fromisoformat(moment), UUID(release))
    except ValueError:
        raise _bad_cursor() from None


def track_place_of(cursor: str | None) -> TrackPlace | None:
    """Where the page of tracks begins. Raises ApiError."""
    if cursor is None:
        return None
    release, number = _opened(cursor)
    try:
        return TrackPlace(UUID(release), int(number[:9]))
    except ValueError:
        raise _bad_cursor() from None


def next_page(request: Request, limit: int | None, rows: int, *last: str) -> dict[str, str]:
    """The header that leads to the next page (RFC 8288), where there may be one."""
    if limit is None or rows < limit:
        return {}
    cursor = base64.urlsafe_b64encode(" ".join(last).encode()).decode().rstrip("=")
    following = request.url.include_query_params(limit=limit, cursor=cursor)
    return {"Link": f'<{following.path}?{following.query}>; rel="next"'}


def _opened(cursor: str) -> tuple[str, str]:
    try:
        first, second = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split(" ")
    except (binascii.Error, ValueError):
        raise _bad_cursor() from None
    return first, second


def _bad_cursor() -> ApiError:
    return ApiError(400, ["cursor is not one of ours"])


Asked = Annotated[Parts, Depends(parts_of)]
Wanted = Annotated[Page, Depends(page)]
Values = dict[str, Any]
