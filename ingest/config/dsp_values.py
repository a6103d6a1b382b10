"""The types of values in the tables of DSPs: Party Ids, host keys, file names, territories, models and uses."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from ingest.core.allowed import COMMERCIAL_MODELS, USE_TYPES, WORLDWIDE
from ingest.core.identifiers import is_party_id
from ingest.core.territories import EVERYWHERE

_HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|[0-9A-Fa-f:]+:[0-9A-Fa-f:.]*")
_KEY_TYPE: Final = re.compile(r"ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-[a-z0-9@.-]+")
_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")


def _party_id(value: str) -> str:
    if not is_party_id(value):
        raise ValueError(f"{value!r} is no DDEX Party Id: it is PADPIDA, ten digits, and a check character")
    return value


def _host_key(value: str) -> str:
    """A public key as `ssh-keyscan` prints it, without the host: the type, and what says the same type in base64."""
    kind, _, rest = value.partition(" ")
    try:
        blob = base64.b64decode(rest.split(" ", 1)[0], validate=True)
    except (binascii.Error, ValueError):
        blob = b""
    if not _KEY_TYPE.fullmatch(kind) or not blob.startswith(len(kind).to_bytes(4, "big") + kind.encode()):
        raise ValueError("this is no host key; it looks like 'ssh-ed25519 AAAA...', as ssh-keyscan prints it")
    return value


def _host(value: str) -> str:
    if not _HOST.fullmatch(value):
        raise ValueError(f"{value!r} is no host name or address; the port has a key of its own")
    return value


def _required(value: str) -> str:
    if not value.strip():
        raise ValueError("this must not be empty")
    return value


def _marker_name(value: str) -> str:
    """A file name; `{batch_id}` in it stands for the id of the batch."""
    unknown = [name for name in _PLACEHOLDER.findall(value) if name != "batch_id"]
    if unknown or not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", _PLACEHOLDER.sub("0", value)):
        raise ValueError(f"{value!r} is no file name; only {{batch_id}} may stand in it, for the id of the batch")
    return value


def _folder(value: str) -> str:
    parts = value.strip("/").split("/")
    if "\x00" in value or any(part in ("", ".", "..") for part in parts):
        raise ValueError(f"{value!r} is no folder at the DSP; it looks like 'acknowledgements'")
    return "/".join(parts)


def _root(value: str) -> str:
    """Empty for the folder where the login leads; else a folder, which may count from the server's root."""
    return value if value in ("", "/") else ("/" if value.startswith("/") else "") + _folder(value)


def _territory(value: str) -> str:
    if value != WORLDWIDE and value not in EVERYWHERE:
        raise ValueError(f"{value!r} is no territory: write Worldwide, or ISO codes of two letters, such as GB")
    return value


def _standard(value: str) -> str:
    """UserDefined says nothing without what the parties defined, which is not sent on."""
    if value == "UserDefined":
        raise ValueError("a value that the parties define themselves cannot be sent")
    return value


def _model(value: str) -> str:
    if value not in COMMERCIAL_MODELS:
        raise ValueError(f"{value!r} is no CommercialModelType; it is one of {', '.join(sorted(COMMERCIAL_MODELS))}")
    return _standard(value)


def _use(value: str) -> str:
    if value not in USE_TYPES:
        raise ValueError(f"{value!r} is no UseType of ERN 3.8.2, such as OnDemandStream or PermanentDownload")
    return _standard(value)


def _some(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        raise ValueError("this must hold at least one value")
    return values


PartyId = Annotated[str, AfterValidator(_party_id)]
HostKey = Annotated[str, AfterValidator(_host_key)]
HostKeys = Annotated[tuple[HostKey, ...], AfterValidator(_some)]
Host = Annotated[str, AfterValidator(_host)]
Required = Annotated[str, AfterValidator(_required)]
MarkerName = Annotated[str, AfterValidator(_marker_name)]
RemoteFolder = Annotated[str, AfterValidator(_folder)]
RemoteRoot = Annotated[str, AfterValidator(_root)]
Territory = Annotated[str, AfterValidator(_territory)]
Models = Annotated[tuple[Annotated[str, AfterValidator(_model)], ...], AfterValidator(_some)]
Uses = Annotated[tuple[Annotated[str, AfterValidator(_use)], ...], AfterValidator(_some)]
RemotePort = Annotated[int, Field(ge=1, le=65535, strict=True)]
Parallel = Annotated[int, Field(ge=1, le=16, strict=True)]
Hours = Annotated[int, Field(ge=1, le=8760, strict=True)]
OffsetDays = Annotated[int, Field(ge=-365, le=-1, strict=True)]

ErnVersion = Literal["3.8.2", "3.8.3", "4.3"]
Layout = Literal["as-received", "batch", "release-by-release"]
