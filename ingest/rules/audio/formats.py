"""AUD: the master files, against the guide's "Audio File Requirements"."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from ingest.core.dossier import Policy
from ingest.core.facts import Container, Damage
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Severity, fault
from ingest.rules.rule import Family
from ingest.rules.subjects import ACCEPTED, LOSSLESS_CODECS, Master, hides_sound, masters, playable
from ingest.rules.units import an, clock, kilohertz

OWN: Final = "Checked for QC; not in the guide"
SOURCE: Final = "Guide, Audio File Requirements"

files = Family[Master]("AUD", "Audio", masters, source=SOURCE, ddex=FileStatus.RESOURCE_OUT_OF_SPECIFICATION)
sets = Family[tuple[Master, ...]](
    "AUD",
    "Audio",
    lambda dossier: (tuple(playable(dossier)),),
    source=SOURCE,
    ddex=FileStatus.RESOURCE_OUT_OF_SPECIFICATION,
)
headers = Family[Master]("AUD", "Audio", playable, source=SOURCE, ddex=FileStatus.RESOURCE_OUT_OF_SPECIFICATION)

LOSSY: Final = frozenset({Container.MP3, Container.MP4, Container.AAC, Container.OGG, Container.WMA})
LOSSLESS: Final = frozenset({"ALAC", "FLAC", "MPEG-4 ALS"})
SUFFIXES: Final = {
    Container.WAV: ("wav", "wave", "bwf"),
    Container.RF64: ("wav", "wave", "bwf", "rf64"),
    Container.BW64: ("wav", "wave", "bwf", "bw64"),
    Container.AIFF: ("aif", "aiff"),
    Container.AIFC: ("aif", "aiff", "aifc"),
    Container.FLAC: ("flac",),
}


@files.rule(
    "AUD-001",
    Severity.ERROR,
    text="{file} is {found} audio. Only WAV, FLAC and AIFF are accepted.",
    fix="Export the track from your master as WAV, FLAC or AIFF. Converting the {found} file is not enough.",
)
def lossy_format(master: Master, _: Policy) -> Iterator[Fault]:
    """Lossy files have lost sound for good, and stores encode every file once more."""
    if _is_lossy(master):
        yield master.fault(found=_name(master), expected="WAV, FLAC or AIFF")


@files.rule(
    "AUD-002",
    Severity.ERROR,
    text="{file} holds {found}. Only WAV, FLAC and AIFF are accepted.",
    fix="Export the track again as WAV, FLAC or AIFF.",
)
def unknown_format(master: Master, _: Policy) -> Iterator[Fault]:
    """Stores take no other formats, lossless or not."""
    container = master.facts.container
    if container not in ACCEPTED and not _is_lossy(master) and container is not Container.EMPTY:
        known = f"{_name(master)} audio"
        if container is Container.OTHER:
            codec = master.facts.codec
            known = "no audio format that we know" if codec is None else f"{an(codec)} file"
        yield master.fault(found=known, expected="WAV, FLAC or AIFF")


@files.rule(
    "AUD-003",
    Severity.ERROR,
    text="{file} is {a_container} file, but the sound in it is compressed ({found}). It must be uncompressed PCM.",
    fix="Export the track from your master as uncompressed PCM, 16 or 24 bit.",
)
def compressed_inside(master: Master, _: Policy) -> Iterator[Fault]:
    """WAV and AIFF are wrappers: MP3 or ADPCM inside one sounds no better than outside."""
    facts = master.facts
    believed = not any(damage.kind is Damage.BAD_HEADER for damage in facts.damages)
    if facts.container in ACCEPTED and facts.codec is not None and facts.codec not in LOSSLESS_CODECS and believed:
        yield master.fault(found=facts.codec, expected="PCM", a_container=an(facts.container.value))


@files.rule(
    "AUD-007",
    Severity.WARNING,
    text="{file} is {a_container} file by its content; its name says otherwise.",
    fix="Rename the file to end in {expected}, and write the same name in the XML.",
)
def misleading_suffix(master: Master, _: Policy) -> Iterator[Fault]:
    """Programs down the line choose their decoder by the name."""
    suffixes = SUFFIXES.get(master.facts.container)
    if suffixes and master.facts.suffix.lower().lstrip(".") not in suffixes:
        container, suffix = master.facts.container.value, master.facts.suffix.lstrip(".")
        named = f".{suffix}" if suffix else "no ending"
        yield master.fault(found=named, expected=f".{suffixes[0]}", a_container=an(container))


@headers.rule(
    "AUD-010",
    Severity.ERROR,
    text="{file} has a sample rate of {found}. It must be {expected}.",
    fix="Export the track again at 44.1 kHz or 48 kHz from the original session.",
)
def sample_rate(master: Master, policy: Policy) -> Iterator[Fault]:
    """Stores encode from 44.1 or 48 kHz; other rates would be converted by somebody else's choice of converter."""
    rate = master.facts.sample_rate
    if rate is not None and rate not in policy.sample_rates:
        accepted = " or ".join(kilohertz(one) for one in policy.sample_rates)
        yield master.fault(found=kilohertz(rate), expected=accepted)


@headers.rule(
    "AUD-011",
    Severity.ERROR,
    text="{file} has {found}. It must have at least {expected}.",
    fix="Export the track again at 24 bit (or 16) from the original session.",
)
def too_few_bits(master: Master, policy: Policy) -> Iterator[Fault]:
    """Under 16 bit the noise can be heard."""
    bits = master.facts.bits
    if bits is not None and bits < policy.min_bits:
        yield master.fault(found=f"{bits} bit", expected=f"{policy.min_bits} bit")


@sets.rule(
    "AUD-012",
    Severity.INFO,
    text="{names} {verb} {found}, which is accepted. {expected} is preferred.",
    fix="Send 24-bit masters next time, if your master has them. Nothing needs to be done now.",
)
def preferred_bits(all_masters: tuple[Master, ...], policy: Policy) -> Iterator[Fault]:
    """Stores that sell high-resolution sound take it from 24-bit masters only. Told once for all tracks."""
    found = [one for one in all_masters if _is_accepted_only(one.facts.bits, policy)]
    if len(found) == 1:
        yield _preferred(found[0].fault(), found[0].facts.file, "has", found, policy)
    elif found:
        yield _preferred(fault(None), f"{len(found)} audio files", "have", found, policy)


def _is_accepted_only(bits: int | None, policy: Policy) -> bool:
    return bits is not None and policy.min_bits <= bits < policy.preferred_bits


def _preferred(bare: Fault, names: str, verb: str, found: Sequence[Master], policy: Policy) -> Fault:
    bits = " or ".join(f"{bits} bit" for bits in sorted({one.facts.bits or 0 for one in found}))
    values = {"names": names, "verb": verb}
    return replace(bare, found=bits, expected=f"{policy.preferred_bits} bit", values=values)


@headers.rule(
    "AUD-013",
    Severity.WARNING,
    text="{file} has {found} samples. Stores take 16 or 24 bit.{unheard}",
    fix="Export the track again as 24-bit PCM.",
)
def unusual_samples(master: Master, policy: Policy) -> Iterator[Fault]:
    """Float and 32-bit files are for mixing; most stores refuse them."""
    facts = master.facts
    if facts.measurement is not None and facts.measurement.non_finite:
        return
    if facts.codec == "float":
        yield master.fault(found=f"{facts.bits or 32}-bit float", expected="16 or 24 bit", unheard="")
    elif facts.bits is not None and facts.bits > policy.preferred_bits:
        is_heard = facts.measurement is not None or facts.container is not Container.FLAC
        unheard = "" if is_heard else " Its sound could not be checked."
        yield master.fault(found=f"{facts.bits}-bit", expected="16 or 24 bit", unheard=unheard)


@headers.rule(
    "AUD-014",
    Severity.ERROR,
    text="{file} is {found}. It must be stereo ({expected}).",
    fix="Export the track again as a stereo file with 2 channels.",
)
def channel_count(master: Master, policy: Policy) -> Iterator[Fault]:
    """Stores take stereo here; mono and surround versions are delivered in other ways."""
    channels = master.facts.channels
    if channels is not None and channels != policy.channels:
        found = "mono (1 channel)" if channels == 1 else f"a file with {channels} channels"
        yield master.fault(found=found, expected=f"{policy.channels} channels")


@headers.rule(
    "AUD-015",
    Severity.WARNING,
    text="{file} is only {found} long.",
    fix="Check that the whole track was exported. Nothing needs to be done if it is meant to be this short.",
    source="Stores pay from 30 seconds on",
)
def very_short(master: Master, policy: Policy) -> Iterator[Fault]:
    """Stores count a play from 30 seconds on; shorter tracks earn nothing and look like abuse."""
    duration = master.facts.duration
    other = (Damage.TRUNCATED, Damage.TOTAL_MISMATCH)
    cut = any(damage.kind in other or hides_sound(damage) for damage in master.facts.damages)
    if duration is not None and 0 < duration < policy.min_duration and not cut:
        shown = math.floor(duration) if duration >= 1 else duration  # 29.7 seconds are not 30
        yield master.fault(found=clock(shown), expected=f"{policy.min_duration:g} seconds or more")


@headers.rule(
    "AUD-034",
    Severity.ERROR,
    text="{file} is {found} long. A track may last {expected} at most.",
    fix="Check that the right file was exported; divide a longer recording into several tracks.",
    source=OWN,
)
def very_long(master: Master, policy: Policy) -> Iterator[Fault]:
    """No store takes days of sound as one track; it is a wrong export, or an attempt to keep us busy."""
    duration = master.facts.duration
    if duration is not None and duration > policy.max_duration:
        yield master.fault(found=clock(math.ceil(duration)), expected=clock(policy.max_duration))


def _is_lossy(master: Master) -> bool:
    return master.facts.container in LOSSY and master.facts.codec not in LOSSLESS


def _name(master: Master) -> str:
    """The codec where it is known in a container that can hold several, else the container."""
    container, codec = master.facts.container, master.facts.codec
    if container is Container.OGG and codec:
        return f"Ogg {codec}"
    return codec if container is Container.MP4 and codec else container.value
