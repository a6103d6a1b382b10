"""AUD: what the samples say: peaks, silence, channels, noise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ingest.core.dossier import Policy
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Severity
from ingest.rules.audio.formats import SOURCE
from ingest.rules.rule import Family
from ingest.rules.subjects import Measured, measured
from ingest.rules.units import decibels, listed, moment, over, spell

samples = Family[Measured]("AUD", "Audio", measured, source=SOURCE, ddex=FileStatus.RESOURCE_OUT_OF_SPECIFICATION)

OWN: Final = "Checked for QC; not in the guide"
MOST_PLACES: Final = 5
NOISE: Final = (3.0, -3.0, 0.05)
"""What no mastered music reaches: a higher true peak (dBTP), higher loudness (LUFS) and lower correlation."""


@samples.rule(
    "AUD-020",
    Severity.ERROR,
    text="{file} has a true peak of {found}{at}. The most that is accepted is {expected}.",
    fix="Master the track again with the limiter's true-peak ceiling at {expected} or lower{alternative}.",
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
            alternative=_other_cure(sound, peak),
        )


def _other_cure(sound: Measured, peak: float) -> str:
    """Nothing is cut off in a float file, however far it goes over full scale."""
    if sound.facts.codec == "float" and peak > 0:
        return ", or lower the level of the whole track: in a float file nothing of it is cut off yet"
    return ""


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
            found=spell(runs, "time"),
            expected=f"{policy.max_true_peak:g} dBTP or lower",
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
    """A long silent tail leaves a hole between two tracks. A fade-out is music until nothing of it is left."""
    yield from _edge(sound, sound.measurement.trail_silence, policy)


def _edge(sound: Measured, silence: float, policy: Policy) -> Iterator[Fault]:
    """A fault where the silence is more than one frame longer than the limit."""
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
        yield sound.master.fault(level=f"{sound.measurement.silence_level:g}")


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
    text="{file} has two channels that hold the same sound: it is mono in a stereo file.",
    fix="Check that the stereo mix was exported. Nothing needs to be done if the recording is mono.",
    source=OWN,
)
def dual_mono(sound: Measured, _: Policy) -> Iterator[Fault]:
    """A stereo mix that went through a mono bus has lost its width."""
    if sound.measurement.is_dual_mono and not sound.measurement.is_silent:
        yield sound.master.fault()


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
        yield sound.master.fault()


@samples.rule(
    "AUD-028",
    Severity.WARNING,
    text="{file} has sound in one channel only: the {found} channel is silent.",
    fix="Check the export: both channels of a stereo track should have sound.",
    source=OWN,
)
def silent_channel(sound: Measured, _: Policy) -> Iterator[Fault]:
    """One silent channel of two is nearly always a wrong export; of more, some may well be silent."""
    silent = sound.measurement.silent_channels
    if silent and not sound.measurement.is_silent and sound.facts.channels == 2:
        yield sound.master.fault(found=listed([channel_name(index) for index in silent]))


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
    "AUD-035",
    Severity.ERROR,
    text="{file} is noise as loud as a file can be, with a true peak of {found}. The most that is accepted is"
    " {expected}.",
    fix="Master the track again with the limiter's true-peak ceiling at {expected} or lower if it is meant to be noise."
    " If not, its samples were written in another format than its header tells: export it again as 24-bit WAV, and"
    " listen to the file before you upload it.",
)
def noise(sound: Measured, policy: Policy) -> Iterator[Fault]:
    """Samples with swapped or shifted bytes are noise as loud as the file can hold; a limiter does not mend that."""
    peak = sound.measurement.true_peak
    if peak is not None and _is_noise(sound, policy):
        yield sound.master.fault(found=decibels(peak, "dBTP"), expected=f"{policy.max_true_peak:g} dBTP")


def _is_noise(sound: Measured, policy: Policy) -> bool:
    """Over the true-peak limit, as loud as white noise at full scale, hardly clipped, and the channels uncorrelated."""
    measurement, (peak, level, alike) = sound.measurement, NOISE
    loudness = measurement.loudness.integrated if measurement.loudness is not None else None
    if measurement.true_peak is None or loudness is None or measurement.correlation is None:
        return False
    is_over = measurement.true_peak > max(peak, policy.max_true_peak)
    is_clipped = measurement.clipped_runs > (sound.facts.duration or 0.0)  # more than once a second
    return is_over and loudness > level and abs(measurement.correlation) < alike and not is_clipped


def channel_name(index: int) -> str:
    """Of one of two channels."""
    return ("left", "right")[index]
