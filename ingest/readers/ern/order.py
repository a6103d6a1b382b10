"""Which release is the main one, and its tracks in running order."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.core.message import MessageRelease, ResourceUse, TrackEntry
from ingest.core.resources import SoundRecording

TRACK_TYPES = frozenset({"TrackRelease", "VideoTrackRelease"})


def choose_main(releases: Sequence[MessageRelease]) -> int | None:
    """Index of the main release: the marked one, the only one that is no track release, R0, or the first."""
    if not releases:
        return None
    marked = [index for index, release in enumerate(releases) if release.is_main]
    whole = [index for index, release in enumerate(releases) if not _is_track(release)]
    zero = [index for index, release in enumerate(releases) if any(ref.value == "R0" for ref in release.references)]
    return [*marked, *(whole if len(whole) == 1 else []), *zero, 0][0]


def _is_track(release: MessageRelease) -> bool:
    return any(kind.value in TRACK_TYPES for kind in release.types)


def order_tracks(release: MessageRelease | None, recordings: Sequence[SoundRecording]) -> tuple[TrackEntry, ...]:
    """The recordings of the main release in running order.

    Most trusted first: the groups of the release, SequenceNumbers at the recordings, the release's list, the document.
    A recording that the release lists but no group holds comes last.
    """
    if release is None:
        return ()
    numbers = {
        recording.reference.value: i for i, recording in reversed(list(enumerate(recordings))) if recording.reference
    }
    listed = _known(release.resources, numbers)
    places = [(numbers[use.reference.value], use.disc or 1) for use in _primary(release.groups, numbers)]
    if not places:
        places = [(index, 1) for index in _by_sequence(listed or list(range(len(recordings))), recordings)]
    grouped = {index for index, _ in places}
    last_disc = max((disc for _, disc in places), default=1)
    places += [(index, last_disc) for index in listed if index not in grouped]
    first = dict(reversed([(index, disc) for index, disc in places]))
    order = list(dict.fromkeys(index for index, _ in places))
    return tuple(TrackEntry(number, first[index], index) for number, index in enumerate(order, start=1))


def _known(uses: Sequence[ResourceUse], numbers: dict[str, int]) -> list[int]:
    return [numbers[use.reference.value] for use in _primary(uses, numbers)]


def _primary(uses: Sequence[ResourceUse], numbers: dict[str, int]) -> list[ResourceUse]:
    """The uses of recordings; without the secondary ones, unless all are."""
    known = [use for use in uses if use.reference.value in numbers]
    return [use for use in known if use.type != "SecondaryResource"] or known


def _by_sequence(indices: Sequence[int], recordings: Sequence[SoundRecording]) -> list[int]:
    numbers = {index: recordings[index].sequence for index in indices}
    if any(number is None for number in numbers.values()):
        return list(indices)
    return sorted(indices, key=lambda index: numbers[index] or 0)
