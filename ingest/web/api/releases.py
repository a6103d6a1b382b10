"""Releases (guide, "API Reference — Releases")."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from ingest.core.decision import By
from ingest.flow.catalogue import ReleaseSeen
from ingest.flow.errors import NotFound
from ingest.web import shapes
from ingest.web.asked import Asked, Wanted, next_page, place_of, uuid_or_none
from ingest.web.callers import Moderator, Reader, Writer
from ingest.web.envelope import enveloped
from ingest.web.errors import instead
from ingest.web.fields import NotesFields, ReleaseFields
from ingest.web.validation import json_object, json_object_or_nothing, valid

router = APIRouter(prefix="/v1/release", tags=["Releases"])
Body = Annotated[dict[str, Any], Depends(json_object)]
OptionalBody = Annotated[dict[str, Any], Depends(json_object_or_nothing)]
Decide = Callable[[int, UUID, By, str], None]


@router.post("", status_code=201)
def create_release(caller: Writer, parts: Asked, body: Body) -> Response:
    """Register a release; then add its tracks."""
    fields = valid(ReleaseFields, body).given()
    seen = parts.catalogue.create(caller.label, fields)
    shown = shapes.release(seen)
    return enveloped(
        "Release created successfully",
        {name: shown[name] for name in ("id", "albumSlug", "status", "createdAt")},
        201,
        {"Location": f"/v1/release/{seen.row.id}"},
    )


@router.get("")
def list_releases(
    request: Request,
    caller: Reader,
    parts: Asked,
    page: Wanted,
    status: Annotated[str | None, Query(max_length=20)] = None,
    include: Annotated[str | None, Query(pattern="^tracks$")] = None,
) -> Response:
    """All releases, newest first; with `limit` a page of them, and the next one in the header `Link`."""
    rows = parts.catalogue.releases(caller.label, None, place_of(page.cursor), page.limit)
    shown = [shapes.listed_release(one) for one in rows]
    if status is not None:
        shown = [one for one in shown if one["status"].lower() == status.lower()]
    if include == "tracks":
        _add_tracks(parts, caller.label, shown)
    last = (rows[-1].created_at.isoformat(), str(rows[-1].id)) if rows else ()
    return enveloped("Releases fetched successfully", shown, headers=next_page(request, page.limit, len(rows), *last))


def _add_tracks(parts: Asked, label: int, shown: list[dict[str, Any]]) -> None:
    of_release: dict[str, list[dict[str, Any]]] = {one["id"]: [] for one in shown}
    for track in parts.catalogue.tracks(label):
        if (known := of_release.get(str(track.release))) is not None:
            known.append(shapes.listed_track(track))
    for one in shown:
        one["tracks"] = of_release[one["id"]]


@router.get("/user/{user}")
def list_releases_of_user(request: Request, user: str, caller: Reader, parts: Asked, page: Wanted) -> Response:
    """The releases of one of your users, by the id that you gave it."""
    rows = parts.catalogue.releases(caller.label, user, place_of(page.cursor), page.limit)
    last = (rows[-1].created_at.isoformat(), str(rows[-1].id)) if rows else ()
    shown = [shapes.listed_release(one) for one in rows]
    return enveloped("User releases fetched", shown, headers=next_page(request, page.limit, len(rows), *last))


@router.get("/{release}")
def get_release(
    release: str,
    caller: Reader,
    parts: Asked,
    model: Annotated[str | None, Query(pattern="^canonical$")] = None,
    include: Annotated[str | None, Query(pattern="^tracks$")] = None,
) -> Response:
    """One release with all its fields."""
    seen = parts.catalogue.release(caller.label, uuid_or_none(release) or _none(release))
    if model == "canonical":
        return enveloped("Release fetched successfully", shapes.canonical_release(seen))
    shown = shapes.release(seen)
    if include == "tracks":
        shown["tracks"] = [shapes.track(parts.catalogue.track(caller.label, one.id)) for one in seen.tracks]
    return enveloped("Release fetched successfully", shown)


@router.patch("/{release}")
def update_release(release: str, caller: Writer, parts: Asked, body: Body) -> Response:
    """Change the fields that are given."""
    with instead("Invalid request or release not found"):
        number = uuid_or_none(release) or _none(release)
        seen = parts.catalogue.update(caller.label, number, lambda kept: valid(ReleaseFields, {**kept, **body}).given())
    return enveloped("Release updated successfully", shapes.release(seen))


@router.delete("/{release}")
def delete_release(release: str, caller: Writer, parts: Asked) -> Response:
    """Delete a release with its tracks."""
    parts.catalogue.delete(caller.label, uuid_or_none(release) or _none(release))
    return enveloped("Release deleted successfully", None)


@router.patch("/{release}/approve")
def approve_release(release: str, caller: Moderator, parts: Asked, body: OptionalBody) -> Response:
    """Approve a release; it goes to the stores agreed. Needs the scope `moderate`."""
    seen = _decided(parts.moderation.approve, release, caller, parts, body)
    shown = {"id": str(seen.row.id), "status": seen.status, "approvedAt": shapes.approved_at(seen)}
    return enveloped("Release approved", shown)


@router.patch("/{release}/reject")
def reject_release(release: str, caller: Moderator, parts: Asked, body: OptionalBody) -> Response:
    """Reject a release; `notes` reach the label word for word. Needs the scope `moderate`."""
    seen = _decided(parts.moderation.reject, release, caller, parts, body)
    return enveloped("Release rejected", {"id": str(seen.row.id), "status": seen.status})


@router.patch("/{release}/takedown")
def take_release_down(release: str, caller: Moderator, parts: Asked, body: OptionalBody) -> Response:
    """Take a release down from all stores. Needs the scope `moderate`."""
    seen = _decided(parts.moderation.take_down, release, caller, parts, body)
    return enveloped("Release taken down", {"id": str(seen.row.id), "status": seen.status})


def _decided(decide: Decide, release: str, caller: Moderator, parts: Asked, body: dict[str, Any]) -> ReleaseSeen:
    number = uuid_or_none(release) or _none(release)
    fields = valid(NotesFields, body)
    notes = "\n".join(filter(None, (fields.notes, *(f"- {reason}" for reason in fields.reasons or ()))))
    decide(caller.label, number, caller.by, notes)
    return parts.catalogue.release(caller.label, number)


@router.get("/{release}/report")
def get_report(release: str, caller: Reader, parts: Asked) -> Response:
    """What was found in the newest version of a release, each finding with the field that it is about."""
    report = parts.reports.report(caller.label, uuid_or_none(release) or _none(release))
    return enveloped("Report fetched successfully", shapes.report(release, report))


@router.get("/{release}/history")
def get_history(release: str, caller: Reader, parts: Asked) -> Response:
    """What happened to a release, oldest first."""
    happened = parts.reports.history(caller.label, uuid_or_none(release) or _none(release))
    return enveloped("History fetched successfully", [shapes.happened(one) for one in happened])


def _none(release: str) -> Any:
    """What is no UUID is no release of ours, which is no mistake of the request's form."""
    raise NotFound("release", release)
