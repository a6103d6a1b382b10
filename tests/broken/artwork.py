"""ART: packages whose cover is not what the guide asks for."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import cache
from typing import Final

import numpy as np
import zxingcpp
from PIL import Image, ImageCms

from ingest.core.dossier import KnownRelease
from tests.broken.change import Broken, both, rename, replace_cover, single, untouched
from tests.good import Good, jpeg, picture, saved


def _cover(content: Callable[[], bytes]) -> Broken:
    return single(replace_cover(content))


def _known(same_label: bool) -> Broken:
    known = KnownRelease(7, "sunrise", same_label, "Needs QC", "Five Rivers", "cover", "artwork.jpg")
    return Broken(Good.SINGLE, untouched, known=(known,))


def _png(content: Callable[[], bytes]) -> Broken:
    return single(both(replace_cover(content), rename("artwork.jpg", "artwork.png")))


def _heavy() -> bytes:
    """The good cover with 21 MB of comments in its header."""
    comment = b"\xff\xfe\xff\xff" + bytes(65_533)
    return jpeg()[:2] + comment * 320 + jpeg()[2:]


def _chunk(name: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")


def _raw_png(width: int, height: int, depth: int, rows: bytes) -> bytes:
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes((depth, 2, 0, 0, 0))
    body = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows, 1)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@cache
def _deep_png() -> bytes:
    """16 bits per colour; the finest eight are zero, so that it stays under 20 MB."""
    pixels = (np.asarray(picture()).astype(np.uint16) << 8).astype(">u2").view(np.uint8).reshape(3000, 18_000)
    filtered = np.zeros((3000, 18_001), np.uint8)
    filtered[:, 1:] = pixels
    return _raw_png(3000, 3000, 16, filtered.tobytes())


def _of_12_bits() -> bytes:
    """A JPEG whose header promises 12 bits a colour, which no store decodes."""
    frame = jpeg().index(b"\xff\xc0") + 4
    return jpeg()[:frame] + b"\x0c" + jpeg()[frame + 1 :]


def _turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return saved(picture(), "JPEG", quality=80, exif=exif)


def _lab_profile() -> bytes:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    return saved(picture(), "JPEG", quality=80, icc_profile=profile)


def _wide() -> bytes:
    """The profile of sRGB with the primaries of Adobe RGB in their places."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for name, colorant in (
        (b"rXYZ", (39960, 20389, 1276)),
        (b"gXYZ", (13453, 41004, 3989)),
        (b"bXYZ", (9777, 4143, 48796)),
    ):
        entry = profile.index(name)
        start = int.from_bytes(profile[entry + 4 : entry + 8], "big") + 8
        profile = profile[:start] + b"".join(part.to_bytes(4, "big") for part in colorant) + profile[start + 12 :]
    return saved(picture(), "JPEG", quality=80, icc_profile=profile)


def _see_through() -> bytes:
    image = picture()
    image.putalpha(200)
    return saved(image, "PNG", compress_level=1)


def _barred() -> bytes:
    image = picture()
    for top in (0, 2600):
        image.paste((0, 0, 0), (0, top, 3000, top + 400))
    return saved(image, "JPEG", quality=80)


def _enlarged() -> bytes:
    return saved(picture(500, 500).resize((3000, 3000), Image.Resampling.LANCZOS), "JPEG", quality=90)


def _coded() -> bytes:
    image = picture()
    code = zxingcpp.create_barcode("https://shop.example/anna", zxingcpp.BarcodeFormat.QRCode)
    square = Image.fromarray(np.array(zxingcpp.write_barcode_to_image(code, scale=10)))
    image.paste(square.convert("RGB"), (200, 2400))
    return saved(image, "JPEG", quality=80)


def _animated() -> bytes:
    return saved(picture(), "PNG", save_all=True, append_images=[picture().rotate(180)], compress_level=1)


BROKEN: Final = {
    "ART-001": _cover(lambda: jpeg(2000, 2000)),
    "ART-002": _cover(lambda: jpeg(3400, 3000)),
    "ART-003": _cover(lambda: saved(picture(), "TIFF", compression="tiff_lzw")),
    "ART-004": _cover(lambda: saved(picture(), "PNG", compress_level=1)),
    "ART-005": _cover(lambda: jpeg(mode="CMYK")),
    "ART-006": _cover(_heavy),
    "ART-007": _cover(_of_12_bits),
    "ART-008": _cover(lambda: jpeg()[: len(jpeg()) // 2]),
    "ART-009": _png(lambda: _raw_png(13_000, 13_000, 8, bytes(39_001))),
    "ART-010": _cover(lambda: jpeg(3200, 3200)),
    "ART-011": _cover(_turned),
    "ART-012": _png(_see_through),
    "ART-013": _png(_deep_png),
    "ART-014": _png(_animated),
    "ART-015": _cover(lambda: saved(picture(), "JPEG", quality=80, progressive=True)),
    "ART-016": _cover(lambda: saved(picture(), "MPO", save_all=True, append_images=[picture(64, 64)])),
    "ART-017": _cover(lambda: jpeg(mode="L")),
    "ART-018": _cover(lambda: jpeg() + b"left over"),
    "ART-019": _cover(_lab_profile),
    "ART-020": _cover(lambda: saved(Image.new("RGB", (3000, 3000), "navy"), "JPEG")),
    "ART-021": _cover(_barred),
    "ART-022": _cover(_enlarged),
    "ART-023": _cover(_coded),
    "ART-024": _known(same_label=True),
    "ART-025": _known(same_label=False),
    "ART-026": _cover(_wide),
}

EQUALLY_GOOD: Final = {
    "a PNG": _png(lambda: saved(picture(), "PNG", compress_level=1)),
    "a PNG whose alpha channel is opaque": _png(lambda: saved(picture(mode="RGBA"), "PNG", compress_level=1)),
    "a suffix of four letters": single(rename("artwork.jpg", "artwork.jpeg")),
}
