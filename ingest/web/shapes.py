"""What integrators are shown of releases and tracks: in the guide's form, and in its canonical one ("Models")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from ingest.core.catalogue_status import ReleaseStatus, canonical_status, release_status
from ingest.core.slugs import slug
from ingest.flow.catalogue import ReleaseSeen
from ingest.flow.release_reports import Happened, ReleaseReport
from ingest.store.catalogue import Listed
from ingest.store.catalogue_tracks import ListedTrack
from ingest.store.models import Artist, CatalogueTrack, TrackRow
from ingest.web.values import moment

SECONDS = len("2026-01-01T00:00:00")
DATES = frozenset({"releaseDate", "pastReleaseDate"})


def at(moment: datetime) -> str:
    """A point in time as the guide writes it: UTC, whole seconds."""
    return f"{moment.astimezone(UTC).isoformat()[:SECONDS]}Z"


def release_date(text: str) -> str:
    """A date of a release as the guide writes it, with milliseconds; as it stands where it is none."""
    try:
        read = moment(text)
    except ValueError:
        return text
    return f"{read:%Y-%m-%dT%H:%M:%S}.{read.microsecond // 1000:03}Z"


def day(text: str) -> str:
    """The day of a release date, `YYYY-MM-DD`."""
    return text[:10]


def _shown(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: release_date(value) if name in DATES else value for name, value in fields.items()}


def slug_of(title: str | None, row: UUID) -> str:
    """The slug of what came with a package."""
    return slug(title, ending=row.hex[:6])


def listed_release(one: Listed) -> dict[str, Any]:
    """A release in a list."""
    return {
        "id": str(one.id),
        "releaseTitle": one.title or "",
        "albumSlug": one.slug or slug_of(one.title, one.id),
        "status": release_status(one.status, one.decision),
        "createdAt": at(one.created_at),
        "ingestStatus": one.status,
    }


def release(seen: ReleaseSeen) -> dict[str, Any]:
    """A release with its fields; `tracks` is empty, as in the guide."""
    row = seen.row
    known = {
        "releaseTitle": row.title or "",
        "releaseVersion": row.version,
        "releaseType": row.type,
        "releaseDate": row.release_date,
        "upcCode": row.barcode,
        "primaryArtistName": row.artist,
    }
    fields = seen.kept.fields if seen.kept is not None else {}
    barcode = {"upcCode": row.barcode} if row.barcode else {}
    given = {name: value for name, value in known.items() if value is not None} if seen.kept is None else {}
    shown = _shown(given | dict(fields) | barcode)
    approved = approved_at(seen)
    decided = {} if approved is None else {"approvedAt": approved}
    return {
        "id": str(row.id),
        "albumSlug": seen.kept.slug if seen.kept is not None else slug_of(row.title, row.id),
        "status": seen.status,
        **shown,
        **decided,
        "createdAt": at(row.created_at),
        "updatedAt": at(row.updated_at if seen.kept is None else seen.kept.updated_at),
        "ingestStatus": None if seen.package is None else seen.package.status,
        "tracks": [],
    }


def approved_at(seen: ReleaseSeen) -> str | None:
    """When the release was approved; None where it is not."""
    if seen.status is not ReleaseStatus.APPROVED:
        return None
    moment = seen.approved_at or seen.row.decided_at
    return None if moment is None else at(moment)


def report(release: str, seen: ReleaseReport) -> dict[str, Any]:
    """What was found in a release: findings as in report.json, each with its field."""
    return {
        "releaseId": release,
        "package": seen.package,
        "ingestStatus": seen.status,
        "checkedAt": None if seen.checked_at is None else at(seen.checked_at),
        "errorFree": seen.checked_at is not None and seen.is_error_free and not seen.waiting,
        "waitingFor": [{"field": field, "message": message} for field, message in seen.waiting],
        "findings": [{"field": one.field, **one.finding.values()} for one in seen.found],
    }


def happened(one: Happened) -> dict[str, Any]:
    """One line of the history of a release."""
    return {"at": at(one.at), "package": one.package, "what": one.what, "who": one.who, "note": one.note}


def canonical_release(seen: ReleaseSeen) -> dict[str, Any]:
    """The canonical Release of the guide; `tracks` are their ids."""
    shown = release(seen)
    whole = {
        "id": shown["id"],
        "releaseTitle": shown["releaseTitle"],
        "releaseType": str(shown.get("releaseType", "")).lower(),
        "releaseDate": day(shown.get("releaseDate", "")),
        "upcCode": shown.get("upcCode"),
        "labelId": shown.get("labelId"),
        "primaryArtistName": shown.get("primaryArtistName"),
        "tracks": [str(one.id) for one in seen.tracks],
        "status": canonical_status(seen.row.status, seen.row.decision, has_tracks=bool(seen.tracks)),
        "smartLink": shown.get("smartLink"),
    }
    return {name: value for name, value in whole.items() if value is not None}


def listed_track(one: ListedTrack) -> dict[str, Any]:
    """A track in a list."""
    return {
        "id": str(one.id),
        "trackTitle": one.title or "",
        "trackSlug": one.slug or slug_of(one.title, one.id),
        "releaseId": str(one.release),
    }


def track(row: CatalogueTrack | TrackRow) -> dict[str, Any]:
    """A track with its fields and its place."""
    if isinstance(row, CatalogueTrack):
        fields = _shown({name: value for name, value in row.fields.items() if name != "releaseId"})
        own = {"trackSlug": row.slug, "createdAt": at(row.created_at), "updatedAt": at(row.updated_at)}
    else:
        known = {
            "trackTitle": row.title or "",
            "trackVersion": row.version,
            "primaryArtistName": row.artist or "",
            "isrcCode": row.isrc,
            "durationMs": None if row.seconds is None else round(row.seconds * 1000),
        }
        fields = {name: value for name, value in known.items() if value is not None}
        own = {"trackSlug": slug_of(row.title, row.id)}
    return {"id": str(row.id), **own, "releaseId": str(row.release_id), "number": row.number, **fields}


def canonical_track(row: CatalogueTrack | TrackRow, duration_ms: int | None = None) -> dict[str, Any]:
    """The canonical Track of the guide."""
    shown = track(row)
    people = [(shown.get("primaryArtistId"), shown.get("primaryArtistName", ""), "primary")]
    names, roles = shown.get("otherArtist") or (), shown.get("otherArtistRole") or ()
    people += [(None, name, "featured") for name, role in zip(names, roles, strict=False) if "featur" in role.lower()]
    whole = {
        "id": shown["id"],
        "title": shown["trackTitle"],
        "isrc": shown.get("isrcCode"),
        "audioAssetId": shown.get("trackAudio"),
        "durationMs": duration_ms if duration_ms is not None else shown.get("durationMs"),
        "contributors": [_without_none({"artistId": who, "name": name, "role": role}) for who, name, role in people],
    }
    return _without_none(whole)


def artist(row: Artist) -> dict[str, Any]:
    """An artist; what it does not have is left out, but for the fields that the guide's model lists."""
    return {
        "artistId": row.id,
        "name": row.name,
        "country": row.country,
        "primaryGenre": row.primary_genre,
        "profileImage": row.profile_image,
        "externalIds": row.external_ids,
    }


def job_status(states: Sequence[str], *, has_started: bool, is_refused: bool) -> str:
    """The status of a delivery job from those of its deliveries (guide, "Delivery job")."""
    if is_refused:
        return "failed"
    if not has_started or not states:
        return "queued"
    ended = [one for one in states if one in ("accepted", "delivered", "rejected", "failed", "taken_down")]
    if len(ended) < len(states):
        return "processing" if set(states) != {"queued"} else "queued"
    return "completed" if any(one in ("accepted", "delivered", "taken_down") for one in ended) else "failed"


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
