"""Users' tokens: short-lived, for one of your users, to read with in a frontend."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from ingest.web import shapes
from ingest.web.asked import Asked
from ingest.web.callers import Writer
from ingest.web.envelope import enveloped
from ingest.web.fields import TokenFields
from ingest.web.validation import json_object, valid

router = APIRouter(prefix="/v1/token", tags=["Tokens"])
Body = Annotated[dict[str, Any], Depends(json_object)]


@router.post("", status_code=201)
def create_token(caller: Writer, parts: Asked, body: Body) -> Response:
    """Issue a token for one of your users; it is shown once."""
    fields = valid(TokenFields, body)
    made = parts.tokens.issue_with(caller, fields.userId, fields.ttl)
    shown = {"token": made.secret, "userId": made.user_id, "expiresAt": shapes.at(made.expires_at)}
    return enveloped("Token created successfully", shown, 201)
