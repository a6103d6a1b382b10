"""ERN: the parental advisory of each sound recording, which stores show as their explicit mark."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.core import allowed
from ingest.core.dossier import Policy
from ingest.core.finding import Fault, Severity
from ingest.core.meant import nearest
from ingest.core.text import Text
from ingest.rules.ern.recordings import ERROR, named, recording
from ingest.rules.subjects import Song, has_main, said


@recording.rule(
    "ERN-037",
    ERROR,
    text="{place}: the track{named} has no ParentalWarningType.",
    fix="Write <ParentalWarningType> with NotExplicit, Explicit or NoAdviceAvailable into the track.",
    covers=("ParentalWarningType",),
    snippet="<ParentalWarningType>NotExplicit</ParentalWarningType>",
)
def no_parental_warning(song: Song, _: Policy) -> Iterator[Fault]:
    """Stores must know whether to show the explicit mark."""
    if has_main(song.dossier) and not any(said(text) for text in _warnings(song)):
        expected = "NotExplicit, Explicit or NoAdviceAvailable"
        yield song.fault(song.recording.block_line, expected=expected, named=named(song))


@recording.rule(
    "ERN-038",
    ERROR,
    text='{place}: "{found}" is not an allowed ParentalWarningType.{hint}',
    fix="Write {expected}, with exactly these capitals.",
    covers=("ParentalWarningType",),
)
def unknown_parental_warning(song: Song, _: Policy) -> Iterator[Fault]:
    """The standard lists the values; a store cannot guess what another one means."""
    for text in song.recording.parental_warnings:
        if said(text) and said(text) not in allowed.PARENTAL_WARNINGS:
            close = nearest(said(text), sorted(allowed.PARENTAL_WARNINGS), "ParentalWarningType")
            yield song.fault(
                text.line,
                found=said(text),
                expected=close or "NotExplicit, Explicit or NoAdviceAvailable",
                hint=f" Did you mean {close}?" if close else "",
            )


@recording.rule(
    "ERN-039",
    Severity.INFO,
    text="{place}: the track is marked {found}, an edited version of an explicit one.",
    fix="Nothing needs to be done if this is the clean version.",
)
def edited_version(song: Song, _: Policy) -> Iterator[Fault]:
    """The guide names three values; this fourth one of the standard is known to the stores."""
    for text in song.recording.parental_warnings:
        if said(text) == "ExplicitContentEdited":
            yield song.fault(text.line, found=said(text))


@recording.rule(
    "ERN-040",
    Severity.WARNING,
    text="{place}: the ParentalWarningType {found} does not say whether the track is explicit.",
    fix="Write NotExplicit, Explicit or NoAdviceAvailable.",
)
def vague_parental_warning(song: Song, _: Policy) -> Iterator[Fault]:
    """Stores then decide for themselves, and may mark the track explicit."""
    for text in song.recording.parental_warnings:
        if said(text) in ("Unknown", "UserDefined"):
            yield song.fault(text.line, found=said(text), expected="NotExplicit, Explicit or NoAdviceAvailable")


def _warnings(song: Song) -> tuple[Text, ...]:
    """The advisory of the track, else of the release."""
    release = song.message.main_release
    return song.recording.parental_warnings or (release.parental_warnings if release is not None else ())
