"""How a shipment lies at a DSP: names of folders and files, and the marker that says that all of it is there.

`batch` and `release-by-release` are those of DDEX's ERN choreography over SFTP. Names consist of letters, digits, `_`,
`-` and `.` only, whatever a label wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from ingest.config import Dsp
from ingest.core.release import Release

BATCH_ID_FORMAT: Final = "%Y%m%d%H%M%S"
BATCH_ID_DIGITS: Final = 17
BATCH_ID: Final = "{batch_id}"
"""Stands for the BatchId in the name of a marker."""
RESOURCES: Final = "resources"
BATCH: Final = "batch"
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST: Final = 64


@dataclass(frozen=True, slots=True)
class Placed:
    """A shipment as it is to lie at the DSP: remote paths, relative to its root, with the local files to put there.

    `files` are in the order in which they are put: media first, the message last. `marker` is put after all of them.
    """

    folder: str
    files: Mapping[str, Path]
    marker: tuple[str, bytes] | None = None


def next_batch_id(now: datetime, last: str | None) -> str:
    """The BatchId of this moment, 17 digits to the millisecond; always after `last`, whatever the clock says.

    Raises ValueError where `last` is no BatchId.
    """
    wanted = _batch_id(now)
    return wanted if last is None else max(wanted, _batch_id(_moment(last) + timedelta(milliseconds=1)))


def _batch_id(moment: datetime) -> str:
    return f"{moment:{BATCH_ID_FORMAT}}{moment.microsecond // 1000:03}"


def _moment(batch_id: str) -> datetime:
    """The time in a BatchId. Raises ValueError."""
    if len(batch_id) != BATCH_ID_DIGITS or not (batch_id.isascii() and batch_id.isdecimal()):
        raise ValueError(f"{batch_id!r} is no BatchId")
    try:
        second = datetime.strptime(batch_id[:-3], BATCH_ID_FORMAT)
    except ValueError as error:
        raise ValueError(f"{batch_id!r} is no BatchId: it is no time") from error
    return second + timedelta(milliseconds=int(batch_id[-3:]))


def release_id(release: Release, fallback: str) -> str:
    """The ReleaseId that names folders and files: the barcode, else the GRid, else `fallback`."""
    named = (_safe(one) for one in (release.barcode, release.grid, fallback) if one)
    return next((one for one in named if one), "release")


def resource_names(release: Release, fallback: str, suffixes: Mapping[str, str]) -> dict[str, str]:
    """The name of each file of a shipment, `resources/...`, by its path in the package.

    `suffixes` are the endings of the files as sent, as `.flac`. Names are made of the ReleaseId, the reference of the
    technical details, the kind, and the place: disc and track, or the number of the image.
    """
    named = _names(release, release_id(release, fallback))
    return {
        path: f"{RESOURCES}/{name}{suffixes[path]}" for path, name in named if path is not None and path in suffixes
    }


def _names(release: Release, name: str) -> Iterator[tuple[str | None, str]]:
    on_disc: dict[int, int] = {}
    for track in release.tracks:
        place = on_disc[track.disc] = on_disc.get(track.disc, 0) + 1
        yield track.file, f"{name}_T{track.number}_SoundRecording_{track.disc:03}_{place:03}"
        yield track.preview, f"{name}_T{track.number}p_Preview_{track.disc:03}_{place:03}"
    for number, image in enumerate(release.images, start=1):
        yield image.file, f"{name}_T{len(release.tracks) + number}_Image_{number:03}"


def placed(
    dsp: Dsp, batch_id: str, name: str, message: Path, resources: Mapping[str, Path], manifest: bytes, *, is_first: bool
) -> Placed:
    """Where the files of a shipment go; `name` is its `release_id`, `resources` are named by `resource_names`.

    `is_first`: it is to be taken before others, which the folder says where the DSP wants that said.
    """
    before = ("P_" if is_first else "N_") if dsp.priority_prefix else ""
    folder = f"{before}{batch_id}" if dsp.layout == BATCH else f"{before}{name}_{batch_id}"
    inner = f"{folder}/{name}" if dsp.layout == BATCH else folder
    files = {f"{inner}/{path}": local for path, local in resources.items()}
    files[f"{inner}/{name}.xml"] = message
    return Placed(folder, files, _marker(dsp, folder, batch_id, manifest))


def message_url(dsp: Dsp, name: str) -> str:
    """The place of the message in its folder, relative to the marker."""
    return f"{name}/{name}.xml" if dsp.layout == BATCH else f"{name}.xml"


def _marker(dsp: Dsp, folder: str, batch_id: str, manifest: bytes) -> tuple[str, bytes] | None:
    """What is put last of all: release by release that is the message."""
    if dsp.layout != BATCH:
        return None
    contents = {"manifest": manifest, "empty": b"", "text": dsp.marker_text.encode()}
    return f"{folder}/{dsp.marker_name.replace(BATCH_ID, batch_id)}", contents[dsp.marker]


def _safe(text: str) -> str:
    return _UNSAFE.sub("-", text).strip("-")[:_LONGEST]
