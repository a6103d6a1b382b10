"""Webhook endpoints of the caller's account (guide, "Webhooks": its tenant settings)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from ingest.flow.webhook_views import Endpoint, WebhookEntry
from ingest.web import shapes
from ingest.web.asked import Asked
from ingest.web.callers import Reader, Writer
from ingest.web.envelope import enveloped
from ingest.web.fields import EndpointFields
from ingest.web.validation import json_object, valid

router = APIRouter(prefix="/v1/webhooks", tags=["Webhooks"])
Body = Annotated[dict[str, Any], Depends(json_object)]


@router.post("", status_code=201)
def add_endpoint(caller: Writer, parts: Asked, body: Body) -> Response:
    """Have events sent to a URL, all where `events` names none; the secret is shown this once."""
    fields = valid(EndpointFields, body)
    made, secret = parts.webhooks.add(caller.label_name, fields.url, fields.events or (), caller.by)
    return enveloped("Webhook created successfully", _endpoint(made) | {"secret": secret}, 201)


@router.get("")
def list_endpoints(caller: Reader, parts: Asked) -> Response:
    """Your endpoints, oldest first."""
    listed = parts.webhook_views.every(caller.label_name)
    return enveloped("Webhooks fetched successfully", [_endpoint(one) for one in listed])


@router.get("/{endpoint}")
def get_endpoint(endpoint: str, caller: Reader, parts: Asked) -> Response:
    """One endpoint."""
    return enveloped("Webhook fetched successfully", _endpoint(parts.webhook_views.get(endpoint, caller.label_name)))


@router.delete("/{endpoint}")
def remove_endpoint(endpoint: str, caller: Writer, parts: Asked) -> Response:
    """Remove an endpoint; nothing more is sent to it."""
    parts.webhooks.remove(endpoint, caller.by, caller.label_name)
    return enveloped("Webhook deleted successfully", None)


@router.get("/{endpoint}/log")
def get_log(endpoint: str, caller: Reader, parts: Asked, limit: Annotated[int, Query(ge=1, le=500)] = 50) -> Response:
    """The newest webhooks of an endpoint, and what became of each."""
    newest = parts.webhook_views.newest(endpoint, caller.label_name, limit)
    return enveloped("Webhook log fetched successfully", [_entry(one) for one in newest])


@router.post("/{endpoint}/test")
def test_endpoint(endpoint: str, caller: Writer, parts: Asked) -> Response:
    """Post a sample `delivery.update` to an endpoint now; the answer says what came back."""
    exchange = parts.webhooks.test(endpoint, caller.label_name)
    return enveloped("Webhook tested", asdict(exchange))


@router.post("/{endpoint}/rotate")
def rotate_secret(endpoint: str, caller: Writer, parts: Asked) -> Response:
    """Give an endpoint a new secret, shown this once; for 24 hours the old one signs too."""
    secret = parts.webhooks.rotate(endpoint, caller.by, caller.label_name)
    return enveloped("Webhook secret rotated", {"id": endpoint, "secret": secret})


@router.post("/replay/{webhook}", status_code=202)
def replay(webhook: str, caller: Writer, parts: Asked) -> Response:
    """Send a webhook again that was delivered or failed, under the same id."""
    parts.webhooks.replay(webhook, caller.by, caller.label_name)
    return enveloped("Webhook replayed", {"id": webhook}, 202)


def _endpoint(one: Endpoint) -> dict[str, Any]:
    return {
        "id": one.id,
        "url": one.url,
        "events": list(one.events),
        "state": one.state.value,
        "reason": one.reason,
        "createdAt": shapes.at(one.created_at),
    }


def _entry(one: WebhookEntry) -> dict[str, Any]:
    return {
        "id": one.id,
        "event": one.event,
        "state": one.state.value,
        "createdAt": shapes.at(one.created_at),
        "attempts": one.attempts,
        "error": one.fault,
    }
