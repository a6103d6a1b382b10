"""Pixels of any colour space -> sRGB of 8 bits, opaque, the right way up."""

from __future__ import annotations

import io
from functools import cache
from typing import Any, Final

import numpy as np
from PIL import Image, ImageChops, ImageCms, ImageOps

from ingest.readers.artwork import orientation_of
from ingest.readers.conversion.answers import Refused

UPRIGHT: Final = (None, 1)
"""Orientations that turn nothing; None stands for none, and for Exif data that are broken."""
_STEPS: Final = 17
_ALIKE: Final = 2
"""Of 255: two roundings make as much between profiles that mean the same."""
_INPUTS: Final = {"RGB": "RGB", "CMYK": "CMYK", "GRAY": "L"}
"""The mode of the pixels that a profile of this space speaks of."""


def to_srgb(image: Image.Image) -> Image.Image:
    """The picture in mode RGB, turned as its Exif data says, transparent places white.

    Raises Refused, and what Pillow raises for broken data.
    """
    profile = image.info.get("icc_profile")
    image.load()
    if orientation_of(image) not in UPRIGHT:
        ImageOps.exif_transpose(image, in_place=True)
    see_through = _see_through(image)
    flat = _without_alpha(image)
    made = _in_srgb(flat, profile) if isinstance(profile, bytes) and profile else _rgb(flat)
    if see_through is not None:
        made.paste("white", mask=see_through)
    return made


def _rgb(image: Image.Image) -> Image.Image:
    """Without the copy that `convert` makes of a picture that is in this mode: the largest leave no room for it."""
    return image if image.mode == "RGB" else image.convert("RGB")


def _see_through(image: Image.Image) -> Image.Image | None:
    """How transparent each pixel is; None for a picture in which nothing can be."""
    if not image.has_transparency_data:
        return None
    return ImageChops.invert((image if "A" in image.getbands() else image.convert("RGBA")).getchannel("A"))


def is_srgb(profile: bytes) -> bool:
    """Whether pixels look the same with this profile as without it: all colours of a grid come out as they were."""
    steps = np.linspace(0, 255, _STEPS).astype(np.uint8)
    grid = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(_STEPS, _STEPS * _STEPS, 3)
    try:
        seen = np.asarray(_in_srgb(Image.fromarray(grid), profile), np.int16)
    except Refused:
        return False
    return bool(np.abs(seen - grid).max() <= _ALIKE)


def _without_alpha(image: Image.Image) -> Image.Image:
    """In one of the modes RGB, CMYK and L, of 8 bits. Raises Refused for any other kind of colours."""
    if image.mode in ("RGB", "CMYK", "L"):
        return image
    if image.mode.startswith("I"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.mode in ("1", "LA", "La"):
        return image.convert("L")
    if image.mode in ("P", "PA", "RGBA", "RGBa", "RGBX", "YCbCr"):
        return image.convert("RGB")
    raise Refused(f"its colours ({image.mode}) cannot be made into sRGB")


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """A profile that is not of these pixels' colours is passed over, as viewers do; a broken one too."""
    try:
        found = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = _INPUTS.get(str(found.profile.xcolor_space).strip())
        if space == "L" and image.mode == "RGB":
            image = image.convert("L")
        if space != image.mode:
            return image.convert("RGB")
        made: Any = ImageCms.profileToProfile(
            image,
            found,
            _srgb(),
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            "RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image.convert("RGB")
    return made if isinstance(made, Image.Image) else image.convert("RGB")


@cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
