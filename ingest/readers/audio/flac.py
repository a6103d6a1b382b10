"""FLAC by its own walk (RFC 9639): metadata blocks, the first frame, and the last, which tells a partial upload."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice, pairwise

from ingest.core.facts import Container, Damage, DamageFact
from ingest.readers.audio.frames import Frame, frame_at, frames
from ingest.readers.audio.structure import Flac, Structure
from ingest.readers.audio.subframes import Damaged, frame_length
from ingest.readers.content import Held

_TAIL = 1 << 20
_NAMES = {0: "STREAMINFO", 1: "PADDING", 2: "APPLICATION", 3: "SEEKTABLE", 4: "VORBIS_COMMENT", 5: "CUESHEET"}
_MOST_BLOCKS = 4096
_LEAST_FRAME = 16
_LARGEST_BLOCK = 65535
_LONGEST_FRAME = 4 << 20
_NEAR = 1 << 18


def read_flac(data: Held, base: int) -> Structure:
    """Structure of a file of these bytes, whose `fLaC` stands at `base`; no sample is decoded."""
    size = len(data)
    names, info, place, comments = _metadata(data, base + 4, size)
    if info is None:
        kind = Damage.HEADER_ONLY if place >= size else Damage.BAD_HEADER
        chunk = None if place >= size else "STREAMINFO"
        return Structure(Container.FLAC, "FLAC", damages=(DamageFact(kind, chunk=chunk),), chunks=names)
    stream = replace(info, base=base, first_frame=place)
    damages = tuple(_damages(data, stream, names, size))
    frames = info.total or None
    told = (info.rate, info.channels, info.bits, frames, damages, names)
    return Structure(Container.FLAC, "FLAC", *told, stream=stream, tag_at=comments)


def _metadata(data: Held, start: int, size: int) -> tuple[tuple[str, ...], Flac | None, int, tuple[int, int] | None]:
    """Block names, STREAMINFO (without its first frame), the offset after the blocks, and where comments lie."""
    names: list[str] = []
    info, comments, position, last = None, None, start, False
    while not last and len(names) < _MOST_BLOCKS:
        head = data[position : position + 4]
        if len(head) < 4:
            return tuple(names), None, size, None
        last, kind, length = head[0] >> 7 == 1, head[0] & 127, int.from_bytes(head[1:], "big")
        if kind == 127:
            break
        names.append(_NAMES.get(kind, f"block {kind}" if kind != 6 else "PICTURE"))
        position += 4
        if kind == 0 and info is None and length == 34 and position + 34 <= size:
            info = _streaminfo(data[position : position + 34])
        if kind == 4 and comments is None:
            comments = (position, length)
        position += length
    return tuple(names[:64]), info, position, comments


def _streaminfo(raw: bytes) -> Flac:
    """RFC 9639, section 8.2: rate in 20 bits, channels in 3, depth in 5, total in 36."""
    packed, md5 = int.from_bytes(raw[10:18], "big"), raw[18:34]
    return Flac(
        base=0,
        first_frame=0,
        rate=packed >> 44,
        channels=(packed >> 41 & 7) + 1,
        bits=(packed >> 36 & 31) + 1,
        min_block=int.from_bytes(raw[:2], "big"),
        max_block=int.from_bytes(raw[2:4], "big"),
        max_frame=int.from_bytes(raw[7:10], "big"),
        total=packed & ((1 << 36) - 1),
        md5=md5 if any(md5) else None,
    )


def _damages(data: Held, info: Flac, names: tuple[str, ...], size: int) -> list[DamageFact]:
    if names[0] != "STREAMINFO" or names.count("STREAMINFO") > 1 or not info.rate or info.max_block == 0:
        return [DamageFact(Damage.BAD_HEADER, chunk="STREAMINFO")]
    start = size - max(_TAIL, 3 * info.max_frame)
    first = frame_at(data, info.first_frame, info.max_block)
    if first is None:
        if size - info.first_frame >= _LEAST_FRAME or next(frames(data, max(start, 0), info.max_block), None):
            return [DamageFact(Damage.BAD_HEADER, chunk="metadata")]
        return [DamageFact(Damage.HEADER_ONLY)]
    tail = list(frames(data, max(start, info.first_frame), _samples_of_number(data, info, first)))
    if wrong := _disagreement(first, info):
        return [replace(wrong, chunk="STREAMINFO")]
    found = [] if info.md5 else [DamageFact(Damage.NO_MD5)]
    return found + _end(data, info, tail or [first], size) + _block_sizes(info, tail)


def _disagreement(frame: Frame, info: Flac) -> DamageFact | None:
    """The first property in which a frame differs from STREAMINFO."""
    pairs = ((frame.rate, info.rate), (frame.channels, info.channels), (frame.bits, info.bits))
    for told, declared in pairs:
        if told and told != declared:
            return DamageFact(Damage.BAD_HEADER, told, declared, "frame")
    return None


def _end(data: Held, info: Flac, tail: list[Frame], size: int) -> list[DamageFact]:
    """Whether the last frame reaches the declared total and ends with the file."""
    last = max(tail, key=lambda frame: frame.end)
    try:
        length = frame_length(data[last.offset : last.offset + _LONGEST_FRAME], last, info.bits)
    except Damaged:
        return [DamageFact(Damage.DAMAGED_FRAMES, info.total or last.end, last.position, "samples")]
    reached = last.end if length else last.position
    if info.total and last.end > info.total:
        return [DamageFact(Damage.TOTAL_MISMATCH, info.total, last.end, "samples")]
    if length is None or (info.total and reached < info.total):
        return [DamageFact(Damage.TRUNCATED, info.total or last.end, reached, "samples")]
    found = []
    if last.offset + length < size:
        found.append(DamageFact(Damage.TRAILING_BYTES, present=size - last.offset - length))
    if not info.total:
        found.append(DamageFact(Damage.SIZE_FIELD, last.end, 0, "STREAMINFO"))
    return found


def _block_sizes(info: Flac, tail: list[Frame]) -> list[DamageFact]:
    """Sizes of blocks and frames by STREAMINFO against those in use; a decoder sizes its buffers by them."""
    used = max((frame.block for frame in tail), default=0)
    if used > _LARGEST_BLOCK:
        return [DamageFact(Damage.BAD_HEADER, _LARGEST_BLOCK, used, "frame")]
    if used > info.max_block or not 16 <= info.min_block <= info.max_block:
        return [DamageFact(Damage.SIZE_FIELD, max(used, 16), info.max_block, "STREAMINFO")]
    followed = ((frame, after) for frame, after in pairwise(tail) if after.position == frame.end)
    longest = max((after.offset - frame.offset for frame, after in followed), default=0)
    if 0 < info.max_frame < longest:
        return [DamageFact(Damage.SIZE_FIELD, longest, info.max_frame, "STREAMINFO")]
    return []


def changed_frame(data: Held, info: Flac) -> DamageFact | None:
    """A frame anywhere whose rate, channels or depth differ from STREAMINFO: decoders go on with wrong samples."""
    first = frame_at(data, info.first_frame, info.max_block)
    step = _samples_of_number(data, info, first) if first else info.max_block
    for frame in frames(data, info.first_frame, step):
        if wrong := _disagreement(frame, info):
            return wrong
    return None


def lacks_beginning(data: Held, info: Flac, decoded: int) -> bool:
    """Whether the stream starts after its first sample, as one that was copied from the middle of another."""
    first = frame_at(data, info.first_frame, info.max_block)
    return first is not None and first.position > 0 and first.position + decoded == info.total


def _samples_of_number(data: Held, info: Flac, first: Frame) -> int:
    """How many samples a step of the numbers in frame headers stands for, where the header does not say that it is one.

    Streams of variable block sizes of the first FLAC versions count samples as today's do, but say so only by the block
    sizes in STREAMINFO. Others have different sizes there because of their last block.
    """
    if info.min_block == info.max_block:
        return first.block
    near = data[info.first_frame : info.first_frame + max(2 * info.max_frame, _NEAR)]
    return 1 if len(list(islice(frames(near, 0, 1), 2))) == 2 else first.block
