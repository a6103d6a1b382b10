"""Which release is the main one, and how its tracks run."""

from __future__ import annotations

import pytest

from ingest.core.message import MessageRelease, ResourceUse, TrackEntry
from ingest.core.resources import SoundRecording
from ingest.core.text import Text
from ingest.readers.ern.order import choose_main, order_tracks


def text(value: str) -> Text:
    return Text(value, 1)


def release(reference: str, *kinds: str, main: bool | None = None) -> MessageRelease:
    return MessageRelease(1, main, references=(text(reference),), types=tuple(text(kind) for kind in kinds))


def recording(reference: str | None, sequence: int | None = None) -> SoundRecording:
    return SoundRecording(1, text(reference) if reference else None, None, sequence=sequence)


def album(*, listed: str = "", grouped: tuple[tuple[str, int], ...] = (), secondary: str = "") -> MessageRelease:
    def use(name: str, disc: int | None = None) -> ResourceUse:
        return ResourceUse(text(name), "SecondaryResource" if name in secondary.split() else None, disc)

    return MessageRelease(
        1, True, resources=tuple(map(use, listed.split())), groups=tuple(use(name, disc) for name, disc in grouped)
    )


@pytest.mark.parametrize(
    ("releases", "main"),
    [
        ([], None),
        ([release("R1", "Album")], 0),
        ([release("R1", "TrackRelease"), release("R2", "Album", main=True)], 1),
        ([release("R1", "TrackRelease"), release("R2", "Album"), release("R3", "VideoTrackRelease")], 1),
        ([release("R1", "Album"), release("R0", "Album")], 1),
        ([release("R1", "Album"), release("R2", "Single")], 0),
        ([release("R1", "TrackRelease"), release("R2", "TrackRelease")], 0),
        ([release("R1", "Album", main=False), release("R2", "Album", main=True)], 1),
    ],
)
def test_the_main_release_is_the_marked_one_or_the_likeliest(releases: list[MessageRelease], main: int | None) -> None:
    assert choose_main(releases) == main


A, B, C = (recording(name) for name in ("A1", "A2", "A3"))


@pytest.mark.parametrize(
    ("main", "recordings", "order"),
    [
        (album(listed="A2 A1"), [A, B], [(1, 1), (1, 0)]),
        (album(listed="A1 A2"), [recording("A1", 2), recording("A2", 1)], [(1, 1), (1, 0)]),
        (album(listed="A1 A2"), [recording("A1", 2), recording("A2")], [(1, 0), (1, 1)]),
        (album(listed="A1 A2", grouped=(("A2", 1), ("A1", 2))), [A, B], [(1, 1), (2, 0)]),
        (album(listed="A1 A2 A3", grouped=(("A3", 1), ("A1", 2))), [A, B, C], [(1, 2), (2, 0), (2, 1)]),
        (album(), [A, B], [(1, 0), (1, 1)]),
        (album(listed="A9"), [A, recording(None)], [(1, 0), (1, 1)]),
        (album(listed="A1 A1 A2"), [A, B], [(1, 0), (1, 1)]),
        (album(listed="A1 A2", secondary="A2"), [A, B], [(1, 0)]),
        (album(listed="A1 A2", secondary="A1 A2"), [A, B], [(1, 0), (1, 1)]),
        (album(listed="A1"), [A, recording("A1")], [(1, 0)]),
        (None, [A], []),
    ],
)
def test_tracks_run_by_groups_then_numbers_then_list_then_document(
    main: MessageRelease | None, recordings: list[SoundRecording], order: list[tuple[int, int]]
) -> None:
    tracks = order_tracks(main, recordings)
    assert tracks == tuple(TrackEntry(number, *place) for number, place in enumerate(order, start=1))
