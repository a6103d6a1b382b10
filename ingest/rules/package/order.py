"""PKG: the order of the tracks in the XML, against the numbers that begin the names of their files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from ingest.core.dossier import Dossier, Policy, Track, tracks
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Severity
from ingest.rules.anchors import tracks_are_known
from ingest.rules.package.completeness import complete, reference_fault
from ingest.rules.units import listed

_NUMBERED: Final = re.compile(r"(?:([0-9])[-_. ])?([0-9]{1,3})(?=[-_. ])")


@complete.rule(
    "PKG-031",
    Severity.WARNING,
    text="{place}: the numbers in the file names are in another order than the tracks in the XML: {found}. The order of"
    " the XML counts.",
    fix="Check the order of the tracks. If the file names are right, put the tracks of the XML into that order; if the"
    " XML is right, nothing needs to be done.",
    source="Guide, Track ordering",
    ddex=FileStatus.MESSAGE_INVALID,
)
def numbered_otherwise(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """A track list in the wrong order is heard only when the release is out."""
    listed_tracks = tracks(dossier)
    if dossier.message is None or not tracks_are_known(dossier.message):
        return
    discs = [entry.disc for entry in dossier.message.tracks]
    order = _order(listed_tracks, discs)
    wrong = [track for track, place in zip(listed_tracks, order, strict=False) if place != track.number]
    first = wrong[0].file if wrong else None
    if first is not None:
        found = listed([f"{_name(track)} is track {track.number}" for track in wrong])
        yield reference_fault(dossier, first, found=found, expected="one order")


def _order(listed_tracks: Sequence[Track], discs: Sequence[int]) -> list[int]:
    """The track number that each file name says, over the whole release; empty where not all of them say one.

    The numbers count from 1 over the release, or on each disc: `50_Ways.wav` and `7_Rings.wav` say nothing.
    """
    found = [_NUMBERED.match(_name(track)) for track in listed_tracks]
    matches = [match for match in found if match is not None]
    if len(matches) != len(listed_tracks):
        return []
    through = [int(match[2]) for match in matches]
    if all(match[1] for match in matches):
        said = [(int(match[1]), int(match[2])) for match in matches]
    elif any(match[1] for match in matches):
        return []
    elif sorted(through) == list(range(1, len(through) + 1)):
        return through
    else:
        said = list(zip(discs, through, strict=True))
    return [place + 1 for place in map(sorted(said).index, said)] if _count_on_each_disc(said) else []


def _count_on_each_disc(said: Sequence[tuple[int, int]]) -> bool:
    discs = sorted({disc for disc, _ in said})
    numbers = [sorted(number for one, number in said if one == disc) for disc in discs]
    return all(found == list(range(1, len(found) + 1)) for found in numbers)


def _name(track: Track) -> str:
    return "" if track.file is None else track.file.reference.name.value.rpartition("/")[2]
