"""Which container a file is, by its first bytes; its suffix is never believed."""

from __future__ import annotations

import re
from typing import BinaryIO

from ingest.core.facts import Container

HEAD = 16384
ID3 = "ID3"
"""What stands for the codec where an ID3 tag goes on to beyond the end of the file."""

_WMA = bytes.fromhex("3026b2758e66cf11")
_W64 = b"riff\x2e\x91\xcf\x11"
_OTHERS = (
    (b"caff", "CAF"),
    (b"MAC ", "Monkey's Audio"),
    (b"MPCK", "Musepack"),
    (b"MP+", "Musepack"),
    (b"OFR ", "OptimFROG"),
    (b"tBaK", "TAK"),
    (b"ajkg", "Shorten"),
    (b"DSD ", "DSD"),
    (b"FRM8", "DSD"),
    (b".snd", "AU"),
    (b"\x0b\x77", "AC-3"),
    (b"TTA1", "True Audio"),
    (b"MThd", "MIDI"),
    (b"#!AMR", "AMR"),
    (b"PK\x03\x04", "ZIP"),
    (b"%PDF", "PDF"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG", "PNG"),
)
_OGG = ((b"\x01vorbis", "Vorbis"), (b"OpusHead", "Opus"), (b"\x7fFLAC", "FLAC"), (b"Speex   ", "Speex"))
_MP4 = {b"alac": "ALAC", b"mp4a": "AAC", b"fLaC": "FLAC", b"Opus": "Opus", b"ac-3": "AC-3", b"ec-3": "AC-3"}
_ESDS = re.compile(rb"esds.{4}\x03[\x80\xfe]*..*?\x04[\x80\xfe]*.{14}\x05[\x80\xfe]*.(..)", re.DOTALL)
"""The decoder's own description inside those of the stream and of the decoder (ISO 14496-1, 7.2.6)."""
_ALS = 36
_MOST_OF_ENTRY = 256
_MOST_BOXES = 1000
_MOST_TABLES = 1 << 20
_KBITS = {
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_KBITS_1 = {
    1: (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    2: (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
}
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def id3_length(file: BinaryIO) -> int:
    """Bytes of ID3v2 tags in front of the file, 0 without any (sizes are syncsafe, footer included)."""
    total = 0
    for _ in range(8):
        file.seek(total)
        head = file.read(10)
        if len(head) < 10 or head[:3] != b"ID3" or head[3] == 0xFF or any(byte & 0x80 for byte in head[6:10]):
            break
        size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        total += 10 + size + (10 if head[5] & 0x10 else 0)
    return total


def container_of(head: bytes) -> tuple[Container, str | None]:
    """The container, and the codec where the first bytes tell it."""
    if head[:4] in (b"RIFF", b"RIFX", b"RF64", b"BW64"):
        return _riff(head), None
    if head[:4] == b"FORM" and (len(head) < 12 or head[8:12] in (b"AIFF", b"AIFC")):
        return (Container.AIFC if head[8:12] == b"AIFC" else Container.AIFF), None
    if head[:4] == b"fLaC":
        return Container.FLAC, "FLAC"
    if head[:8] == _W64:
        return Container.W64, None
    return _lossy(head)


def mp4_codec(file: BinaryIO, base: int, size: int) -> str | None:
    """The codec of the first track that `moov` describes, wherever it stands (ISO 14496-12, 8.5.2); None if unknown."""
    at = base
    for _ in range(_MOST_BOXES):
        file.seek(at)
        head = file.read(16)
        length = int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        if head[4:8] == b"moov":
            tables = file.read(_MOST_TABLES).split(b"stsd")[1:]
            return next((_described(table) for table in tables if table[12:16] in _MP4), None)
        at += length
        if length < 8 or at >= size:
            break
    return None


def _described(table: bytes) -> str:
    """The codec of the first entry of a table of sample descriptions; MPEG-4 ALS looks like AAC from outside."""
    config = _ESDS.search(table[:_MOST_OF_ENTRY])
    if table[12:16] == b"mp4a" and config is not None:
        first = int.from_bytes(config[1], "big")
        # The kind of audio object: 5 bits, or 6 more where these are all ones (ISO 14496-3, 1.6.2.1).
        if first >> 11 == 31 and 32 + (first >> 5 & 63) == _ALS:
            return "MPEG-4 ALS"
    return _MP4[table[12:16]]


def _riff(head: bytes) -> Container:
    if len(head) >= 12 and head[8:12] != b"WAVE":
        return Container.OTHER
    return Container.WAV if head[:4] == b"RIFF" else Container(head[:4].decode("ascii"))


def _lossy(head: bytes) -> tuple[Container, str | None]:
    if head[:4] == b"OggS":
        return Container.OGG, next((name for mark, name in _OGG if mark in head[:128]), None)
    if head[4:8] == b"ftyp":
        table = head.partition(b"stsd")[2]
        if table[12:16] in _MP4:
            return Container.MP4, _described(table)
        return Container.MP4, "ALAC" if b"alac" in head else "AAC" if b"mp4a" in head else None
    if head[:8] == _WMA:
        return Container.WMA, "WMA"
    if head[:4] == b"wvpk":
        return Container.WAVPACK, "WavPack"
    if _is_adts(head):
        return Container.AAC, "AAC"
    if _is_mpeg(head):
        return Container.MP3, "MP3"
    return Container.OTHER, _other(head)


def _other(head: bytes) -> str | None:
    if b"<html" in head[:1024].lower() or b"<!doctype html" in head[:1024].lower():
        return "HTML"
    return next((name for mark, name in _OTHERS if head.startswith(mark)), None)


def _is_adts(head: bytes) -> bool:
    """Two AAC frames in a row (ISO 13818-7, ADTS header)."""
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return False
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    following = head[length : length + 2]
    return length >= 7 and (len(following) < 2 or (following[0] == 0xFF and following[1] & 0xF6 == 0xF0))


def _is_mpeg(head: bytes) -> bool:
    """Two MPEG audio frames in a row somewhere at the beginning: files may start with padding."""
    position = head.find(b"\xff")
    while 0 <= position < 8192:
        length = _mpeg_frame(head[position : position + 4])
        after = head[position + length : position + length + 4]
        if length and (_mpeg_frame(after) or (position == 0 and len(after) < 4)):
            return True
        position = head.find(b"\xff", position + 1)
    return False


def _mpeg_frame(header: bytes) -> int:
    """Length in bytes of the MPEG audio frame with this header, 0 when it is none (ISO 11172-3, 2.4.1.3)."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return 0
    version, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    index, rate = header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or layer == 4 or index in (0, 15) or rate == 3:
        return 0
    if version == 3 and layer < 3:
        kbits = _KBITS_1[layer][index]
    elif layer == 1:
        kbits = (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256)[index]
    else:
        kbits = _KBITS[3 if version == 3 else 2][index]
    padding = header[2] >> 1 & 1
    hertz = _RATES[version][rate]
    if layer == 1:
        return (12000 * kbits // hertz + padding) * 4
    samples = 72000 if layer == 3 and version != 3 else 144000
    return samples * kbits // hertz + padding
