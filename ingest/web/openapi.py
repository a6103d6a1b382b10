"""The description of the API in OpenAPI 3.1: what endpoints take and answer, how to authenticate, and the webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from ingest.core.webhook import WebhookEvent
from ingest.web import fields

REFERENCE: Final = "#/components/schemas/{model}"
ERRORS: Final[Mapping[int, str]] = {
    400: "The request is not valid; `message` lists what is wrong with it",
    401: "There is no API key, or it is not valid",
    403: "This key or token may not do that",
    404: "There is no such thing of yours",
    409: "It cannot be done as things stand",
    413: "The request, or the account, is too large",
    415: "The body has a type that is not supported",
    429: "Too many requests; `Retry-After` says when to try again",
    500: "An error of ours",
    503: "Too busy just now",
    507: "There is no room for files just now",
}
BODIES: Final[Mapping[tuple[str, str], type[BaseModel]]] = {
    ("/v1/release", "post"): fields.ReleaseFields,
    ("/v1/track", "post"): fields.TrackFields,
    ("/v1/artist", "post"): fields.ArtistFields,
    ("/v1/delivery/submit", "post"): fields.SubmitFields,
    ("/v1/delivery/redeliver", "post"): fields.RedeliverFields,
    ("/v1/token", "post"): fields.TokenFields,
    ("/v1/webhooks", "post"): fields.EndpointFields,
}
PATCHES: Final[Mapping[tuple[str, str], type[BaseModel]]] = {
    ("/v1/release/{release}", "patch"): fields.ReleaseFields,
    ("/v1/track/{track}", "patch"): fields.TrackFields,
    ("/v1/artist", "put"): fields.ArtistFields,
}
"""Requests that may give any of the fields."""
OPTIONAL: Final = {
    ("/v1/release/{release}/approve", "patch"): fields.NotesFields,
    ("/v1/release/{release}/reject", "patch"): fields.NotesFields,
    ("/v1/release/{release}/takedown", "patch"): fields.NotesFields,
}
"""Requests that may have no body."""
UPLOAD: Final[dict[str, Any]] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {"type": "string", "contentMediaType": "application/octet-stream"},
                    "metadata": {"type": "string", "description": 'JSON: {"type": "audio", "title": "My Single"}'},
                },
            }
        }
    },
}
_TEXT: Final = {"type": "string"}
_TEXT_OR_NULL: Final = {"type": ["string", "null"]}
EVENTS: Final[Mapping[str, dict[str, Any]]] = {
    WebhookEvent.DELIVERY_UPDATE.value: {
        "deliveryJobId": _TEXT_OR_NULL,
        "releaseId": _TEXT_OR_NULL,
        "provider": _TEXT,
        "status": _TEXT,
        "timestamp": {"type": "string", "format": "date-time"},
    },
    WebhookEvent.ASSET_PROCESSED.value: {
        "assetId": _TEXT,
        "status": {"enum": ["processed", "failed"]},
        "durationMs": {"type": ["integer", "null"]},
    },
    WebhookEvent.ROYALTY_CREDITED.value: {"payoutId": _TEXT, "amount": {"type": "number"}, "currency": _TEXT},
    WebhookEvent.RELEASE_UPDATED.value: {
        "releaseId": _TEXT_OR_NULL,
        "status": {"enum": ["Pending", "Approved", "Rejected", "Taken Down"]},
        "ingestStatus": _TEXT_OR_NULL,
        "upcCode": _TEXT_OR_NULL,
        "packageName": _TEXT_OR_NULL,
        "timestamp": {"type": "string", "format": "date-time"},
    },
}
"""The data of the events that webhooks carry, by field."""


def describe(app: FastAPI) -> dict[str, Any]:
    """The description of the application, made once."""
    if app.openapi_schema is None:
        app.openapi_schema = _described(app)
    return app.openapi_schema


def _described(app: FastAPI) -> dict[str, Any]:
    said = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    schemas = {"Error": _error()}
    for path, operations in said["paths"].items():
        for method, operation in operations.items():
            _add_body(operation, path, method, schemas)
            _add_answers(operation, path, method)
    said["components"] = {"schemas": schemas, "securitySchemes": _schemes()}
    said["webhooks"] = {event: _webhook(event, data) for event, data in EVENTS.items()}
    return said


def _add_body(operation: dict[str, Any], path: str, method: str, schemas: dict[str, Any]) -> None:
    """The body that the operation takes; its models are collected in `schemas`."""
    key = (path, method)
    if key == ("/v1/files", "post"):
        operation["requestBody"] = UPLOAD
        return
    model = BODIES.get(key) or PATCHES.get(key) or OPTIONAL.get(key)
    if model is None:
        return
    schema = model.model_json_schema(ref_template=REFERENCE)
    schemas.update(schema.pop("$defs", {}))
    name = model.__name__
    if key in PATCHES:
        schema, name = {name: value for name, value in schema.items() if name != "required"}, f"{name}Changes"
    schemas[name] = schema
    content = {"application/json": {"schema": {"$ref": REFERENCE.format(model=name)}}}
    operation["requestBody"] = {"required": key not in OPTIONAL, "content": content}


def _add_answers(operation: dict[str, Any], path: str, method: str) -> None:
    answers = operation["responses"]
    answers.pop("422", None)
    for status, one in answers.items():
        if path != "/files/{name}":
            one["content"] = {"application/json": {"schema": _success(path)}}
        one["description"] = "It was done" if status in ("201", "202") else "The answer"
    is_open = not path.startswith("/v1/")
    never = {401} if is_open else set()
    error = {"application/json": {"schema": {"$ref": REFERENCE.format(model="Error")}}}
    for status, told in ERRORS.items():
        if status not in never:
            answers[str(status)] = {"description": told, "content": error}
    operation["security"] = [] if is_open else [{"apiKey": []}, {"bearer": []}]
    operation["operationId"] = f"{method}_{path.strip('/').replace('/', '_').replace('{', '').replace('}', '')}"


def _success(path: str) -> dict[str, Any]:
    """Releases, tracks and tokens are answered in the envelope, all else bare (guide)."""
    if not path.startswith(("/v1/release", "/v1/track", "/v1/token", "/v1/webhooks")):
        return {"type": ["object", "array"]}
    return {
        "type": "object",
        "required": ["success", "message", "data"],
        "properties": {
            "success": {"const": True},
            "message": {"type": "string"},
            "data": {"type": ["object", "array", "null"]},
        },
    }


def _error() -> dict[str, Any]:
    cause = {
        "type": "object",
        "required": ["field", "code", "message"],
        "properties": {"field": _TEXT_OR_NULL, "code": _TEXT, "message": _TEXT},
    }
    return {
        "type": "object",
        "required": ["success", "message", "data"],
        "properties": {
            "success": {"const": False},
            "message": {"oneOf": [_TEXT, {"type": "array", "items": _TEXT}]},
            "data": {"type": "null"},
            "errors": {"type": "array", "items": cause},
        },
    }


def _schemes() -> dict[str, Any]:
    return {
        "apiKey": {"type": "apiKey", "in": "header", "name": "x-api-key", "description": "A partner key"},
        "bearer": {"type": "http", "scheme": "bearer", "description": "A partner key, or a user's token"},
    }


def _webhook(event: str, data: Mapping[str, Any]) -> dict[str, Any]:
    body = {
        "type": "object",
        "required": ["event", "data"],
        "properties": {
            "event": {"const": event},
            "data": {"type": "object", "required": list(data), "properties": dict(data)},
        },
    }
    headers = ("webhook-id", "webhook-timestamp", "webhook-signature")
    named = [{"name": name, "in": "header", "required": True, "schema": _TEXT} for name in headers]
    return {
        "post": {
            "summary": f"Sent to your webhook endpoints: {event}",
            "parameters": named,
            "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
            "responses": {"2XX": {"description": "Taken; anything else is tried again"}},
            "security": [],
        }
    }
