"""ART: properties of a cover that stores or viewers handle badly, and signs of poor quality. Never errors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ingest.core.dossier import Policy
from ingest.core.facts import ArtworkFacts, ImageDamage
from ingest.core.finding import Fault, Severity, fault
from ingest.rules.artwork.image import FORMATS, GREY_MODES, OWN, PALETTE_MODES, artwork
from ingest.rules.units import listed, spell

WARNING: Final = Severity.WARNING
STORES: Final = "Spotify, Building a package"
MIN_DETAIL: Final = -33.0
MAX_LANCZOS_PSNR: Final = 53.0
MAX_BORDER: Final = 0.05
WIDE_SPACES: Final = ("Adobe RGB", "ProPhoto RGB", "Display P3", "Rec. 2020")


@artwork.rule(
    "ART-011",
    WARNING,
    text="{file} is saved turned or mirrored, with a note on how to show it (EXIF orientation {found}). Some stores"
    " ignore that note.",
    fix="Open the artwork, turn it upright, and export it again without EXIF data.",
    source=STORES,
)
def turned(image: ArtworkFacts, _: Policy) -> Iterator[Fault]:
    """Embedded orientation is not supported by stores."""
    if image.orientation not in (None, 0, 1):
        yield fault(image.file, found=image.orientation, expected="1")


@artwork.rule(
    "ART-012",
    WARNING,
    text="{file} is transparent in places. Stores fill those with black or white.",
    fix="Flatten the artwork onto a background and export it again without transparency.",
    source=STORES,
)
def transparent(image: ArtworkFacts, _: Policy) -> Iterator[Fault]:
    """A cover is shown on backgrounds that nobody can foresee."""
    if image.is_transparent:
        yield fault(image.file, found=image.mode, expected="RGB")


@artwork.rule(
    "ART-013",
    WARNING,
    text="{file} has {found} bits per colour. Stores expect {expected}.",
    fix="Export the artwork again with 8 bits per channel.",
    source=STORES,
)
def deep_colour(image: ArtworkFacts, _: Policy) -> Iterator[Fault]:
    """Stores take 24-bit pictures: three colours of 8 bits."""
    if image.depth is not None and image.depth > 8 and image.damage is not ImageDamage.UNREADABLE:
        yield fault(image.file, found=image.depth, expected="8")


@artwork.rule(
    "ART-014",
    WARNING,
    text="{file} is an animated picture. Stores show its first frame only, or refuse it.",
    fix="Export a still picture.",
    source=OWN,
)
def animated(image: ArtworkFacts, _: Policy) -> Iterator[Fault]:
    """Moving covers are delivered to stores in other ways."""
    if image.is_animated and not image.is_mpo:
        yield fault(image.file)


@artwork.rule(
    "ART-015",
    Severity.INFO,
    text="{file} is a progressive JPEG. A few stores take baseline JPEG only.",
    fix="Export the artwork as baseline JPEG next time. Nothing needs to be done now.",
    source=OWN,
)
def progressive(image: ArtworkFacts, _: Policy) -> Iterator[Fault]:
    """Progressive files make some old tools stumble."""
    if image.is_progressive and image.format == "JPEG":
        yield fault(image.file)


@artwork.rule(
    "ART-016",
    WARNING,
    text="{file} holds several pictures in one file (MPO), as some cameras and phones write them.",
    fix="Open the artwork and export it again as one ordinary JPEG.",
    source=OWN,
)
def several_pictures(image: ArtworkFacts, _: Policy) -> Iterator[Fault]:
    """Nobody can tell which of the pictures a store will show."""
    if image.is_mpo:
        yield fault(image.file, found="MPO", expected="JPEG")


@artwork.rule(
    "ART-017",
    WARNING,
    text="{file} is saved as {found}. Cover artwork should be saved as RGB, even if the picture is grey.",
    fix="Convert the artwork to RGB in your image program and export it again.",
)
def grey_or_palette(image: ArtworkFacts, _: Policy) -> Iterator[Fault]:
    """Some stores refuse greyscale and indexed files however good they look."""
    if image.format not in FORMATS:
        return
    if image.mode in GREY_MODES:
        yield fault(image.file, found="greyscale", expected="RGB")
    elif image.mode in PALETTE_MODES:
        yield fault(image.file, found="indexed colour", expected="RGB")


@artwork.rule(
    "ART-018",
    WARNING,
    text="{file} has {found} after the end of the picture.",
    fix="Open the artwork and export it again.",
    source=OWN,
)
def trailing_bytes(image: ArtworkFacts, _: Policy) -> Iterator[Fault]:
    """Something else is hidden in the file, or a program wrote it badly; some stores refuse it."""
    if image.trailing_bytes and image.format in FORMATS and not image.is_mpo:
        yield fault(image.file, found=spell(image.trailing_bytes, "byte"), expected="0 bytes")


@artwork.rule(
    "ART-019",
    WARNING,
    text="{file} carries a colour profile for {found}. Its picture is RGB.",
    fix="Convert the artwork to sRGB in your image program and export it again.",
    source=STORES,
)
def foreign_profile(image: ArtworkFacts, _: Policy) -> Iterator[Fault]:
    """A profile that does not fit the picture gives wrong colours."""
    space = (image.icc_space or "").strip()
    if space not in ("", "RGB", *WIDE_SPACES) and image.mode in ("RGB", "RGBA"):
        named = space if space.isascii() and space.isalnum() else "a colour space that we do not know"
        yield fault(image.file, found=named, expected="RGB")


@artwork.rule(
    "ART-026",
    WARNING,
    text="{file} is in the colours of {found}. Cover artwork should be in sRGB.",
    fix="Convert the artwork to sRGB in your image program, check the colours, and export it again. In Photoshop:"
    " Edit > Convert to Profile > sRGB.",
    source=STORES,
)
def wide_colours(image: ArtworkFacts, _: Policy) -> Iterator[Fault]:
    """Where the profile is not used the picture is shown in sRGB, and its colours come out dull."""
    if image.icc_space in WIDE_SPACES and image.mode in ("RGB", "RGBA"):
        yield fault(image.file, found=image.icc_space, expected="sRGB")


@artwork.rule(
    "ART-020",
    Severity.INFO,
    text="{file} is almost empty: {found} of it is one plain colour.",
    fix="Check that the right picture was exported. Nothing needs to be done if the cover is meant to be plain.",
    source=OWN,
)
def plain_picture(image: ArtworkFacts, _: Policy) -> Iterator[Fault]:
    """A hidden layer in the image program gives an empty export; many a fine cover is almost empty too."""
    if image.is_plain:
        yield fault(image.file, found=f"{image.plain_share * 100:.3g} %")


@artwork.rule(
    "ART-021",
    WARNING,
    text="{file} has plain borders that take {found} of its width or height, like a smaller picture with bars.",
    fix="Export the artwork so that the picture itself fills the whole square. Nothing needs to be done if the bars are"
    " intended.",
    source=OWN,
)
def bordered(image: ArtworkFacts, _: Policy) -> Iterator[Fault]:
    """Bars around a picture that is not square are a common reason for rejection."""
    if image.border is not None and image.border > MAX_BORDER and not image.is_plain:
        yield fault(image.file, found=f"{image.border * 100:.0f} %")


@artwork.rule(
    "ART-022",
    WARNING,
    text="{file} looks blurred or enlarged from a smaller picture: {found}.",
    fix="Export the artwork from its original at full size. Nothing needs to be done if it is soft on purpose.",
    source="Guide, Artwork Requirements, Content rules",
)
def enlarged(image: ArtworkFacts, _: Policy) -> Iterator[Fault]:
    """Covers must not be pixelated, blurry or stretched; enlarging adds pixels and no detail."""
    signs = list(_signs_of_enlarging(image))
    if signs and not image.is_plain:
        yield fault(image.file, found=" and ".join(signs))


@artwork.rule(
    "ART-023",
    WARNING,
    text="{file} shows a QR code or barcode: {found}.",
    fix="Remove the code from the artwork.",
    source="Guide, Artwork Requirements, Content rules",
)
def coded(image: ArtworkFacts, _: Policy) -> Iterator[Fault]:
    """Covers may not lead to web addresses or other shops."""
    if image.codes:
        yield fault(image.file, found=listed(list(image.codes), 3))


def _signs_of_enlarging(image: ArtworkFacts) -> Iterator[str]:
    detail, halved = image.upscale.get("hf", 0.0), image.upscale.get("psnr", 0.0)
    if side := image.upscale.get("pix", 0.0):
        about = "" if side == round(side) else "about "
        yield f"it is made of squares of {about}{side:g} × {side:g} pixels"
    if detail < MIN_DETAIL:
        yield f"its finest detail is {-detail:.0f} dB under the coarse (usual: {-MIN_DETAIL:.0f} at most)"
    if halved > MAX_LANCZOS_PSNR:
        yield f"it loses nothing at half its size ({halved:.0f} dB)"
