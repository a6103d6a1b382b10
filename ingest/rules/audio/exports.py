"""AUD: what happened to the samples before or during the export: depth, clipping, lossy encoding, dropouts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ingest.core.dossier import Policy
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Severity
from ingest.rules.audio.formats import SOURCE
from ingest.rules.audio.loudness import MOST_PLACES, OWN, channel_name
from ingest.rules.rule import Family
from ingest.rules.subjects import Measured, measured
from ingest.rules.units import an, kilohertz, listed, moment, spell

exported = Family[Measured]("AUD", "Audio", measured, source=SOURCE, ddex=FileStatus.RESOURCE_OUT_OF_SPECIFICATION)

MOST_DROPOUTS: Final = 10
"""A failed export has a few dropouts; sound with more than this many stops and starts on purpose."""
LOSSY_EDGE: Final = (9_000.0, 19_900.0)
"""Hz; from 19.9 kHz on the filters of converters cut off the sound of healthy masters."""
LOW_RATE_EDGE: Final = 13_000.0
"""Hz; where recordings of 22.05 or 24 kHz end, and no codec that music is sold in."""
DEPTHS: Final = (8, 12, 16, 20)
"""Bit depths that recordings have; any other measured depth comes from the sound itself, such as a square wave."""


@exported.rule(
    "AUD-030",
    Severity.WARNING,
    text="{file} is {file_type}, but only {found} are used: it was made from a file of fewer bits.",
    fix="Export the track again from the original session at {preferred}{alternative}.",
    source=OWN,
)
def padded_bits(sound: Measured, policy: Policy) -> Iterator[Fault]:
    """A 16-bit master in a 24-bit file is sold as high resolution and is none."""
    used, bits = sound.measurement.effective_bits, sound.facts.bits
    if bits is None or bits > policy.preferred_bits:  # AUD-013 reports these, with another cure
        return
    if used in DEPTHS and used < bits and not sound.measurement.is_silent:
        is_deliverable = used == 16 >= policy.min_bits
        yield sound.master.fault(
            found=f"{used} bit",
            expected=f"{bits} bit",
            file_type=an(f"{bits}-bit file"),
            preferred=f"{policy.preferred_bits} bit",
            alternative=f", or deliver it as the {used}-bit file that it is" if is_deliverable else "",
        )


@exported.rule(
    "AUD-031",
    Severity.WARNING,
    text="{file} sounds as if it had been clipped and turned down afterwards ({found} flattened peaks).",
    fix="Go back to the mix before the clipping, if you have it. Nothing needs to be done if it is meant to sound so.",
    source=OWN,
)
def flat_tops(sound: Measured, policy: Policy) -> Iterator[Fault]:
    """Lowering the level of a clipped mix hides the clipping from the meters and not from the ear."""
    if sound.measurement.flat_tops >= policy.many_flat_tops and not sound.measurement.clipped_runs:
        yield sound.master.fault(found=str(sound.measurement.flat_tops))


@exported.rule(
    "AUD-032",
    Severity.WARNING,
    text="{file} has no sound above {found}: it looks like a copy of {origin}.",
    fix="Export the track from the original session. Nothing needs to be done if no better source exists.",
    source="Guide, Audio File Requirements",
)
def lossy_history(sound: Measured, _: Policy) -> Iterator[Fault]:
    """Lossy encoders and low sample rates cut off the highest frequencies; converting does not bring them back.

    Encoders of high bit rates cut where healthy masters end too, and are not told.
    """
    edge = sound.measurement.cutoff_hz
    if edge is not None and LOSSY_EDGE[0] <= edge < LOSSY_EDGE[1]:
        low_rate = "a recording of a lower sample rate"
        origin = low_rate if edge < LOW_RATE_EDGE else "an MP3 or another lossy file"
        yield sound.master.fault(found=kilohertz(round(edge, -2)), origin=origin)


@exported.rule(
    "AUD-033",
    Severity.ERROR,
    text="{file} holds {found} without a value (NaN or infinite).",
    fix="Export the track again as 24-bit PCM, and look for the plug-in on the master channel that produced them.",
    source=OWN,
)
def no_numbers(sound: Measured, _: Policy) -> Iterator[Fault]:
    """Float files can hold what is no number; programs play it as a crack, as silence, or not at all."""
    if sound.measurement.non_finite:
        yield sound.master.fault(found=spell(sound.measurement.non_finite, "sample"), expected="none")


@exported.rule(
    "AUD-036",
    Severity.WARNING,
    text="{file} drops out {found}: loud sound stops there at once, and starts again.",
    fix="Check whether something is missing there, and export the track again if so. Nothing needs to be done if it is"
    " meant to sound so.",
    source=OWN,
)
def dropout(sound: Measured, policy: Policy) -> Iterator[Fault]:
    """A computer that is too slow while it records or exports leaves holes in the sound.

    Told are holes of 10 to 80 ms of digital silence in sound that is as loud after them as before: stops that music
    makes on purpose are longer, and holes that were faded or dithered afterwards are not seen.
    """
    holes = [span for span in sound.measurement.dropouts if span.end - span.start <= policy.max_inner_silence]
    if 0 < len(holes) <= MOST_DROPOUTS:
        places = [f"at {moment(span.start)} for {span.end - span.start:.2f} seconds" for span in holes]
        yield sound.master.fault(found=listed(places, MOST_PLACES))


@exported.rule(
    "AUD-037",
    Severity.WARNING,
    text="{file} has sound in one channel only from {found} on: the {channel} channel ends {early} seconds early.",
    fix="Check whether something is missing there, and export the track again if so. Nothing needs to be done if it is"
    " meant to sound so.",
    source=OWN,
)
def early_end(sound: Measured, policy: Policy) -> Iterator[Fault]:
    """A channel that stops for good was cut off or muted in the export; on one loudspeaker the song is over."""
    ends = sound.measurement.channel_ends
    if len(ends) != 2 or sound.measurement.silent_channels or sound.measurement.is_silent:
        return
    early = abs(ends[0] - ends[1])
    if early > policy.max_inner_silence:
        channel = channel_name(ends.index(min(ends)))
        yield sound.master.fault(found=moment(min(ends)), channel=channel, early=f"{early:.1f}")
