"""Artists (guide, "Artist API"). Responses have no envelope."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from ingest.web import shapes
from ingest.web.asked import Asked
from ingest.web.callers import Anyone, Writer, WriterOrUser
from ingest.web.envelope import ApiError, Cause, bare
from ingest.web.fields import ArtistFields
from ingest.web.validation import json_object, valid

router = APIRouter(prefix="/v1/artist", tags=["Artists"])
Body = Annotated[dict[str, Any], Depends(json_object)]


@router.post("", status_code=201)
def create_artist(caller: WriterOrUser, parts: Asked, body: Body) -> Response:
    """Add an artist, with a partner key or a user's token."""
    made = parts.artists.create(caller.label, caller.user_id, valid(ArtistFields, body).given())
    return bare(shapes.artist(made), 201)


@router.get("/all")
def list_artists(caller: Anyone, parts: Asked) -> Response:
    """All artists; with a user's token those of that user and those that your keys made."""
    return bare([shapes.artist(one) for one in parts.artists.all(caller.label, caller.user_id)])


@router.put("")
def update_artist(
    caller: Writer, parts: Asked, body: Body, artist: Annotated[str | None, Query(alias="artistId")] = None
) -> Response:
    """Change the fields that are given."""
    if not artist:
        told = "artistId should not be empty"
        raise ApiError(400, [told], [Cause("artistId", "empty", told)])
    changed = parts.artists.update(caller.label, artist, lambda kept: valid(ArtistFields, {**kept, **body}).given())
    return bare(shapes.artist(changed))
