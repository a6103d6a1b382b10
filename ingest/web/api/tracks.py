"""Tracks (guide, "Track API")."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from ingest.flow.errors import NotFound
from ingest.web import shapes
from ingest.web.asked import Asked, Wanted, next_page, track_place_of, uuid_or_none
from ingest.web.callers import Reader, Writer
from ingest.web.envelope import enveloped
from ingest.web.errors import instead
from ingest.web.fields import TrackFields
from ingest.web.validation import json_object, valid

router = APIRouter(prefix="/v1/track", tags=["Tracks"])
Body = Annotated[dict[str, Any], Depends(json_object)]


@router.post("", status_code=201)
def create_track(caller: Writer, parts: Asked, body: Body) -> Response:
    """Add a track at the end of a release."""
    fields = valid(TrackFields, body).given()
    release = uuid_or_none(fields["releaseId"])
    if release is None:
        raise NotFound("release", fields["releaseId"])
    shown = shapes.track(parts.catalogue.create_track(caller.label, release, fields))
    return enveloped(
        "Track created successfully",
        {name: shown[name] for name in ("id", "trackSlug", "createdAt", "number")},
        201,
        {"Location": f"/v1/track/{shown['id']}"},
    )


@router.get("")
def list_tracks(
    request: Request,
    caller: Reader,
    parts: Asked,
    page: Wanted,
    release_id: Annotated[str | None, Query(alias="releaseId", max_length=100)] = None,
) -> Response:
    """All tracks by release and running order; with `limit` a page of them, and the next one in the header `Link`."""
    release = None if release_id is None else uuid_or_none(release_id)
    if release_id is not None and release is None:
        raise NotFound("release", release_id)
    return _listed(request, parts, caller.label, page, "Tracks fetched successfully", release=release)


@router.get("/release/{release}")
def list_tracks_of_release(request: Request, release: str, caller: Reader, parts: Asked, page: Wanted) -> Response:
    """The tracks of a release in running order."""
    number = uuid_or_none(release)
    if number is None:
        raise NotFound("release", release)
    return _listed(request, parts, caller.label, page, "Tracks fetched for release", release=number)


@router.get("/user/{user}")
def list_tracks_of_user(request: Request, user: str, caller: Reader, parts: Asked, page: Wanted) -> Response:
    """The tracks of one of your users, by the id that you gave it."""
    return _listed(request, parts, caller.label, page, "User tracks fetched", user=user)


def _listed(
    request: Request, parts: Asked, label: int, page: Wanted, message: str, user: str | None = None, release: Any = None
) -> Response:
    rows = parts.catalogue.tracks(label, user, release, track_place_of(page.cursor), page.limit)
    last = (str(rows[-1].release), str(rows[-1].number)) if rows else ()
    shown = [shapes.listed_track(one) for one in rows]
    return enveloped(message, shown, headers=next_page(request, page.limit, len(rows), *last))


@router.get("/{track}")
def get_track(
    track: str, caller: Reader, parts: Asked, model: Annotated[str | None, Query(pattern="^canonical$")] = None
) -> Response:
    """One track with all its fields."""
    found = parts.catalogue.track(caller.label, uuid_or_none(track) or _none(track))
    shape = shapes.canonical_track if model == "canonical" else shapes.track
    return enveloped("Track fetched successfully", shape(found))


@router.patch("/{track}")
def update_track(track: str, caller: Writer, parts: Asked, body: Body) -> Response:
    """Change the fields that are given."""
    given = {name: value for name, value in body.items() if name != "releaseId"}
    with instead("Invalid data or track not found"):
        number = uuid_or_none(track) or _none(track)
        changed = parts.catalogue.update_track(
            caller.label, number, lambda kept: valid(TrackFields, {**kept, **given}).given()
        )
    return enveloped("Track updated successfully", shapes.track(changed))


@router.delete("/{track}")
def delete_track(track: str, caller: Writer, parts: Asked) -> Response:
    """Delete a track; those behind it move up."""
    parts.catalogue.delete_track(caller.label, uuid_or_none(track) or _none(track))
    return enveloped("Track deleted successfully", None)


def _none(track: str) -> Any:
    raise NotFound("release-track", track)
