"""Pictures made in code: each trap of a cover, and exactly the facts it must give."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageCms, ImageFile, ImageFilter

from ingest.core.facts import ArtworkFacts, FileKind, ImageDamage
from ingest.readers.artwork import is_whole, read_artwork
from ingest.readers.colour_profile import space_of
from ingest.readers.folder import kind_of
from ingest.readers.image_structure import walk_image

MANY = 144_000_000


def scene(side: int = 600, seed: int = 3) -> Image.Image:
    """A picture with detail at every scale, down to single pixels, as photographs have it."""
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft2(rng.standard_normal((side, side)))
    radius = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side))
    smooth = np.fft.irfft2(spectrum / (radius + 1 / side) ** 1.1, (side, side))
    smooth = (smooth - smooth.min()) / (smooth.max() - smooth.min())
    tones = np.stack([smooth * 255, smooth * 200 + 20, 255 - smooth * 180], axis=2)
    return Image.fromarray((tones + rng.normal(0, 3, tones.shape)).clip(0, 255).astype(np.uint8))


SCENE = scene()


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


JPEG, PNG = saved(SCENE, "JPEG", quality=92), saved(SCENE, "PNG")


def read(folder: Path, data: bytes, name: str = "artwork.jpg", max_pixels: int = MANY) -> ArtworkFacts:
    path = folder / name
    path.write_bytes(data)
    return read_artwork(path, name, max_pixels=max_pixels)


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_header(width: int, height: int, depth: int = 8) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, 2, 0, 0, 0))


PROGRESSIVE = saved(SCENE.convert("L"), "JPEG", progressive=True)
SCAN = PROGRESSIVE[PROGRESSIVE.rindex(b"\xff\xda") : -2]
PROFILE = png_chunk(
    b"iCCP", b"sRGB\0\0" + zlib.compress(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
)


@pytest.mark.parametrize("kind", [b"iCCP", b"zTXt"])
def test_metadata_of_megabytes_leaves_a_png_healthy(tmp_path: Path, kind: bytes) -> None:
    large = png_chunk(kind, b"name\0\0" + zlib.compress(bytes(8_000_000)))
    assert read(tmp_path, PNG[:33] + large + PNG[33:], "artwork.png").damage is None


LARGE_TEXTS = {
    "that unpacks to 20 MB": b"XML:com.adobe.xmp\0\x01\0\0\0" + zlib.compress(b"<x/>" * 5_000_000),
    "of 20 MB": b"XML:com.adobe.xmp\0\0\0\0\0" + b"<x/>" * 5_000_000,
    "of 17 MB that cannot be compressed": b"XML:com.adobe.xmp\0\x01\0\0\0"
    + zlib.compress(np.random.default_rng(1).bytes(17_000_000), 0),
}


@pytest.mark.parametrize("text", LARGE_TEXTS)
@pytest.mark.parametrize("times", [1, 30])
def test_texts_of_any_size_leave_a_png_healthy(tmp_path: Path, text: str, times: int) -> None:
    large = png_chunk(b"iTXt", LARGE_TEXTS[text]) * (times if len(LARGE_TEXTS[text]) < 1_000_000 else 1)
    orientation = png_chunk(b"eXIf", b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x08\0\0\0\0\0\0\0")
    facts = read(tmp_path, PNG[:33] + large + orientation + PNG[33:], "artwork.png")
    assert (facts.damage, facts.orientation) == (None, 8)


def test_the_first_of_several_profiles_is_read(tmp_path: Path) -> None:
    wide = png_chunk(b"iCCP", b"wide\0\0" + zlib.compress(profile_of(ADOBE)))
    assert read(tmp_path, PNG[:33] + PROFILE + wide + PNG[33:], "artwork.png").icc_space == "RGB"
    assert read(tmp_path, PNG[:33] + wide + PROFILE + PNG[33:], "artwork.png").icc_space == "Adobe RGB"


ADOBE = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
PROPHOTO = ((0.7977, 0.2880, 0.0), (0.1352, 0.7119, 0.0), (0.0313, 0.0001, 0.8249))
USUAL = ((0.43604, 0.22249, 0.01392), (0.38512, 0.71690, 0.09706), (0.14305, 0.06061, 0.71391))
A_SCREEN = ((0.48604, 0.24249, 0.00592), (0.34512, 0.68690, 0.09706), (0.13305, 0.07061, 0.72391))


def profile_of(primaries: tuple[tuple[float, ...], ...]) -> bytes:
    """A profile for RGB with these three colorants."""
    table, values, place = b"", b"", 128 + 4 + 36
    for name, colorant in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True):
        table += name + struct.pack(">II", place + len(values), 20)
        values += b"XYZ \0\0\0\0" + struct.pack(">iii", *(round(value * 65536) for value in colorant))
    head = bytearray(128)
    head[12:24] = b"mntrRGB XYZ "
    head[36:40] = b"acsp"
    return bytes(head) + struct.pack(">I", 3) + table + values


@pytest.mark.parametrize(
    ("primaries", "space"), [(ADOBE, "Adobe RGB"), (PROPHOTO, "ProPhoto RGB"), (USUAL, "RGB"), (A_SCREEN, "RGB")]
)
def test_wide_colour_spaces_are_told_by_their_primaries(
    tmp_path: Path, primaries: tuple[tuple[float, ...], ...], space: str
) -> None:
    assert read(tmp_path, saved(SCENE, "JPEG", icc_profile=profile_of(primaries))).icc_space == space


@pytest.mark.parametrize("length", range(0, 230, 7))
def test_a_profile_that_is_cut_off_has_its_signature_at_the_most(length: int) -> None:
    assert space_of(profile_of(ADOBE)[:length]) in ("", "R", "RG", "RGB")


WAYS: dict[str, dict[str, object]] = {
    "progressive": {"progressive": True},
    "restarts in each row": {"restart_marker_rows": 1},
    "restarts now and then": {"restart_marker_blocks": 700},
    "baseline": {},
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("place", [0.1, 0.3, 0.5, 0.7])
def test_data_missing_inside_a_jpeg_leave_it_incomplete(tmp_path: Path, way: str, place: float) -> None:
    whole = saved(SCENE, "JPEG", quality=92, **WAYS[way])
    at = int(place * len(whole))
    assert read(tmp_path, whole).damage is None
    assert read(tmp_path, whole[:at] + whole[at + 20_000 :]).damage is not None
    if way.startswith("restarts"):
        assert read(tmp_path, whole[:at] + bytes(5000) + whole[at + 5000 :]).damage is ImageDamage.INCOMPLETE


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("size", [(17, 600), (333, 77), (600, 600), (16, 16)])
def test_a_jpeg_that_is_whole_is_not_called_incomplete(
    tmp_path: Path, way: str, mode: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ImageFile, "MAXBLOCK", 1 << 22)
    for quality, subsampling in ((20, 2), (75, 0), (95, 1)):
        for picture in (SCENE, Image.new("RGB", (9, 9), "black")):
            image = picture.resize(size).convert(mode)
            data = saved(image, "JPEG", quality=quality, subsampling=subsampling, optimize=True, **WAYS[way])
            assert read(tmp_path, data).damage is None


def with_chunks(*chunks: bytes) -> bytes:
    return PNG[:33] + b"".join(chunks) + PNG[33:]


@pytest.mark.parametrize(
    "chunk",
    [
        png_chunk(b"tEXt", b"Software\0Ours")[:-1] + b"?",
        png_chunk(b"iCCP", b"name\0\0nothing")[:-1] + b"?",
        png_chunk(b"tRNS", b"\0")[:-1] + b"?",
        png_chunk(b"gAMA", b"\0"),
        png_chunk(b"pHYs", b"\0"),
        png_chunk(b"fcTL", b"\0"),
    ],
    ids=lambda chunk: chunk[4:8].decode(),
)
def test_damage_beside_the_picture_of_a_png_harms_nobody(tmp_path: Path, chunk: bytes) -> None:
    facts = read(tmp_path, with_chunks(chunk), "artwork.png")
    assert (facts.damage, facts.mode, facts.codes) == (None, "RGB", ())


def test_a_damaged_header_of_a_png_is_unreadable(tmp_path: Path) -> None:
    broken = PNG[:29] + bytes([PNG[29] ^ 1]) + PNG[30:]
    assert read(tmp_path, broken, "artwork.png").damage is ImageDamage.UNREADABLE


def test_profile_orientation_and_transparency_of_a_png_are_read_between_other_chunks(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 8
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = saved(SCENE, "PNG", exif=exif, icc_profile=profile, transparency=(1, 2, 3), dpi=(300, 300))
    facts = read(tmp_path, data[:33] + png_chunk(b"gAMA", b"\0") + data[33:], "artwork.png")
    assert (facts.orientation, facts.icc_space, facts.is_transparent) == (8, "RGB", True)


@pytest.mark.parametrize(("scans", "is_bomb"), [(18, False), (22, True)])
def test_a_large_picture_may_have_fewer_scans(tmp_path: Path, scans: int, is_bomb: bool) -> None:
    path, at = tmp_path / "artwork.jpg", PROGRESSIVE.index(b"\xff\xc2") + 5
    head = PROGRESSIVE[:at] + struct.pack(">HH", 12_000, 12_000) + PROGRESSIVE[at + 4 : -2]
    path.write_bytes(head + SCAN * (scans - PROGRESSIVE.count(b"\xff\xda")) + b"\xff\xd9")
    assert walk_image(path.read_bytes()).is_bomb is is_bomb


def test_a_good_jpeg_is_described_whole(tmp_path: Path) -> None:
    facts = read(tmp_path, JPEG, "Artwork.JPG")
    assert (facts.file, facts.size, facts.suffix, facts.format) == ("Artwork.JPG", len(JPEG), ".jpg", "JPEG")
    assert (facts.width, facts.height, facts.mode, facts.depth) == (600, 600, "RGB", 8)
    assert (facts.damage, facts.trailing_bytes, facts.orientation, facts.icc_space) == (None, 0, None, None)
    assert not (facts.is_transparent or facts.has_icc or facts.is_progressive or facts.is_animated or facts.is_mpo)
    assert (facts.border, facts.is_plain) == (None, False)


def test_a_good_png_is_described(tmp_path: Path) -> None:
    facts = read(tmp_path, PNG, "artwork.png")
    assert (facts.format, facts.width, facts.mode, facts.depth, facts.damage) == ("PNG", 600, "RGB", 8, None)


DAMAGED: dict[str, tuple[bytes, str, ImageDamage | None, int]] = {
    "empty": (b"", "other", ImageDamage.ZERO_LENGTH, 0),
    "half a JPEG": (JPEG[: len(JPEG) // 2], "JPEG", ImageDamage.TRUNCATED, 0),
    "a JPEG without its last byte": (JPEG[:-1], "JPEG", ImageDamage.TRUNCATED, 0),
    "a JPEG's first bytes": (JPEG[:20], "JPEG", ImageDamage.TRUNCATED, 0),
    "a JPEG of 65 scans": (PROGRESSIVE[:-2] + SCAN * 65 + b"\xff\xd9", "JPEG", ImageDamage.UNREADABLE, 0),
    "half a JPEG with its end": (JPEG[: len(JPEG) // 2] + JPEG[-2:], "JPEG", ImageDamage.INCOMPLETE, 0),
    "a JPEG of 0xFF": (JPEG[:2] + b"\xff" * 100_000 + JPEG[2:], "JPEG", ImageDamage.UNREADABLE, 0),
    "a PNG of profiles": (PNG[:33] + PROFILE * 2 + PNG[33:], "PNG", None, 0),
    "half a PNG": (PNG[: len(PNG) // 2], "PNG", ImageDamage.TRUNCATED, 0),
    "a PNG without IEND": (PNG[:-12], "PNG", ImageDamage.TRUNCATED, 0),
    "a PNG with a wrong CRC": (PNG[:5000] + bytes([PNG[5000] ^ 1]) + PNG[5001:], "PNG", ImageDamage.UNREADABLE, 0),
    "a JPEG of markers only": (b"\xff\xd8\xff\xd9", "JPEG", ImageDamage.UNREADABLE, 0),
    "a PNG of a header only": (png_header(9, 9) + png_chunk(b"IEND", b""), "PNG", ImageDamage.UNREADABLE, 0),
    "bytes behind a JPEG": (JPEG + b"PK\x03\x04 hidden", "JPEG", ImageDamage.TRAILING_BYTES, 11),
    "bytes behind a PNG": (PNG + bytes(100), "PNG", ImageDamage.TRAILING_BYTES, 100),
    "a bomb": (png_header(50000, 50000) + bytes(99), "PNG", ImageDamage.TOO_MANY_PIXELS, 0),
    "an absurd size": (png_header(2**31 - 1, 2**31 - 1) + bytes(99), "PNG", ImageDamage.TOO_MANY_PIXELS, 0),
    "a page": (b"<!DOCTYPE html><html></html>", "HTML", None, 0),
    "a drawing": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG", None, 0),
    "zeros": (bytes(999), "other", None, 0),
    "noise": (np.random.default_rng(5).bytes(999), "other", None, 0),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_broken_picture_is_told_by_its_damage(tmp_path: Path, name: str) -> None:
    data, kind, damage, trailing = DAMAGED[name]
    facts = read(tmp_path, data)
    assert (facts.format, facts.damage, facts.trailing_bytes) == (kind, damage, trailing)


@pytest.mark.parametrize("name", DAMAGED)
def test_a_cut_picture_is_not_whole(tmp_path: Path, name: str) -> None:
    data, _, damage, _ = DAMAGED[name]
    path = tmp_path / "artwork.jpg"
    path.write_bytes(data)
    cut = damage in (ImageDamage.TRUNCATED, ImageDamage.ZERO_LENGTH, ImageDamage.TOO_MANY_PIXELS)
    assert is_whole(path) is not cut


@pytest.mark.parametrize("picture", [PNG, JPEG], ids=["png", "jpeg"])
def test_a_picture_cut_anywhere_in_its_header_is_truncated(tmp_path: Path, picture: bytes) -> None:
    found = [read(tmp_path, picture[:length]).damage for length in range(8, 64)]
    assert found == [ImageDamage.TRUNCATED] * len(found)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "TIFF", "BMP"])
def test_other_formats_are_named_by_their_content(tmp_path: Path, kind: str) -> None:
    facts = read(tmp_path, saved(SCENE.convert("P") if kind == "GIF" else SCENE, kind))
    assert (facts.format.upper(), facts.damage, facts.mode) == (kind, None, None)


FORMATS = {
    "cover.psd": (b"8BPS\0\x01" + bytes(99), "PSD"),
    "cover.jxl": (b"\xff\x0a" + bytes(99), "JPEG XL"),
    "boxed.jxl": (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(99), "JPEG XL"),
    "cover.jp2": (b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(99), "JPEG 2000"),
    "cover.svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
    "cover.ico": (b"\0\0\x01\0\x01\0" + bytes(99), "ICO"),
    "cover.eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n", "EPS"),
    "cover.tga": (b"\0\0\x02" + bytes(99), "other"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_pictures_of_any_kind_are_pictures_and_named(tmp_path: Path, name: str) -> None:
    data, kind = FORMATS[name]
    facts = read(tmp_path, data, name)
    assert (kind_of(name), facts.format, facts.damage) == (FileKind.IMAGE, kind, None)


def test_the_pixel_limit_is_the_callers(tmp_path: Path) -> None:
    assert read(tmp_path, JPEG, max_pixels=600 * 600).damage is None
    assert read(tmp_path, JPEG, max_pixels=600 * 600 - 1).damage is ImageDamage.TOO_MANY_PIXELS


@pytest.mark.parametrize("mode", ["CMYK", "L", "RGB"])
def test_the_mode_of_a_jpeg_is_told(tmp_path: Path, mode: str) -> None:
    assert read(tmp_path, saved(SCENE.convert(mode), "JPEG")).mode == mode


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "1", "L"])
def test_the_mode_of_a_png_is_told(tmp_path: Path, mode: str) -> None:
    facts = read(tmp_path, saved(SCENE.convert(mode), "PNG"), "artwork.png")
    assert (facts.mode, facts.is_transparent, facts.damage) == (mode, False, None)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_one_pixel_that_is_not_opaque_makes_a_picture_transparent(tmp_path: Path, mode: str) -> None:
    image = SCENE.convert(mode)
    image.putpixel((300, 7), (1, 2, 3, 254) if mode == "RGBA" else (1, 254))
    facts = read(tmp_path, saved(image, "PNG"), "artwork.png")
    assert (facts.mode, facts.is_transparent, facts.damage) == (mode, True, None)


def test_a_progressive_cmyk_that_no_memory_holds_is_described_by_its_header(tmp_path: Path) -> None:
    data = saved(SCENE.convert("CMYK"), "JPEG", progressive=True)
    at = data.index(b"\xff\xc2") + 5
    facts = read(tmp_path, data[:at] + struct.pack(">HH", 12_000, 12_000) + data[at + 4 :])
    assert (facts.mode, facts.width, facts.height, facts.damage) == ("CMYK", 12_000, 12_000, None)


@pytest.mark.parametrize("mode", ["CMYK", "L", "RGB"])
def test_the_mode_of_a_jpeg_that_is_cut_short_is_told(tmp_path: Path, mode: str) -> None:
    facts = read(tmp_path, saved(SCENE.convert(mode), "JPEG")[:-5000])
    assert (facts.mode, facts.damage) == (mode, ImageDamage.TRUNCATED)


def test_a_transparent_colour_is_alpha(tmp_path: Path) -> None:
    assert read(tmp_path, saved(SCENE, "PNG", transparency=(0, 0, 0)), "artwork.png").is_transparent


def test_sixteen_bits_are_told_from_the_header(tmp_path: Path) -> None:
    rows = b"".join(b"\0" + np.full(6 * 8, 77, np.uint8).tobytes() for _ in range(8))
    data = png_header(8, 8, 16) + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b"")
    facts = read(tmp_path, data, "artwork.png")
    assert (facts.mode, facts.depth, facts.damage) == ("RGB", 16, None)


def test_progressive_profile_and_orientation_are_told(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    facts = read(tmp_path, saved(SCENE, "JPEG", progressive=True, exif=exif, icc_profile=profile))
    assert (facts.is_progressive, facts.orientation) == (True, 6)
    assert (facts.has_icc, facts.icc_space) == (True, "RGB")


def test_a_thumbnail_inside_does_not_end_the_picture(tmp_path: Path) -> None:
    thumbnail = saved(SCENE.resize((60, 60)), "JPEG")
    segment = b"\xff\xe1" + struct.pack(">H", len(thumbnail) + 2) + thumbnail
    whole = JPEG[:2] + segment + JPEG[2:]
    assert read(tmp_path, whole).damage is None
    assert read(tmp_path, whole[:-500]).damage is ImageDamage.TRUNCATED


def test_an_animated_png_and_an_mpo_are_told(tmp_path: Path) -> None:
    frames = [SCENE.resize((64, 64)), SCENE.rotate(90).resize((64, 64))]
    moving = read(tmp_path, saved(frames[0], "PNG", save_all=True, append_images=frames[1:]), "artwork.png")
    assert (moving.is_animated, moving.damage) == (True, None)
    double = read(tmp_path, saved(frames[0], "MPO", save_all=True, append_images=frames[1:]))
    assert (double.is_mpo, double.format, double.damage) == (True, "JPEG", None)


def looks_enlarged(facts: ArtworkFacts) -> bool:
    assert facts.upscale
    return facts.upscale["hf"] < -31 or facts.upscale["psnr"] > 53 or facts.upscale["pix"] > 0


def test_enlarged_and_blurred_pictures_measure_apart_from_native_ones(tmp_path: Path) -> None:
    small = scene(400)
    native = read(tmp_path, saved(scene(1200), "JPEG", quality=92))
    assert not looks_enlarged(native)
    lanczos = small.resize((1200, 1200), Image.Resampling.LANCZOS)
    assert looks_enlarged(read(tmp_path, saved(lanczos, "JPEG", quality=92)))
    blurred = scene(1200).filter(ImageFilter.GaussianBlur(2))
    assert looks_enlarged(read(tmp_path, saved(blurred, "JPEG", quality=92)))
    squares = read(tmp_path, saved(small.resize((1200, 1200), Image.Resampling.NEAREST), "PNG"))
    assert squares.upscale["pix"] == 3


@pytest.mark.parametrize("side", [600, 500, 480, 400, 375, 300, 240, 150, 100, 60])
def test_squares_of_any_side_are_found_under_jpeg_too(tmp_path: Path, side: int) -> None:
    squares = scene(side).resize((1200, 1200), Image.Resampling.NEAREST)
    assert read(tmp_path, saved(squares, "JPEG", quality=92)).upscale["pix"] == pytest.approx(1200 / side, rel=0.01)


@pytest.mark.parametrize("quality", [10, 20, 30, 50, 75])
def test_a_native_picture_is_not_taken_for_squares_however_it_is_compressed(tmp_path: Path, quality: int) -> None:
    assert read(tmp_path, saved(scene(1200), "JPEG", quality=quality)).upscale["pix"] == 0


def test_flat_shapes_with_sharp_edges_are_not_judged(tmp_path: Path) -> None:
    poster = Image.new("RGB", (1200, 1200), (240, 230, 210))
    for left in range(0, 1000, 300):
        poster.paste((left // 5, 40, 90), (left, left, left + 250, left + 400))
    assert read(tmp_path, saved(poster, "JPEG", quality=92)).upscale == {}


def test_what_a_code_says_is_told_once(tmp_path: Path) -> None:
    image = scene(1200)
    for text, place in (("https://shop.example/anna", (40, 40)), ("https://shop.example/anna", (40, 700))):
        code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
        image.paste(Image.fromarray(np.array(zxingcpp.write_barcode_to_image(code, scale=8))).convert("RGB"), place)
    assert read(tmp_path, saved(image, "JPEG")).codes == ("https://shop.example/anna",)
    assert read(tmp_path, JPEG).codes == ()


def test_without_the_extra_no_code_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.readers.codes._READER", None)
    code = zxingcpp.create_barcode("5034567890120", zxingcpp.BarcodeFormat.EAN13)
    barcode = Image.fromarray(np.array(zxingcpp.write_barcode_to_image(code, scale=6))).convert("RGB")
    assert read(tmp_path, saved(barcode, "PNG"), "artwork.png").codes == ()
    monkeypatch.undo()
    assert read(tmp_path, saved(barcode, "PNG"), "artwork.png").codes == ("5034567890120",)


def test_sixteen_bits_of_grey_are_told(tmp_path: Path) -> None:
    grey = Image.fromarray(np.arange(64 * 64, dtype=np.uint16).reshape(64, 64) * 16)
    facts = read(tmp_path, saved(grey, "PNG"), "artwork.png")
    assert (facts.mode, facts.depth, facts.damage) == ("I;16", 16, None)


def test_flat_art_has_too_little_detail_to_tell(tmp_path: Path) -> None:
    flat = Image.new("RGB", (800, 800), (200, 30, 40))
    flat.paste((10, 10, 10), (200, 200, 600, 600))
    facts = read(tmp_path, saved(flat, "PNG"), "artwork.png")
    assert (facts.upscale, facts.is_plain, facts.border) == ({}, False, None)


def test_bars_at_two_edges_are_measured(tmp_path: Path) -> None:
    boxed = Image.new("RGB", (600, 600))
    boxed.paste(SCENE.resize((600, 400)), (0, 100))
    assert read(tmp_path, saved(boxed, "JPEG", quality=92)).border == pytest.approx(1 / 3, abs=0.02)
    framed = Image.new("RGB", (600, 600), "white")
    framed.paste(SCENE.resize((400, 400)), (100, 100))
    assert read(tmp_path, saved(framed, "JPEG", quality=92)).border is None


@pytest.mark.parametrize("tone", ["black", "white", "#336699"])
def test_an_empty_picture_is_plain(tmp_path: Path, tone: str) -> None:
    facts = read(tmp_path, saved(Image.new("RGB", (600, 600), tone), "JPEG"))
    assert (facts.is_plain, facts.plain_share, facts.border) == (True, 1.0, None)
