"""AUD: what the samples say: peaks, silence, channels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ingest.core.dossier import Policy
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Severity
from ingest.rules.audio import SOURCE
from ingest.rules.rule import Family
from ingest.rules.subjects import Measured, measured
from ingest.rules.units import an, decibels, kilohertz, listed, moment, over, spell

samples = Family[Measured]("AUD", "Audio", measured, source=SOURCE, ddex=FileStatus.RESOURCE_OUT_OF_SPECIFICATION)

OWN: Final = "Checked for QC; not in the guide"
MOST_PLACES: Final = 5
MOST_DROPOUTS: Final = 10
"""A failed export drops out here and there; what stops and starts all the time is music that is made so."""
LOSSY_EDGE: Final = (13_000.0, 20_600.0)
DEPTHS: Final = (8, 12, 16, 20)
"""Bits a sample in which sound is recorded; other figures come from the sound itself, as a square wave's."""
NOISE: Final = (3.0, -3.0, 0.05)
"""True peak in dBTP and loudness in LUFS over which, and correlation under which, no music was ever mastered."""


@samples.rule(
    "AUD-020",
    Severity.ERROR,
    text="{file} has a true peak of {found}{at}. The most that is accepted is {expected}.",
    fix="Master the track again with the limiter's true-peak ceiling at {expected} or lower.",
)
def true_peak(sound: Measured, policy: Policy) -> Iterator[Fault]:
    """Peaks between the samples distort once a store has encoded the file."""
    peak = sound.measurement.true_peak
    if peak is None or sound.measurement.clipped_runs or _is_noise(sound, policy):
        return
    if round(peak, 1) > policy.max_true_peak:
        at = sound.measurement.true_peak_at
        yield sound.master.fault(
            found=f"{over(peak, policy.max_true_peak)} dBTP",
            expected=f"{policy.max_true_peak:g} dBTP",
            at="" if at is None else f" at {moment(at)}",
        )


@samples.rule(
    "AUD-021",
    Severity.ERROR,
    text="{file} is clipped {times}{at}{peak}. Clipping is not permitted.",
    fix="Master the track again with the limiter's true-peak ceiling at {ceiling} or lower.",
)
def clipping(sound: Measured, policy: Policy) -> Iterator[Fault]:
    """Where several samples in a row stand at full scale, the top of the wave was cut off and can be heard."""
    measurement = sound.measurement
    if measurement.clipped_runs and not _is_noise(sound, policy):
        runs, peak = measurement.clipped_runs, measurement.true_peak
        places = list(dict.fromkeys(moment(at) for at in measurement.clipped_at))[:MOST_PLACES]
        first = "first " if runs > len(places) else ""
        yield sound.master.fault(
            found=spell(runs, "run of full-scale samples", "runs of full-scale samples"),
            expected="none",
            times=spell(runs, "time"),
            ceiling=f"{policy.max_true_peak:g} dBTP",
            at=f", {first}at {listed(places)}" if places else "",
            peak="" if peak is None else f" (true peak {decibels(peak, 'dBTP')})",
        )


@samples.rule(
    "AUD-022",
    Severity.ERROR,
    text="{file} starts with {found} of silence (under {level} dBFS). At most {expected} is accepted.",
    fix="Trim the start of the track to at most {expected} of silence.",
)
def leading_silence(sound: Measured, policy: Policy) -> Iterator[Fault]:
    """Listeners take silence at the start for a track that does not play."""
    yield from _edge(sound, sound.measurement.lead_silence, policy)


@samples.rule(
    "AUD-023",
    Severity.ERROR,
    text="{file} ends with {found} of silence (under {level} dBFS). At most {expected} is accepted.",
    fix="Trim the end of the track, or shorten its fade, to at most {expected} of silence.",
)
def trailing_silence(sound: Measured, policy: Policy) -> Iterator[Fault]:
    """A long silent tail leaves a hole between two tracks."""
    yield from _edge(sound, sound.measurement.trail_silence, policy)


def _edge(sound: Measured, silence: float, policy: Policy) -> Iterator[Fault]:
    """One frame over the limit is still within it."""
    frame = 1 / (sound.facts.sample_rate or 44100)
    if silence > policy.max_edge_silence + frame and not sound.measurement.is_silent:
        limit = policy.max_edge_silence
        yield sound.master.fault(
            found=f"{over(silence, limit)} seconds",
            expected=f"{limit:g} {'second' if limit == 1 else 'seconds'}",
            level=f"{sound.measurement.silence_level:g}",
        )


@samples.rule(
    "AUD-024",
    Severity.ERROR,
    text="{file} is silent from beginning to end: nothing in it is louder than {level} dBFS.",
    fix="Export the track again and listen to the file before you upload it.",
)
def all_silent(sound: Measured, _: Policy) -> Iterator[Fault]:
    """An export with the wrong bus or a muted master gives a file of the right length without sound."""
    if sound.measurement.is_silent and not sound.measurement.non_finite:
        yield sound.master.fault(found="silence", level=f"{sound.measurement.silence_level:g}")


@samples.rule(
    "AUD-025",
    Severity.WARNING,
    text="{file} is silent for more than {expected} in the middle: {found}.",
    fix="Check that the track was exported as it should be. Deliver a hidden track as a track of its own.",
    source=OWN,
)
def inner_silence(sound: Measured, policy: Policy) -> Iterator[Fault]:
    """A long hole inside a track is a failed export, or a hidden track that stores do not accept."""
    long = [span for span in sound.measurement.inner_silences if span.end - span.start > policy.max_inner_silence]
    if long and not sound.measurement.is_silent:
        spans = [f"{moment(span.start)} to {moment(span.end)}" for span in long]
        yield sound.master.fault(found=listed(spans, 5), expected=f"{policy.max_inner_silence:g} seconds")


@samples.rule(
    "AUD-026",
    Severity.WARNING,
    text="{file} has two channels that hold exactly the same sound: it is mono in a stereo file.",
    fix="Check that the stereo mix was exported. Nothing needs to be done if the recording is mono.",
    source=OWN,
)
def dual_mono(sound: Measured, _: Policy) -> Iterator[Fault]:
    """A stereo mix that went through a mono bus has lost its width."""
    if sound.measurement.is_dual_mono and not sound.measurement.is_silent:
        yield sound.master.fault(found="two equal channels", expected="stereo")


@samples.rule(
    "AUD-027",
    Severity.WARNING,
    text="{file} has its right channel inverted against the left: on a mono speaker it is silent.",
    fix="Turn the polarity of one channel and export the track again.",
    source=OWN,
)
def inverted(sound: Measured, _: Policy) -> Iterator[Fault]:
    """Phones and many loudspeakers add the two channels up."""
    if sound.measurement.is_inverted and not sound.measurement.is_silent:
        yield sound.master.fault(found="inverted channels")


@samples.rule(
    "AUD-028",
    Severity.WARNING,
    text="{file} has sound in one channel only: the {found} channel is silent.",
    fix="Check the export: both channels of a stereo track should carry sound.",
    source=OWN,
)
def silent_channel(sound: Measured, _: Policy) -> Iterator[Fault]:
    """One silent channel is nearly always a wrong export."""
    if sound.measurement.silent_channels and not sound.measurement.is_silent:
        names = [_channel(index) for index in sound.measurement.silent_channels]
        yield sound.master.fault(found=listed(names))


@samples.rule(
    "AUD-029",
    Severity.INFO,
    text="{file} is shifted off the zero line by {found} of full scale (DC offset).",
    fix="Apply a high-pass filter or a DC filter before you export the master.",
    source=OWN,
)
def dc_offset(sound: Measured, policy: Policy) -> Iterator[Fault]:
    """An offset costs headroom and clicks at the edges of the track."""
    worst = max((abs(offset) for offset in sound.measurement.dc_offset), default=0.0)
    if worst >= policy.max_dc_offset:
        yield sound.master.fault(found=f"{worst * 100:.1f} %", expected="0 %")


@samples.rule(
    "AUD-030",
    Severity.WARNING,
    text="{file} is {file_type}, but only {found} are used: it was made from a file of fewer bits.",
    fix="Export the track again from the original session at {preferred}{alternative}.",
    source=OWN,
)
def padded_bits(sound: Measured, policy: Policy) -> Iterator[Fault]:
    """A 16-bit master in a 24-bit file is sold as high resolution and is none."""
    used, bits = sound.measurement.effective_bits, sound.facts.bits
    if bits is None or bits > policy.preferred_bits:  # told as unusual already, with another cure
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


@samples.rule(
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


@samples.rule(
    "AUD-032",
    Severity.WARNING,
    text="{file} has no sound above {found}: it looks like a copy of an MP3 or another lossy file.",
    fix="Export the track from the original session. Nothing needs to be done if no better source exists.",
    source="Guide, Audio File Requirements",
)
def lossy_history(sound: Measured, _: Policy) -> Iterator[Fault]:
    """Lossy encoders cut off the highest frequencies; converting back to WAV does not bring them back."""
    edge = sound.measurement.cutoff_hz
    if edge is not None and LOSSY_EDGE[0] <= edge < LOSSY_EDGE[1]:
        yield sound.master.fault(found=kilohertz(round(edge, -2)))


@samples.rule(
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


@samples.rule(
    "AUD-035",
    Severity.ERROR,
    text="{file} sounds like loud noise (true peak {found}): its samples were probably written in another format"
    " than its header tells.",
    fix="Export the track again as 24-bit WAV and listen to the file before you upload it. If it is meant to sound so,"
    " master it with the limiter's true-peak ceiling at {expected} or lower.",
)
def noise(sound: Measured, policy: Policy) -> Iterator[Fault]:
    """Samples with swapped or shifted bytes are noise as loud as the file can hold; a limiter does not mend that."""
    peak = sound.measurement.true_peak
    if peak is not None and _is_noise(sound, policy):
        yield sound.master.fault(found=decibels(peak, "dBTP"), expected=f"{policy.max_true_peak:g} dBTP")


@samples.rule(
    "AUD-036",
    Severity.WARNING,
    text="{file} drops out {found}: loud sound stops there at once, and starts again.",
    fix="Check whether something is missing there, and export the track again if so. Nothing needs to be done if it is"
    " meant to sound so.",
    source=OWN,
)
def dropout(sound: Measured, policy: Policy) -> Iterator[Fault]:
    """A computer that is too slow while it records or exports leaves holes in the sound."""
    holes = [span for span in sound.measurement.dropouts if span.end - span.start <= policy.max_inner_silence]
    if 0 < len(holes) <= MOST_DROPOUTS:
        places = [f"at {moment(span.start)} for {span.end - span.start:.2f} seconds" for span in holes]
        yield sound.master.fault(found=listed(places, MOST_PLACES))


def _is_noise(sound: Measured, policy: Policy) -> bool:
    """Over the limit of true peaks anyway, as loud as white noise at full scale, hardly clipped, channels unlike."""
    measurement, (peak, level, alike) = sound.measurement, NOISE
    loudness = measurement.loudness.integrated if measurement.loudness is not None else None
    if measurement.true_peak is None or loudness is None or measurement.correlation is None:
        return False
    is_over = measurement.true_peak > max(peak, policy.max_true_peak)
    is_clipped = measurement.clipped_runs > (sound.facts.duration or 0.0)  # more than once a second
    return is_over and loudness > level and abs(measurement.correlation) < alike and not is_clipped


def _channel(index: int) -> str:
    return ("left", "right")[index] if index < 2 else f"{index + 1}th"
