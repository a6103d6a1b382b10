"""The types of values in the configuration, each with the check that it must pass and the message when it fails."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from ingest.core.address import parts

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_URL: Final = re.compile(r"sqlite:///.+|postgresql(\+psycopg)?://.*")
_HELO: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[(IPv6:)?[0-9A-Fa-f:.]+\]")
CENTURY: Final = 36_500
"""The most days in a setting: today plus or minus this many days is still a date that Python can represent."""

DAY: Final = 86_400
MOST: Final = 10**15
"""The largest number in a setting; databases and the kernel hold 64-bit integers."""

CODE: Final = re.compile(r"[A-Z]{3}-[0-9]{3}")


def _email(value: str) -> str:
    parts(value)
    return value


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError(f"{value!r} is no name: it has lower-case letters, digits, - and _ only")
    return value


def _code(value: str) -> str:
    if not CODE.fullmatch(value):
        raise ValueError(f"{value!r} is no rule code; codes look like ART-001")
    return value


def _database(value: str) -> str:
    if value and not _URL.fullmatch(value):
        raise ValueError("this must be empty, or begin with postgresql:// or sqlite:///")
    return value


def _helo(value: str) -> str:
    if value and not _HELO.fullmatch(value):
        raise ValueError(f"{value!r} is no host name; an address stands in square brackets")
    return value


def _some(values: tuple[int, ...]) -> tuple[int, ...]:
    if not values:
        raise ValueError("this must hold at least one value")
    return values


def _path(value: object) -> object:
    """Refuses the empty path, which would stand for the folder of the configuration file."""
    if isinstance(value, str) and (not value or "\x00" in value):
        raise ValueError("this must be a path; leave the key out where there is none")
    return value


Encryption = Literal["starttls", "implicit", "off"]
"""How the connection to the mail server is encrypted; `implicit`: from the first byte (RFC 8314)."""

Number = Annotated[float, Field(strict=True)]
Seconds = Annotated[float, Field(ge=0, le=CENTURY * DAY, strict=True)]
Patience = Annotated[float, Field(gt=0, le=DAY, strict=True)]
WholeSeconds = Annotated[int, Field(ge=1, le=DAY, strict=True)]
Days = Annotated[float, Field(gt=0, le=CENTURY, strict=True)]
WholeDays = Annotated[int, Field(ge=0, le=CENTURY, strict=True)]
Bytes = Annotated[int, Field(ge=0, le=MOST, strict=True)]
Count = Annotated[int, Field(ge=1, le=MOST, strict=True)]
Port = Annotated[int, Field(ge=0, le=65535, strict=True)]
Place = Annotated[Path, BeforeValidator(_path)]
Flag = Annotated[bool, Field(strict=True)]
Email = Annotated[str, AfterValidator(_email)]
HeloName = Annotated[str, AfterValidator(_helo)]
Name = Annotated[str, AfterValidator(_name)]
Code = Annotated[str, AfterValidator(_code)]
DatabaseUrl = Annotated[str, AfterValidator(_database)]
Counts = Annotated[tuple[Count, ...], AfterValidator(_some)]
