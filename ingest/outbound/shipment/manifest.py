"""Our own record of a shipment, in its folder: what was asked for, from which bytes, and what was made."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from ingest.core.conversion import Form
from ingest.core.sent_file import SentAudio, SentFile, SentImage

NAME: Final = "shipment.json"
FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """One file of a shipment: `source` in the package, whose checked SHA-256 is `sha256`, sent as `path` in `form`.

    `audio` or `image` describes a file that is sent as received, for what is sent unread is not looked at here.
    """

    source: str
    sha256: str
    path: str
    form: Form
    audio: SentAudio | None = None
    image: SentImage | None = None


def written(wanted: Sequence[Wanted], files: Sequence[SentFile]) -> bytes:
    """The record as JSON."""
    told = {"format": FORMAT, "wanted": [asdict(one) for one in wanted], "files": [asdict(one) for one in files]}
    return json.dumps(told, indent=1).encode()


def recorded(raw: bytes, wanted: Sequence[Wanted]) -> tuple[SentFile, ...] | None:
    """The files of a record; None where it is of other files than `wanted`. Raises ValueError where it is broken."""
    told = json.loads(raw)
    try:
        if told["format"] != FORMAT or told["wanted"] != json.loads(json.dumps([asdict(one) for one in wanted])):
            return None
        return tuple(_file(one) for one in told["files"])
    except (LookupError, TypeError) as error:
        raise ValueError(f"no record of a shipment: {error}") from error


def _file(told: dict[str, Any]) -> SentFile:
    audio = None if told["audio"] is None else SentAudio(**told["audio"])
    image = None if told["image"] is None else SentImage(**told["image"])
    return SentFile(**{**told, "audio": audio, "image": image})
