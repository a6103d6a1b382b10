"""Pixels of any colour space -> sRGB of 8 bits, opaque, the right way up."""

from __future__ import annotations

import io
from functools import cache
from typing import Any, Final

import numpy as np
from PIL import Image, ImageCms, ImageOps

from ingest.readers.conversion.answers import Refused

_STEPS: Final = 17
_ALIKE: Final = 2
"""Of 255: two roundings make as much between profiles that mean the same."""
_INPUTS: Final = {"RGB": "RGB", "CMYK": "CMYK", "GRAY": "L"}
"""The mode of the pixels that a profile of this space speaks of."""


def to_srgb(image: Image.Image) -> Image.Image:
    """The picture in mode RGB, turned as its Exif data says, transparent places white. Raises Refused."""
    profile = image.info.get("icc_profile")
    turned = ImageOps.exif_transpose(image)
    opacity = turned.convert("RGBA").getchannel("A") if turned.has_transparency_data else None
    flat = _without_alpha(turned)
    made = _in_srgb(flat, profile) if isinstance(profile, bytes) and profile else flat.convert("RGB")
    if opacity is None:
        return made
    ground = Image.new("RGB", made.size, "white")
    ground.paste(made, mask=opacity)
    return ground


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
