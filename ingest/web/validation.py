"""Bodies of requests: parsed, held to a model, and what is wrong with them in the guide's words.

The guide prints `releaseDate should not be empty`; the other sentences are those of the validator that prints it
(class-validator of NestJS).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from starlette.requests import Request

from ingest.web.envelope import ApiError, Cause

Model = TypeVar("Model", bound=BaseModel)

NOT_JSON: Final = "Request body is not valid JSON"
NOT_OBJECT: Final = "Request body must be a JSON object"
EMPTY: Final = "should not be empty"
WORDS: Final[Mapping[str, str]] = {
    "missing": EMPTY,
    "string_type": "must be a string",
    "string_unicode": "must be a string",
    "list_type": "must be an array",
    "tuple_type": "must be an array",
    "dict_type": "must be an object",
    "int_type": "must be an integer number",
    "bool_type": "must be a boolean value",
    "greater_than_equal": "must not be less than 1",
    "less_than_equal": "must not be greater than 3600",
    "too_long": "must contain no more than 100 elements",
}
"""What follows the name of a field, by the type of pydantic's error."""


async def json_object(request: Request) -> dict[str, Any]:
    """The body of a request, a JSON object; an absent body where it is empty. Raises ApiError."""
    body = await request.body()
    try:
        value = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise ApiError(400, NOT_JSON) from None
    if not isinstance(value, dict):
        raise ApiError(400, NOT_OBJECT)
    return value


async def json_object_or_nothing(request: Request) -> dict[str, Any]:
    """As `json_object`, for requests that may have no body at all."""
    return await json_object(request) if await request.body() else {}


def _no_constant(name: str) -> NoReturn:
    """JSON has neither NaN nor Infinity (RFC 8259, section 6)."""
    raise ValueError(name)


def valid(model: type[Model], values: Mapping[str, Any]) -> Model:
    """The model of these values; other fields are left out. Raises ApiError with a sentence for each mistake."""
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        causes = mistakes(error)
    raise ApiError(400, [one.message for one in causes], causes)


def mistakes(error: ValidationError) -> list[Cause]:
    """What is wrong, in the order of the fields, each field once."""
    found: dict[str, Cause] = {}
    for details in error.errors(include_url=False, include_input=False):
        cause = _cause(details)
        found.setdefault(cause.message, cause)
    return list(found.values())


def _cause(details: ErrorDetails) -> Cause:
    field = str(details["loc"][0]) if details["loc"] else None
    of_items = len(details["loc"]) > 1
    if details["type"] in WORDS:
        text = f"{field} {WORDS[details['type']]}"
        return Cause(field, _code(details["type"]), f"each value in {text}" if of_items else text)
    told = details["msg"] if details["type"] == "said" else "is not valid"
    if told == EMPTY:
        return Cause(field, "empty", f"{field} {told}")
    return Cause(field, _code(details["type"]), f"{field} {told}" if field and "{" not in told else told)


def _code(kind: str) -> str:
    return "empty" if kind == "missing" else "invalid"
