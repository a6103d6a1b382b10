"""Trees at DSPs: names by the choreography, media before the message, the marker last, BatchIds that only grow."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.config import Dsp
from ingest.core.release import Release, ReleaseTrack
from ingest.core.release_parts import ReleaseImage
from ingest.outbound.dsp.layouts import message_url, next_batch_id, placed, release_id, resource_names

NOW = datetime(2026, 11, 30, 12, 34, 56, 789999, tzinfo=UTC)
BATCH, DPID = "20261130123456789", "PADPIDA2026020202I"
RELEASE = Release(
    barcode="5034567890120",
    tracks=(
        ReleaseTrack(1, 1, file="a.wav", preview="a_clip.mp3"),
        ReleaseTrack(2, 1, file="b.wav"),
        ReleaseTrack(3, 2, file="c.wav"),
    ),
    images=(ReleaseImage("cover.png"),),
)
SUFFIXES = {"a.wav": ".flac", "a_clip.mp3": ".mp3", "b.wav": ".flac", "c.wav": ".flac", "cover.png": ".jpg"}
NAMES = resource_names(RELEASE, "7", SUFFIXES)


def dsp_with(**keys: object) -> Dsp:
    """A DSP with these keys of the configuration."""
    table = {"path": "/srv/dsp", "layout": "batch", "ern_version": "3.8.2", "recipients": {DPID: "Tube"}}
    agreed = {"models": ["SubscriptionModel"], "uses": ["OnDemandStream"]}
    return Dsp.model_validate({**table, "contract": agreed, **keys})


def lying(dsp: Dsp, *, is_first: bool = False) -> tuple[list[str], tuple[str, bytes] | None]:
    """The remote paths in their order, and the marker."""
    local = {name: Path(path) for path, name in NAMES.items()}
    found = placed(dsp, BATCH, "5034567890120", Path("message.xml"), local, b"<manifest/>", is_first=is_first)
    return list(found.files), found.marker


def test_files_are_named_by_release_kind_disc_and_place() -> None:
    assert NAMES == {
        "a.wav": "resources/5034567890120_T1_SoundRecording_001_001.flac",
        "a_clip.mp3": "resources/5034567890120_T1p_Preview_001_001.mp3",
        "b.wav": "resources/5034567890120_T2_SoundRecording_001_002.flac",
        "c.wav": "resources/5034567890120_T3_SoundRecording_002_001.flac",
        "cover.png": "resources/5034567890120_T4_Image_001.jpg",
    }


def test_only_files_that_are_sent_have_names() -> None:
    assert resource_names(RELEASE, "7", {"cover.png": ".jpg"}) == {"cover.png": NAMES["cover.png"]}
    assert resource_names(Release(tracks=(ReleaseTrack(1),)), "7", SUFFIXES) == {}


def test_a_batch_holds_a_folder_for_the_release_and_ends_with_its_manifest() -> None:
    files, marker = lying(dsp_with())
    assert files == [
        f"{BATCH}/5034567890120/resources/5034567890120_T1_SoundRecording_001_001.flac",
        f"{BATCH}/5034567890120/resources/5034567890120_T1p_Preview_001_001.mp3",
        f"{BATCH}/5034567890120/resources/5034567890120_T2_SoundRecording_001_002.flac",
        f"{BATCH}/5034567890120/resources/5034567890120_T3_SoundRecording_002_001.flac",
        f"{BATCH}/5034567890120/resources/5034567890120_T4_Image_001.jpg",
        f"{BATCH}/5034567890120/5034567890120.xml",
    ]
    assert marker == (f"{BATCH}/BatchComplete_{BATCH}.xml", b"<manifest/>")
    assert message_url(dsp_with(), "5034567890120") == "5034567890120/5034567890120.xml"


def test_release_by_release_has_a_folder_for_each_and_the_message_last() -> None:
    dsp = dsp_with(layout="release-by-release")
    files, marker = lying(dsp)
    assert files[-1] == f"5034567890120_{BATCH}/5034567890120.xml"
    assert {path.split("/")[0] for path in files} == {f"5034567890120_{BATCH}"}
    assert marker is None
    assert message_url(dsp, "5034567890120") == "5034567890120.xml"


def test_a_folder_says_whether_it_comes_first_where_the_dsp_wants_that_said() -> None:
    batch, single = dsp_with(priority_prefix=True), dsp_with(priority_prefix=True, layout="release-by-release")
    folders = [lying(dsp, is_first=first)[0][0].split("/")[0] for dsp in (batch, single) for first in (True, False)]
    assert folders == [f"P_{BATCH}", f"N_{BATCH}", f"P_5034567890120_{BATCH}", f"N_5034567890120_{BATCH}"]


def test_markers_are_named_and_filled_as_the_dsp_wants() -> None:
    empty = dsp_with(marker_name="batch_complete", marker="empty")
    text = dsp_with(marker_name="{batch_id}.complete", marker="text", marker_text="done")
    assert lying(empty)[1] == (f"{BATCH}/batch_complete", b"")
    assert lying(text)[1] == (f"{BATCH}/{BATCH}.complete", b"done")


@given(st.lists(st.integers(-5000, 5000), min_size=2, max_size=20))
def test_batch_ids_only_grow_whatever_the_clock_says(steps: list[int]) -> None:
    last, moment, seen = None, NOW, list[str]()
    for step in steps:
        moment += timedelta(milliseconds=step)
        last = next_batch_id(moment, last)
        seen.append(last)
    assert seen == sorted(set(seen))
    assert all(re.fullmatch(r"[0-9]{17}", one) for one in seen)


def test_a_batch_id_is_the_time_to_the_millisecond_and_follows_one_of_the_future() -> None:
    assert next_batch_id(NOW, None) == next_batch_id(NOW, "20261130123456788") == BATCH
    assert next_batch_id(NOW, BATCH) == "20261130123456790"
    assert next_batch_id(NOW, "20271130123456999") == "20271130123457000"
    assert next_batch_id(NOW, "20271231235959999") == "20280101000000000"
    for wrong in ("", "2026113012345678", "P_261130123456789", "99999999999999999", "٢٠٢٦١١٣٠١٢٣٤٥٦٧٨٩"):
        with pytest.raises(ValueError, match="no BatchId"):
            next_batch_id(NOW, wrong)


@given(st.text(max_size=100), st.text(max_size=100))
def test_no_name_of_a_label_leads_anywhere(barcode: str, grid: str) -> None:
    name = release_id(replace(RELEASE, barcode=barcode, grid=grid), "7")
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name)


def test_a_release_is_named_by_its_barcode_or_grid_or_as_we_know_it() -> None:
    named = [
        release_id(one, "7")
        for one in (RELEASE, Release(grid="A1 2"), Release(barcode="../", grid=None), Release(barcode="50/12"))
    ]
    assert named == ["5034567890120", "A1-2", "7", "50-12"]
    assert release_id(Release(), "//") == "release"
