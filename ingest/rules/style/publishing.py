"""STY: titles, P and C lines, dates and flags of the release. Never errors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from ingest.core.dates import day
from ingest.core.dossier import Dossier, Policy
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Severity
from ingest.core.kind import Kind, earlier_of
from ingest.core.resources import Line
from ingest.rules.anchors import tracks_are_known
from ingest.rules.rule import Family
from ingest.rules.subjects import Main, Song, main_release, number, purpose_of, said, songs
from ingest.rules.units import listed

WARNING: Final = Severity.WARNING
SOURCE: Final = "Store style guides"


def _new(dossier: Dossier) -> Iterator[Main]:
    if purpose_of(dossier) in (Kind.NEW_RELEASE, Kind.UPDATE):
        yield from main_release(dossier)


release = Family[Main]("STY", "Style", _new, source=SOURCE, ddex=FileStatus.FILE_OK)


@release.rule(
    "STY-030",
    WARNING,
    text='{place}: the release "{expected}" has one track, but the track is called "{found}".',
    fix="Give a single-track release the same title as its track.",
)
def single_title(main: Main, _: Policy) -> Iterator[Fault]:
    """Stores show both names beside each other."""
    tracks = list(_tracks(main)) if tracks_are_known(main.message) else []
    if len(tracks) != 1 or not main.title or not tracks[0].title:
        return
    if _folded(_bare(main.title)) != _folded(_bare(tracks[0].title)):
        line = main.release.title.line if main.release.title is not None else None
        yield main.fault(line, found=tracks[0].title, expected=main.title)


@release.rule(
    "STY-031",
    WARNING,
    text='{place}: {count} tracks have the title "{found}" (tracks {numbers}).',
    fix="Check the titles. If they are versions of one song, add the version to each title.",
)
def duplicate_titles(main: Main, _: Policy) -> Iterator[Fault]:
    """Two tracks of one title in one release are mostly a slip when the list was filled in."""
    by_title: dict[tuple[str, str, frozenset[str]], list[Song]] = {}
    for song in _tracks(main):
        title = song.recording.title
        if title is not None and song.title:
            flags = frozenset(said(text) for text in song.recording.parental_warnings)
            by_title.setdefault((_folded(song.title), _folded(said(title.subtitle)), flags), []).append(song)
    for same in by_title.values():
        if len(same) > 1:
            numbers = listed([str(song.number) for song in same])
            title = same[1].recording.title
            yield main.fault(title.line if title else None, found=same[0].title, count=len(same), numbers=numbers)


@release.rule(
    "STY-032",
    Severity.INFO,
    text="{place}: the release has no {lacking}.",
    fix="Add <PLine> (who owns the recording) and <CLine> (who owns the artwork and text), each with its year.",
    source="Spotify; Release Profiles 1.4",
    snippet=(
        "<PLine><Year>2026</Year><PLineText>2026 Your Label Name</PLineText></PLine>\n"
        "<CLine><Year>2026</Year><CLineText>2026 Your Label Name</CLineText></CLine>"
    ),
)
def no_lines(main: Main, _: Policy) -> Iterator[Fault]:
    """Stores show the ℗ and © lines under the release."""
    p_lines = main.release.p_lines or any(song.recording.p_lines for song in _tracks(main))
    lacking = [name for name, there in (("PLine (℗)", p_lines), ("CLine (©)", main.release.c_lines)) if not there]
    if lacking:
        yield main.fault(expected="<PLine> and <CLine>", lacking=" and no ".join(lacking))


@release.rule(
    "STY-033",
    WARNING,
    text="{place}: the year {found} of the ℗ or © line lies in the future.",
    fix="Write the year of first publication.",
)
def future_line(main: Main, policy: Policy) -> Iterator[Fault]:
    """The year says when the recording or artwork was first published; no later than the release itself."""
    date = day(said(main.release.release_date))
    latest = max(policy.received.year, date.year if date is not None else 0)
    for line in _lines(main):
        year = number(line.year)
        if year is not None and year > latest:
            yield main.fault(line.line, found=year, expected=f"{latest} or earlier")


@release.rule(
    "STY-034",
    WARNING,
    text="{place}: track {number} is marked Explicit, but the release is marked {found}.",
    fix="Mark the release Explicit as well.",
)
def explicit_release(main: Main, _: Policy) -> Iterator[Fault]:
    """A release with an explicit track is explicit."""
    flags = [text for text in main.release.parental_warnings if said(text) in ("NotExplicit", "NoAdviceAvailable")]
    for song in _tracks(main):
        if flags and any(said(text) == "Explicit" for text in song.recording.parental_warnings):
            yield main.fault(flags[0].line, found=said(flags[0]), expected="Explicit", number=song.number)
            return


@release.rule(
    "STY-035",
    WARNING,
    text="{place}: the release date {found} has already passed.",
    fix="Check the date. If the release came out before, add OriginalReleaseDate.",
    source="DDEX choreography, FileStatus",
    ddex=FileStatus.RELEASE_DATE,
)
def past_date(main: Main, policy: Policy) -> Iterator[Fault]:
    """A date in the past goes live at once, or is a slip in the year; not that of a release that is out already."""
    date = day(said(main.release.release_date))
    is_known = earlier_of(main.dossier) is not None or main.message.is_backfill
    if date is None or date >= policy.received or is_known or main.release.original_release_date:
        return
    if date.year == policy.received.year or not _is_of_its_year(main, date.year):
        yield main.fault(_date_line(main), found=date, expected=f"{policy.received} or later")


@release.rule(
    "STY-036",
    WARNING,
    text="{place}: the release date {found} is less than {days} days away.",
    fix="Choose a later date if the release should be in all stores on its first day.",
    source="Store guides on lead times",
    ddex=FileStatus.RELEASE_DATE,
)
def short_notice(main: Main, policy: Policy) -> Iterator[Fault]:
    """QC takes up to 2 business days, the stores up to 7."""
    date = day(said(main.release.release_date))
    earliest = policy.received + timedelta(days=policy.lead_time_days)
    if date is not None and policy.received <= date < earliest:
        yield main.fault(_date_line(main), found=date, expected=f"{earliest} or later", days=policy.lead_time_days)


@release.rule(
    "STY-037",
    WARNING,
    text="{place}: the original release date {found} is later than the release date {expected}.",
    fix="Correct the two dates: the original one is the day of the first release ever.",
    source="DDEX choreography, FileStatus",
    ddex=FileStatus.ORIGINAL_DATE_LATER,
)
def original_later(main: Main, _: Policy) -> Iterator[Fault]:
    """Nothing can come out again before it came out."""
    text = main.release.original_release_date
    date, original = day(said(main.release.release_date)), day(said(text))
    if text is not None and date is not None and original is not None and original > date:
        yield main.fault(text.line, found=original, expected=date)


def _is_of_its_year(main: Main, year: int) -> bool:
    """Whether a P line says the year of the release date too, so that the date is no slip."""
    own = (*main.release.p_lines, *(line for song in _tracks(main) for line in song.recording.p_lines))
    return any(number(line.year) == year for line in own)


def _lines(main: Main) -> Iterator[Line]:
    yield from (*main.release.p_lines, *main.release.c_lines)
    for song in _tracks(main):
        yield from song.recording.p_lines


def _tracks(main: Main) -> Iterator[Song]:
    return (song for song in songs(main.dossier) if song.number is not None)


def _date_line(main: Main) -> int | None:
    return main.release.release_date.line if main.release.release_date is not None else None


def _folded(words: str) -> str:
    return re.sub(r"\s+", " ", words).strip().casefold()


def _bare(title: str) -> str:
    """The title without `(feat. …)` and without ` - Single` or ` - EP`."""
    return re.sub(r"\s*[(\[](feat\.|ft\.).*?[)\]]|\s+-\s+(single|ep)$", "", title, flags=re.IGNORECASE)
