"""Deliveries (guide, "Distribution / Delivery API"). Responses have no envelope."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from ingest.flow.errors import NotFound
from ingest.store.models import DeliveryJob
from ingest.web import shapes
from ingest.web.asked import Asked, uuid_or_none
from ingest.web.callers import Anyone, Reader, Writer
from ingest.web.envelope import ApiError, Cause, bare
from ingest.web.fields import RedeliverFields, SubmitFields
from ingest.web.validation import json_object, valid
from ingest.web.values import moment

router = APIRouter(prefix="/v1/delivery", tags=["Deliveries"])
Body = Annotated[dict[str, Any], Depends(json_object)]


@router.post("/submit", status_code=202)
def submit_delivery(caller: Writer, parts: Asked, body: Body) -> Response:
    """Deliver a release to stores. It waits until the release is approved, and until `scheduledDate`."""
    fields = valid(SubmitFields, body)
    time = None if fields.scheduledDate is None else moment(fields.scheduledDate)
    release = uuid_or_none(fields.releaseId) or _none(fields.releaseId)
    names, notes = fields.destinations, fields.notes or ""
    return bare(_shown(parts, parts.delivery_jobs.submit(caller.label, release, names, caller.by, notes, time)), 202)


@router.post("/redeliver", status_code=202)
def redeliver(caller: Writer, parts: Asked, body: Body) -> Response:
    """Deliver what changed of a release again, to the stores that have it or to `destinations`."""
    fields = valid(RedeliverFields, body)
    time = None if fields.scheduledDate is None else moment(fields.scheduledDate)
    release = uuid_or_none(fields.releaseId) or _none(fields.releaseId)
    names, notes = fields.destinations or (), fields.notes or ""
    return bare(_shown(parts, parts.delivery_jobs.redeliver(caller.label, release, names, caller.by, notes, time)), 202)


@router.get("/status")
def get_status(
    caller: Anyone, parts: Asked, release: Annotated[str | None, Query(alias="releaseId", max_length=100)] = None
) -> Response:
    """How a release stands at each store."""
    if not release:
        told = "releaseId should not be empty"
        raise ApiError(400, [told], [Cause("releaseId", "empty", told)])
    number = uuid_or_none(release) or _none(release)
    at = parts.delivery_jobs.status(caller.label, number, caller.user_id)
    listed = [
        {"provider": parts.providers.slug(one.dsp), "status": one.status}
        | ({} if one.delivered_at is None else {"deliveredAt": shapes.at(one.delivered_at)})
        for one in at
    ]
    return bare({"releaseId": str(number), "deliveries": listed})


@router.get("/providers")
def list_providers(caller: Anyone, parts: Asked) -> Response:
    """The stores that are agreed with your account."""
    agreed = parts.catalogue.agreed_dsps(caller.label)
    return bare(
        [
            {
                "provider": parts.providers.slug(name),
                "name": dsp.title or name,
                "supportsUpdates": dsp.writes_messages,
                "supportsTakedown": dsp.writes_messages,
            }
            for name, dsp in parts.providers.items()
            if name in agreed
        ]
    )


@router.get("/job/{job}")
def get_job(job: str, caller: Reader, parts: Asked) -> Response:
    """One delivery job, in its canonical form."""
    row = parts.delivery_jobs.job(caller.label, job)
    destinations = [parts.providers.slug(dsp) for dsp in row.destinations]
    failed = {} if row.refused is None else {"error": row.refused}
    return bare(_shown(parts, row) | {"releaseId": str(row.release_id), "destinations": destinations, **failed})


def _shown(parts: Asked, job: DeliveryJob) -> dict[str, Any]:
    status = parts.delivery_jobs.status_of(job)
    return {"deliveryJobId": job.id, "status": status, "submittedAt": shapes.at(job.submitted_at)}


def _none(release: str) -> Any:
    raise NotFound("release", release)
