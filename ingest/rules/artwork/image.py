"""ART: the cover, against the guide's "Artwork Requirements"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ingest.core.dossier import Policy
from ingest.core.facts import ArtworkFacts, ImageDamage
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Severity, fault
from ingest.rules.rule import Family
from ingest.rules.subjects import cover
from ingest.rules.units import an

artwork = Family[ArtworkFacts](
    "ART",
    "Cover artwork",
    cover,
    source="Guide, Artwork Requirements",
    ddex=FileStatus.RESOURCE_OUT_OF_SPECIFICATION,
)

OWN: Final = "Checked for QC; not in the guide"
FORMATS: Final = {"JPEG": ("jpg", "jpeg", "jpe", "jfif"), "PNG": ("png",)}
RGB_MODES: Final = frozenset({"RGB", "RGBA", "RGBX", "RGBa"})
GREY_MODES: Final = frozenset({"1", "L", "LA", "La", "I", "I;16", "I;16B", "F"})
PALETTE_MODES: Final = frozenset({"P", "PA"})
LACKING: Final = {
    ImageDamage.TRUNCATED: "it ends before the picture does",
    ImageDamage.INCOMPLETE: "part of its data is missing or wrong, so that it shows grey or shifted areas",
}
MODE_NAMES: Final = {"YCbCr": "YCbCr", "YCCK": "CMYK", "LAB": "Lab", "HSV": "HSV"}


@artwork.rule(
    "ART-001",
    Severity.ERROR,
    text="{file} is {width} × {height} pixels. Cover artwork must be at least {side} × {side}.",
    fix="Export the artwork again at {side} × {side} pixels. Enlarging the small file does not help.",
)
def too_small(image: ArtworkFacts, policy: Policy) -> Iterator[Fault]:
    """Stores shrink covers for every screen but never enlarge them."""
    if image.width and image.height and min(image.width, image.height) < policy.artwork_min_side:
        yield _sized(image, policy.artwork_min_side)


@artwork.rule(
    "ART-002",
    Severity.ERROR,
    text="{file} is {width} × {height} pixels. Cover artwork must be square.",
    fix="Crop or export the artwork again as a square of at least {side} × {side} pixels; do not stretch it.",
)
def not_square(image: ArtworkFacts, policy: Policy) -> Iterator[Fault]:
    """Every store shows covers as squares."""
    if image.width and image.height and image.width != image.height:
        yield _sized(image, policy.artwork_min_side)


@artwork.rule(
    "ART-003",
    Severity.ERROR,
    text="{file} is {found}. Cover artwork must be a JPEG (.jpg) or PNG (.png) file.",
    fix="Export the artwork again as JPEG or PNG. Renaming the file is not enough.",
)
def wrong_format(image: ArtworkFacts, _: Policy) -> Iterator[Fault]:
    """Stores take covers as JPEG or PNG only."""
    if image.format not in FORMATS and image.damage is not ImageDamage.ZERO_LENGTH:
        known = image.format and image.format.lower() not in ("other", "unknown")
        found = f"{an(image.format)} file" if known else "no picture that we can recognise"
        yield fault(image.file, found=found, expected="JPEG or PNG")


@artwork.rule(
    "ART-004",
    Severity.WARNING,
    text="{file} is a {format} file by its content; its name says otherwise.",
    fix="Rename the file to end in {expected}, and write the same name in the XML if the XML names it.",
)
def misleading_suffix(image: ArtworkFacts, _: Policy) -> Iterator[Fault]:
    """Programs down the line choose their decoder by the name."""
    suffixes = FORMATS.get(image.format)
    if suffixes and image.suffix.lower().lstrip(".") not in suffixes:
        named = f".{image.suffix.lstrip('.')}" if image.suffix else "no ending"
        yield fault(image.file, found=named, expected=f".{suffixes[0]}", format=image.format)


@artwork.rule(
    "ART-005",
    Severity.ERROR,
    text="{file} uses the {found} colour mode. Cover artwork must be RGB.",
    fix="Convert the artwork to RGB (sRGB) in your image program, check the colours, and export it again. In"
    " Photoshop: Image > Mode > RGB Color.",
)
def not_rgb(image: ArtworkFacts, _: Policy) -> Iterator[Fault]:
    """CMYK is for print: on a screen its colours come out wrong."""
    if image.format in FORMATS and image.mode and image.mode not in RGB_MODES | GREY_MODES | PALETTE_MODES:
        yield fault(image.file, found=MODE_NAMES.get(image.mode, image.mode), expected="RGB")


@artwork.rule(
    "ART-006",
    Severity.ERROR,
    text="{file} is {found}. Cover artwork may be at most {expected}.",
    fix="Export the artwork as JPEG with a quality of 90 %: it stays 3000 × 3000 and gets far smaller.",
)
def too_heavy(image: ArtworkFacts, policy: Policy) -> Iterator[Fault]:
    """Stores refuse bigger files."""
    if image.size > policy.artwork_max_bytes:
        yield fault(image.file, found=_megabytes(image.size), expected=_megabytes(policy.artwork_max_bytes))


@artwork.rule(
    "ART-007",
    Severity.ERROR,
    text="{file} cannot be opened as a picture.",
    fix="Export the artwork again, open the new file to check it, and upload it.",
    ddex=FileStatus.RESOURCE_CORRUPT,
)
def unreadable(image: ArtworkFacts, _: Policy) -> Iterator[Fault]:
    """What we cannot open, a store cannot either."""
    if image.damage is ImageDamage.UNREADABLE and image.format in FORMATS:
        yield fault(image.file)


@artwork.rule(
    "ART-008",
    Severity.ERROR,
    text="{file} is not whole: {what}.",
    fix="Open the file on your computer to check it, and export it again if it is damaged there too. Then upload the"
    " release again as a new folder, and wait until your SFTP program shows every transfer as finished.",
    ddex=FileStatus.RESOURCE_CORRUPT,
)
def truncated(image: ArtworkFacts, _: Policy) -> Iterator[Fault]:
    """A transfer that stopped early leaves a picture with a grey bottom, one that went wrong a picture that shifts."""
    if image.damage in LACKING:
        yield fault(image.file, found=f"{image.size} bytes", what=LACKING[image.damage])


@artwork.rule(
    "ART-009",
    Severity.ERROR,
    text="{file} has {found} pixels, too many to be a cover.",
    fix="Export the artwork at 3000 × 3000 pixels.",
)
def too_many_pixels(image: ArtworkFacts, _: Policy) -> Iterator[Fault]:
    """Pictures of this size are refused by the stores, and some are made to choke the programs that open them."""
    if image.damage is ImageDamage.TOO_MANY_PIXELS:
        found = f"{image.width} × {image.height}" if image.width else "far more than 12000 × 12000"
        yield fault(image.file, found=found, expected="3000 × 3000")


@artwork.rule(
    "ART-010",
    Severity.INFO,
    text="{file} is {width} × {height} pixels, which is accepted. Exactly {side} × {side} is recommended.",
    fix="Export covers at {side} × {side} next time. Nothing needs to be done now.",
)
def not_recommended_size(image: ArtworkFacts, policy: Policy) -> Iterator[Fault]:
    """At exactly 3000 × 3000 no store has to resample the cover."""
    side = policy.artwork_recommended_side
    big = image.width is not None and image.width >= policy.artwork_min_side
    if big and image.width == image.height != side and image.damage is not ImageDamage.TOO_MANY_PIXELS:
        yield _sized(image, side)


def _sized(image: ArtworkFacts, side: int) -> Fault:
    return fault(
        image.file,
        found=f"{image.width} × {image.height}",
        expected=f"{side} × {side}",
        width=image.width,
        height=image.height,
        side=side,
    )


def _megabytes(size: int) -> str:
    """Megabytes and bytes: programs that divide by 1,048,576 show a file just over the limit as under it."""
    return f"{size / 1_000_000:.2f}".rstrip("0").rstrip(".") + f" MB ({size:,} bytes)"
