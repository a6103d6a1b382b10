"""Files (guide, "Asset Uploads"), and their content under signed addresses."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from python_multipart import MultipartParser
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import parse_options_header
from starlette.responses import FileResponse

from ingest.flow.asset_storage import Arriving, DiskFull
from ingest.flow.assets import SUFFIXES, media_of
from ingest.store.models import Asset
from ingest.web.asked import Asked
from ingest.web.callers import Reader, Writer
from ingest.web.envelope import ApiError, bare

router = APIRouter(tags=["Files"])

MOST_METADATA: Final = 16_384
LONGEST_NAME: Final = 255
TYPES: Final = {"audio": "audio", "artwork": "artwork", "image": "artwork", "cover": "artwork"}
MEDIA_TYPES: Final = {
    **dict.fromkeys(("WAV", "RF64", "BW64"), "audio/wav"),
    **dict.fromkeys(("AIFF", "AIFF-C"), "audio/aiff"),
    "FLAC": "audio/flac",
    "MP3": "audio/mpeg",
    "JPEG": "image/jpeg",
    "PNG": "image/png",
}
SNIFFED: Final = 4_096
"""Bytes of a file after which it must show what it is."""


@dataclass(slots=True)
class _Form:
    """A form that is read as it comes: the part `file` goes to `arriving`, the part `metadata` is kept."""

    arriving: Arriving
    most: int
    pending: bytearray = field(default_factory=bytearray)
    name: str = ""
    part: str = ""
    header: bytearray = field(default_factory=bytearray)
    value: bytearray = field(default_factory=bytearray)
    metadata: bytearray = field(default_factory=bytearray)
    files: int = 0
    is_whole: bool = False

    def callbacks(self) -> Any:
        """What the parser calls."""
        return {
            "on_header_field": lambda data, start, end: self.header.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self.value.extend(data[start:end]),
            "on_header_end": self._header_end,
            "on_part_begin": self._part_begin,
            "on_part_data": self._part_data,
            "on_end": self._end,
        }

    def _part_begin(self) -> None:
        self.part = ""

    def _header_end(self) -> None:
        name, value = bytes(self.header).lower(), bytes(self.value)
        self.header.clear()
        self.value.clear()
        if name != b"content-disposition":
            return
        _, options = parse_options_header(value)
        self.part = options.get(b"name", b"").decode("utf-8", "replace")
        if self.part == "file":
            self.files += 1
            self.name = options.get(b"filename", b"").decode("utf-8", "replace")[-LONGEST_NAME:]
            if self.files > 1:
                raise ApiError(400, ["file must be one file"])

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self.part == "file":
            self.pending += data[start:end]
        elif self.part == "metadata":
            self.metadata += data[start:end]
            if len(self.metadata) > MOST_METADATA:
                raise ApiError(413, "metadata is too large")

    def _end(self) -> None:
        self.is_whole = True

    def store(self) -> None:
        """Write what has come of the file. Raises ApiError."""
        if self.arriving.size + len(self.pending) > self.most:
            raise ApiError(413, "The file is too large")
        try:
            self.arriving.write(bytes(self.pending))
        except DiskFull:
            raise ApiError(507, "There is no room for files just now; please try again later") from None
        self.pending.clear()
        if self.arriving.size >= SNIFFED and media_of(self.arriving.head) is None:
            raise _unsupported()


def _unsupported() -> ApiError:
    return ApiError(415, "Unsupported file type: send WAV, FLAC, AIFF or MP3 audio, or a JPEG or PNG picture")


@router.post("/v1/files", status_code=201)
async def upload_file(request: Request, caller: Writer, parts: Asked) -> Response:
    """Upload audio or a picture as the part `file` of a form; `metadata` is JSON with `type` and `title`.

    It is answered once the file is stored; `asset.processed` tells when it was measured.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise ApiError(415, "Content-Type must be multipart/form-data")
    room = await asyncio.to_thread(parts.assets.room, caller.label)
    with await asyncio.to_thread(parts.assets.storage.arriving) as arriving:
        form = _Form(arriving, min(room, parts.config.api.max_file_bytes))
        await _read(form, boundary, request.stream())
        said = _metadata(form)
        if not form.files or not arriving.size:
            raise ApiError(400, ["file should not be empty"])
        if media_of(arriving.head) is None:
            raise _unsupported()
        keep = parts.assets.keep
        asset = await asyncio.to_thread(
            keep, caller.label, None, arriving, said.get("type"), form.name, said.get("title", "")
        )
    return bare(_shown(asset, parts), 201)


async def _read(form: _Form, boundary: bytes, stream: AsyncIterator[bytes]) -> None:
    """Read the whole form. Raises ApiError."""
    try:
        parser = MultipartParser(boundary, form.callbacks())
        async for piece in stream:
            parser.write(piece)
            if len(form.pending) >= 1 << 18:
                await asyncio.to_thread(form.store)
        parser.finalize()
    except MultipartParseError:
        raise ApiError(400, "Request body is not a valid form") from None
    if not form.is_whole:
        raise ApiError(400, "Request body is not a valid form")
    await asyncio.to_thread(form.store)


def _metadata(form: _Form) -> dict[str, str]:
    """What the part `metadata` says; other types than ours are what the content is."""
    try:
        said = json.loads(bytes(form.metadata) or b"{}")
    except (ValueError, RecursionError):
        raise ApiError(400, ["metadata must be a JSON object"]) from None
    if not isinstance(said, dict):
        raise ApiError(400, ["metadata must be a JSON object"])
    title, kind = said.get("title", ""), said.get("type")
    known = {} if kind is None else {"type": TYPES.get(str(kind).lower(), "")}
    if not isinstance(title, str) or len(title) > 1000 or known.get("type") == "":
        raise ApiError(400, ["metadata must have a title that is a string and a type that is audio, artwork or image"])
    return {"title": title, **known}


def _shown(asset: Asset, parts: Asked) -> dict[str, Any]:
    suffix = SUFFIXES.get(asset.media or "", "")
    address = parts.assets.addresses.address(asset.id, suffix, parts.clock())
    shown = {
        "assetId": asset.id,
        "fileId": asset.id,
        "url": address,
        "type": asset.type,
        "status": asset.state,
        "size": asset.size,
        "sha256": asset.sha256,
        "format": asset.media,
        "durationMs": asset.duration_ms,
        "error": asset.fault,
    }
    return {name: value for name, value in shown.items() if value is not None}


@router.get("/v1/files/{asset}")
def get_file(asset: str, caller: Reader, parts: Asked) -> Response:
    """One file: whether it was measured, its length, and a new address of its content."""
    return bare(_shown(parts.assets.get(caller.label, asset), parts))


@router.get("/files/{name}")
def download(
    name: str,
    parts: Asked,
    expires: Annotated[str, Query(max_length=20)] = "",
    signature: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """The content of a file, under the address that was answered for it; ranges are served (RFC 9110, section 14)."""
    asset = name.partition(".")[0]
    if not parts.assets.addresses.is_valid(asset, expires, signature, parts.clock()):
        raise ApiError(403, "The address of this file is not valid any more")
    found = parts.assets.stored(asset)
    place = None if found is None else parts.assets.storage.place(found.label_id, found.sha256 or "")
    if found is None or place is None or not place.is_file():
        raise ApiError(404, "File not found")
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, max-age=3600"}
    return FileResponse(
        place,
        media_type=MEDIA_TYPES.get(found.media or "", "application/octet-stream"),
        headers=headers,
        filename=f"{found.id}{SUFFIXES.get(found.media or '', '')}",
    )
