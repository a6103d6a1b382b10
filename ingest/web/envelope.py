"""Responses: the envelope of releases, tracks and errors, and JSON without one (guide, "API Reference").

Every error of every endpoint is `{"success": false, "message": ..., "data": null}`; `errors`, where there is more to
say, names the field, a stable code and a message for each cause.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import to_json
from starlette.responses import Response

JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause of an error: the field of the request or release that it is about, if any."""

    field: str | None
    code: str
    message: str


class ApiError(Exception):
    """An answer that is an error; `message` is one text, or a list of them for a request that is not valid."""

    def __init__(
        self,
        status: int,
        message: str | Sequence[str],
        causes: Sequence[Cause] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message
        self.causes = tuple(causes)
        self.headers = dict(headers or {})


def bare(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A response that is this value, as JSON."""
    return Response(to_json(value), status, headers, JSON)


def enveloped(message: str, data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A successful response in the envelope."""
    return bare({"success": True, "message": message, "data": data}, status, headers)


def refused(error: ApiError) -> Response:
    """The response of an error."""
    body: dict[str, Any] = {"success": False, "message": error.message, "data": None}
    if error.causes:
        body["errors"] = [{"field": one.field, "code": one.code, "message": one.message} for one in error.causes]
    return bare(body, error.status, error.headers)
