"""The types of values in requests of the REST API, each with the check that it must pass."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, NoReturn

from pydantic import BeforeValidator, Field, StrictBool, WithJsonSchema
from pydantic_core import PydanticCustomError

from ingest.core.address import parts
from ingest.core.identifiers import compact, is_barcode, is_isrc

LONGEST: Final = 1000
"""Characters of a text."""
LONGEST_LYRICS: Final = 50_000
MOST_ITEMS: Final = 100
_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_HALVES: Final = re.compile("[\ud800-\udfff]")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_ASSET: Final = re.compile(r"file_[0-9A-Za-z]{1,40}")
_YEAR: Final = re.compile(r"[12]\d{3}")


def said(text: str) -> NoReturn:
    """Refuse a value: `text` follows the name of its field."""
    raise PydanticCustomError("said", "{text}", {"text": text})


def _filled(value: Any) -> Any:
    if value is None or value == [] or (isinstance(value, str) and not value.strip()):
        said("should not be empty")
    return value


def _text(value: Any, longest: int = LONGEST) -> Any:
    if isinstance(value, str) and len(value) > longest:
        said(f"must be shorter than or equal to {longest} characters")
    if isinstance(value, str) and _HALVES.search(value):  # half of a surrogate pair is no character of Unicode
        said("must be a string")
    if isinstance(value, str) and _CONTROLS.search(value):
        said("must not contain control characters")
    return value


def _lyrics(value: Any) -> Any:
    """They may be empty, not absent."""
    if value is None:
        said("should not be empty")
    return _text(value, LONGEST_LYRICS)


def _absent(value: Any) -> Any:
    """Optional fields may be sent empty."""
    return None if value in ("", []) else value


def _date(value: Any) -> Any:
    """An ISO 8601 date, or date-time; kept as it was written."""
    if not isinstance(value, str):
        return value
    try:
        if _DAY.fullmatch(value):
            date.fromisoformat(value)
        else:
            moment(value)
    except ValueError:
        said("must be a valid ISO 8601 date string")
    return value


def moment(text: str) -> datetime:
    """A date or date-time of ISO 8601 in UTC, which holds where none is said. Raises ValueError."""
    read = datetime.fromisoformat(text)
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)


def _barcode(value: Any) -> Any:
    if isinstance(value, str) and not is_barcode(value):
        said("must be 12 or 13 digits")
    return value


def _isrc(value: Any) -> Any:
    if isinstance(value, str) and not is_isrc(compact(value)):
        said("must be an ISRC: two letters, three letters or digits, seven digits")
    return compact(value).upper() if isinstance(value, str) else value


def _email(value: Any) -> Any:
    if isinstance(value, str):
        try:
            parts(value)
        except ValueError:
            said("must be an email")
    return value


def _year(value: Any) -> Any:
    if isinstance(value, str) and not _YEAR.fullmatch(value):
        said("must be a year of four digits")
    return value


def _kind(value: Any) -> Any:
    """The guide writes `Single` in one place and `single` in another."""
    if isinstance(value, str) and value.lower() not in KINDS:
        said(f"must be one of the following values: {', '.join(sorted(KINDS))}")
    return value


def _file(value: Any) -> Any:
    """Whether an address is ours, or encrypted, is looked at where it is used."""
    if isinstance(value, str) and not _ASSET.fullmatch(value) and not value.startswith(("https://", "http://")):
        said("must be an assetId or an https URL")
    return value


def _clock(value: Any) -> Any:
    """Minutes or seconds; the guide writes `"00"`."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = f"{value:02}"
    if isinstance(value, str) and not (value.isdecimal() and value.isascii() and int(value[:9]) < 60):
        said("must be a number from 0 to 59")
    return value


KINDS: Final = {"single": "Single", "album": "Album", "ep": "EP"}
"""ReleaseTypes by what integrators write, in lower case."""

_PRINTABLE: Final = "[^\\u0000-\\u001f\\u007f]"
_SOME: Final = f"^{_PRINTABLE}*[^\\s\\u0000-\\u001f\\u007f]{_PRINTABLE}*$"


def _described(kind: str = "string", **more: Any) -> WithJsonSchema:
    """What the description of the API says of a value, where its checks do not say it by themselves."""
    return WithJsonSchema({"type": kind, **more})


def _or_null(**more: Any) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [{"type": "string", **more}, {"type": "null"}]})


_Plain = Annotated[str, BeforeValidator(_text)]
Text = Annotated[
    str, BeforeValidator(_filled), BeforeValidator(_text), _described(minLength=1, maxLength=LONGEST, pattern=_SOME)
]
OptionalText = Annotated[_Plain | None, BeforeValidator(_absent), _or_null(maxLength=LONGEST)]
_Several = Annotated[list[Text], Field(max_length=MOST_ITEMS, min_length=1)]
Texts = Annotated[_Several, BeforeValidator(_filled)]
OptionalTexts = Annotated[_Several | None, BeforeValidator(_absent)]
Ids = Annotated[dict[Text, Text], Field(max_length=MOST_ITEMS)]
_DATES: Final = [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]
Date = Annotated[Text, BeforeValidator(_date), WithJsonSchema({"anyOf": _DATES})]
OptionalDate = Annotated[
    str | None,
    BeforeValidator(_date),
    BeforeValidator(_absent),
    WithJsonSchema({"anyOf": [*_DATES, {"type": "null"}]}),
]
Barcode = Annotated[str | None, BeforeValidator(_barcode), BeforeValidator(_absent), _or_null(pattern="^[0-9]{12,13}$")]
Isrc = Annotated[
    str | None,
    BeforeValidator(_isrc),
    BeforeValidator(_absent),
    _or_null(pattern="^[A-Za-z]{2}[A-Za-z0-9]{3}[0-9]{7}$"),
]
Email = Annotated[Text, BeforeValidator(_email), BeforeValidator(_filled), _described(format="email")]
Year = Annotated[Text, BeforeValidator(_year), BeforeValidator(_filled), _described(pattern="^[12][0-9]{3}$")]
Kind = Annotated[
    Text,
    BeforeValidator(_kind),
    BeforeValidator(_filled),
    _described(enum=[*KINDS.values(), "single", "album", "ep"]),
]
FileReference = Annotated[
    Text,
    BeforeValidator(_file),
    BeforeValidator(_filled),
    _described(pattern="^(file_[0-9A-Za-z]{1,40}|https?://.+)$", description="An assetId, its url, or an https URL"),
]
Lyrics = Annotated[str, BeforeValidator(_lyrics)]
Clock = Annotated[str | None, BeforeValidator(_clock), BeforeValidator(_absent)]
Flag = Annotated[StrictBool | None, BeforeValidator(_absent)]
