"""How a shipment lies at a DSP: names of folders and files, and the marker that says that all of it is there.

`batch` and `release-by-release` are those of DDEX's ERN choreography over SFTP. Names consist of letters, digits, `_`,
`-` and `.` only, whatever a label wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from ingest.core.release import Release

BATCH_ID_FORMAT: Final = "%Y%m%d%H%M%S"
BATCH_ID_DIGITS: Final = 17
BATCH: Final = "{batch}"
"""Stands for the BatchId in the name of a marker."""
RESOURCES: Final = "resources"
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST: Final = 64


class LayoutKind(StrEnum):
    """Which tree a DSP takes: a folder of releases, or a folder for each release."""

    BATCH = "batch"
    RELEASE_BY_RELEASE = "release-by-release"


class MarkerContent(StrEnum):
    """What the marker of a batch holds: the ManifestMessage, nothing, or the BatchId as text."""

    MANIFEST = "manifest"
    EMPTY = "empty"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Layout:
    """The tree of one DSP. `prefix` stands before the folder's name with `_`; `marker` None: there is no marker."""

    kind: LayoutKind = LayoutKind.BATCH
    prefix: str = ""
    marker: str | None = f"BatchComplete_{BATCH}.xml"
    content: MarkerContent = MarkerContent.MANIFEST


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
    wanted = f"{now:{BATCH_ID_FORMAT}}{now.microsecond // 1000:03}"
    if last is None:
        return wanted
    if len(last) != BATCH_ID_DIGITS or not last.isdecimal():
        raise ValueError(f"{last!r} is no BatchId")
    return max(wanted, f"{int(last) + 1:0{BATCH_ID_DIGITS}}")


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
    layout: Layout, batch_id: str, name: str, message: Path, resources: Mapping[str, Path], manifest: bytes = b""
) -> Placed:
    """Where the files of a shipment go; `name` is its `release_id`, `resources` are named by `resource_names`."""
    before = f"{layout.prefix}_" if layout.prefix else ""
    if layout.kind is LayoutKind.BATCH:
        folder = f"{before}{batch_id}"
        inner = f"{folder}/{name}"
    else:
        folder = inner = f"{before}{name}_{batch_id}"
    files = {f"{inner}/{path}": local for path, local in resources.items()}
    files[f"{inner}/{name}.xml"] = message
    return Placed(folder, files, _marker(layout, folder, batch_id, manifest))


def message_url(layout: Layout, name: str) -> str:
    """The place of the message in its batch, relative to the marker."""
    return f"{name}/{name}.xml" if layout.kind is LayoutKind.BATCH else f"{name}.xml"


def _marker(layout: Layout, folder: str, batch_id: str, manifest: bytes) -> tuple[str, bytes] | None:
    if layout.marker is None:
        return None
    name = layout.marker.replace(BATCH, batch_id)
    contents = {
        MarkerContent.MANIFEST: manifest,
        MarkerContent.EMPTY: b"",
        MarkerContent.TEXT: f"{batch_id}\n".encode(),
    }
    return f"{folder}/{name}", contents[layout.content]


def _safe(text: str) -> str:
    return _UNSAFE.sub("-", text).strip("-")[:_LONGEST]
