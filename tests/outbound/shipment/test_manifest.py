"""The record of a shipment gives back what was written, and is no record of anything else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.core.conversion import Form
from ingest.core.sent_file import SentAudio, SentFile, SentImage
from ingest.outbound.shipment.manifest import Wanted, recorded, written

WANTED = (
    Wanted("01.wav", "a" * 64, "resources/1_1.flac", Form.FLAC),
    Wanted("cover.jpg", "b" * 64, "resources/1.jpg", Form.AS_RECEIVED, image=SentImage("JPEG", 3000, 3000)),
)
FILES = (
    SentFile("resources/1_1.flac", "01.wav", 5, "c", "d", "e", audio=SentAudio("FLAC", 44100, 16, 2, 1.25)),
    SentFile("resources/1.jpg", "cover.jpg", 6, "f", "0", "1", image=SentImage("JPEG", 3000, 3000)),
)


def test_what_was_recorded_is_read_again() -> None:
    assert recorded(written(WANTED, FILES), WANTED) == FILES


@pytest.mark.parametrize("other", [{"source": "02.wav"}, {"sha256": "f" * 64}, {"path": "x"}, {"form": Form.SRGB_JPEG}])
def test_a_record_of_other_files_is_none(other: dict[str, object]) -> None:
    changed = (replace(WANTED[0], **other), WANTED[1])  # type: ignore[arg-type]
    assert recorded(written(WANTED, FILES), changed) is None
    assert recorded(written(WANTED, FILES), WANTED[:1]) is None


@pytest.mark.parametrize("broken", [b"", b"{}", b"[1]", b'{"format": 1'])
def test_a_broken_record_raises(broken: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        recorded(broken, WANTED)
