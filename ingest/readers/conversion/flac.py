"""One track -> FLAC: a healthy FLAC keeps its frames and loses its tags, anything else is encoded from its samples."""

from __future__ import annotations

import os
from io import FileIO
from pathlib import Path

from ingest.readers.audio.reader import decodable, structure_of
from ingest.readers.audio.samples import read_flac_samples, read_pcm
from ingest.readers.audio.structure import Flac, Pcm, Structure
from ingest.readers.content import Content
from ingest.readers.conversion.answers import Made, Refused
from ingest.readers.conversion.flac_writer import FlacWriter
from ingest.readers.output import write_all
from ingest.readers.sealed import Stamp, open_sealed

MARK = b"fLaC"
LAST_STREAMINFO = b"\x80\0\0\x22"
"""The header of a STREAMINFO block behind which frames follow (RFC 9639, section 8.1)."""
PIECE = 1 << 20
_DEPTHS = range(16, 25)


def make_flac(path: Path, name: str, stamp: Stamp | None, out: int) -> Made:
    """Write the samples of the file at `path` to the descriptor `out`.

    Raises Refused where they cannot be kept without loss or are not whole, NotWritten, ChangedWhileRead and OSError.
    """
    with open_sealed(path, name, stamp) as file:
        size = os.fstat(file.fileno()).st_size
        content = Content(file, size)
        structure = structure_of(file, size, content)
        stream = structure.stream
        if isinstance(stream, Flac) and stream.md5 and not structure.damages and stream.bits in _DEPTHS:
            return _stripped(content, stream, out)
        return _encoded(file, content, structure, out)


def _stripped(content: Content, info: Flac, out: int) -> Made:
    """Copy STREAMINFO and the frames. Whether the samples are those of its MD5 shows when the copy is decoded."""
    data = content.data
    write_all(out, MARK + LAST_STREAMINFO + data[info.base + 8 : info.base + 42])
    for at in range(info.first_frame, len(data), PIECE):
        write_all(out, data[at : at + PIECE])
    return Made(samples=(info.md5 or b"").hex(), frames=info.total)


def _encoded(file: FileIO, content: Content, structure: Structure, out: int) -> Made:
    encoding, rate, stream = decodable(structure), structure.sample_rate, structure.stream
    if encoding is None or rate is None:
        raise Refused(f"its samples cannot be decoded ({structure.codec or structure.container})")
    writer = FlacWriter(out, encoding, rate)
    try:
        if isinstance(stream, Pcm):
            read_pcm(file, stream, writer)
            wanted = stream.frames
        else:
            decoded = read_flac_samples(content, encoding, writer, None, None)
            md5 = stream.md5 if isinstance(stream, Flac) else None
            if decoded is None or (md5 and decoded.md5 != md5):
                raise Refused("its samples are not those that its own MD5 is of")
            wanted = structure.frames or decoded.frames
        if writer.frames != wanted or not wanted:
            raise Refused(f"{writer.frames} of its {wanted} samples per channel can be decoded")
        return Made(samples=writer.close(), frames=wanted)
    finally:
        writer.abandon()
