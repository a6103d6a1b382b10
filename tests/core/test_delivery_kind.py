"""The kind of message that a DSP is owed, what it brings, and what QC reads before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.core.delivery_kind import (
    Choice,
    Content,
    DeliveryKind,
    FileState,
    SentState,
    TakedownForm,
    choose,
    content_of,
    digest,
    metadata_digest,
    state_after,
    takedown_offers,
)
from ingest.core.offer import Offer, OfferPrice
from ingest.core.release import Release, ReleaseTrack
from ingest.core.release_parts import ReleaseImage

TODAY = date(2026, 5, 10)
OFFER = Offer(("M1",), ("U1",), ("Worldwide",), start="2026-05-01")
RELEASE = Release(
    barcode="5034567890120",
    title="Sunrise",
    tracks=(ReleaseTrack(1, isrc="GBDUM2600001", seconds=31.0), ReleaseTrack(2, isrc="GBDUM2600002", file="02.wav")),
)
FILES = (FileState(0, "c0"), FileState(1, "a1", 200.0), FileState(2, "a2", 100.0))
NOW = content_of(RELEASE, (OFFER,), FILES, TODAY)
SENT = SentState(DeliveryKind.INSERT, NOW)
DOWN = state_after(DeliveryKind.TAKEDOWN, NOW, SENT, TakedownForm.NO_DEAL)
PURGED = state_after(DeliveryKind.TAKEDOWN, NOW, SENT, TakedownForm.PURGE)
OTHER_OFFERS = replace(NOW, offers=digest([replace(OFFER, excluded=("US",), territories=())]))
OTHER_WORDS = replace(NOW, metadata="other")
GONE = replace(NOW, is_available=False)
WITHOUT_FILES = replace(NOW, files=())


def with_audio(track: int, seconds: float | None) -> Content:
    return replace(NOW, files=tuple(FileState(track, "new", seconds) if f.track == track else f for f in FILES))


@pytest.mark.parametrize(
    ("now", "last", "kind", "has_files"),
    [
        (NOW, None, DeliveryKind.INSERT, True),
        (GONE, None, None, False),
        (NOW, SENT, None, False),
        (WITHOUT_FILES, SENT, None, False),
        (OTHER_OFFERS, SENT, DeliveryKind.DEAL_UPDATE, False),
        (OTHER_WORDS, SENT, DeliveryKind.METADATA_UPDATE, False),
        (replace(OTHER_OFFERS, metadata="other"), SENT, DeliveryKind.METADATA_UPDATE, False),
        (replace(OTHER_WORDS, files=()), SENT, DeliveryKind.METADATA_UPDATE, False),
        (with_audio(2, 100.0), SENT, DeliveryKind.ASSET_UPDATE, True),
        (replace(with_audio(2, 100.0), metadata="other"), SENT, DeliveryKind.ASSET_UPDATE, True),
        (with_audio(0, None), SENT, DeliveryKind.ASSET_UPDATE, True),
        (GONE, SENT, DeliveryKind.TAKEDOWN, False),
        (replace(with_audio(1, 200.0), is_available=False), SENT, DeliveryKind.TAKEDOWN, False),
        (GONE, DOWN, None, False),
        (OTHER_WORDS, DOWN, DeliveryKind.REINSTATEMENT, False),
        (NOW, DOWN, DeliveryKind.REINSTATEMENT, False),
        (with_audio(1, 200.0), DOWN, DeliveryKind.REINSTATEMENT, True),
        (GONE, PURGED, None, False),
        (NOW, PURGED, DeliveryKind.INSERT, True),
    ],
)
def test_the_kind_follows_from_what_the_dsp_has(
    now: Content, last: SentState | None, kind: DeliveryKind | None, has_files: bool
) -> None:
    choice = choose(now, last)
    assert (choice.kind, choice.has_files) == (kind, has_files)


FAULT = "DSPs take it for a live release only to mend a technical fault"


@pytest.mark.parametrize(
    ("seconds", "remark"),
    [
        (200.0, f"Track 1 has new audio. {FAULT}."),
        (202.0, f"Track 1 has new audio. {FAULT}."),
        (202.1, f"Track 1 has new audio, 2.1 s longer or shorter. {FAULT}, and within about 2 s of the old length."),
        (190.0, f"Track 1 has new audio, 10.0 s longer or shorter. {FAULT}, and within about 2 s of the old length."),
        (None, f"Track 1 has new audio, of unknown length. {FAULT}, and within about 2 s of the old length."),
    ],
)
def test_new_audio_of_a_live_release_is_told_to_qc(seconds: float | None, remark: str) -> None:
    (told,) = choose(with_audio(1, seconds), SENT).remarks
    assert told.startswith(remark)
    assert told.endswith(".") and (told == remark or "same ISRC, wait 48 hours (Apple: 6 days)" in told)


@pytest.mark.parametrize(
    ("identity", "begins"),
    [
        (("5034567890137", "GBDUM2600001", "GBDUM2600002"), ["The barcode was 5034567890120 and is 5034567890137"]),
        (("5034567890120", "GBDUM2600002", "GBDUM2600001"), ["The ISRCs or their order"]),
        (("5034567890120", "GBDUM2600001"), ["The ISRCs or their order"]),
        (NOW.identity, []),
    ],
)
@pytest.mark.parametrize("last", [SENT, DOWN])
def test_barcode_and_track_list_that_change_are_told_to_qc(
    last: SentState, identity: tuple[str, ...], begins: list[str]
) -> None:
    remarks = choose(replace(NOW, identity=identity), last).remarks
    assert [told.startswith(start) for told, start in zip(remarks, begins, strict=True)] == [True] * len(begins)


def test_a_new_cover_and_a_first_delivery_need_no_remark() -> None:
    assert choose(with_audio(0, None), SENT).remarks == choose(NOW, None).remarks == ()


def test_audio_that_the_dsp_never_had_is_told() -> None:
    before = replace(SENT, content=replace(NOW, files=FILES[:2]))
    assert choose(NOW, before) == Choice(
        DeliveryKind.ASSET_UPDATE, True, ("Track 2 has audio that this DSP was never sent.",)
    )


def test_a_question_takes_nothing_down_and_is_told_with_what_would_be_sent() -> None:
    asked = ("the deal for the release is for Gamma, which is no DSP that we know: is it this one?",)
    assert choose(GONE, SENT, asked) == choose(GONE, None, asked) == Choice(None, remarks=asked)
    assert choose(OTHER_OFFERS, SENT, asked) == Choice(DeliveryKind.DEAL_UPDATE, remarks=asked)
    other_audio = choose(with_audio(1, 200.0), SENT, asked)
    assert (other_audio.kind, other_audio.remarks[:1], len(other_audio.remarks)) == (
        DeliveryKind.ASSET_UPDATE,
        asked,
        2,
    )


def test_what_the_dsp_has_keeps_the_files_that_an_update_did_not_bring() -> None:
    after = state_after(DeliveryKind.METADATA_UPDATE, replace(OTHER_WORDS, files=()), SENT, TakedownForm.NO_DEAL)
    assert after == SentState(DeliveryKind.METADATA_UPDATE, OTHER_WORDS)
    assert choose(with_audio(1, 200.0), after).kind is DeliveryKind.ASSET_UPDATE


def test_a_purge_leaves_nothing_and_another_takedown_the_files() -> None:
    assert (DOWN.is_taken_down, DOWN.is_purged, PURGED.is_taken_down, PURGED.is_purged) == (True, False, True, True)
    again = state_after(DeliveryKind.INSERT, replace(NOW, files=FILES[:1]), PURGED, TakedownForm.PURGE)
    assert again == SentState(DeliveryKind.INSERT, replace(NOW, files=FILES[:1]))


def test_a_takedown_has_the_form_that_the_dsp_wants() -> None:
    ended = takedown_offers(TakedownForm.END_DATE, [replace(OFFER, prices=(OfferPrice("1"),))], TODAY, -2)
    assert ended == (replace(OFFER, end="2026-05-08"),)
    others = [takedown_offers(form, [OFFER], TODAY, -2) for form in (TakedownForm.NO_DEAL, TakedownForm.PURGE)]
    assert others == [(), ()]


def test_files_and_measured_lengths_are_no_metadata() -> None:
    first, second = RELEASE.tracks
    moved = replace(
        RELEASE, tracks=(first, replace(second, file="x.wav", seconds=1.5)), images=(ReleaseImage("c.jpg"),)
    )
    assert metadata_digest(moved) == metadata_digest(RELEASE)


@pytest.mark.parametrize(
    "changed",
    [
        replace(RELEASE, title="Sunset"),
        replace(RELEASE, types=("EP",)),
        replace(RELEASE, tracks=RELEASE.tracks[::-1]),
        replace(RELEASE, tracks=(replace(RELEASE.tracks[0], version="Live"), RELEASE.tracks[1])),
    ],
)
def test_what_a_release_says_is_metadata(changed: Release) -> None:
    assert metadata_digest(changed) != metadata_digest(RELEASE)


def test_a_digest_knows_the_order_and_stays_what_was_stored() -> None:
    other = replace(OFFER, tracks=(1,))
    assert digest([OFFER, other]) != digest([other, OFFER])
    assert digest([OFFER]) == "7c9ac4a848755de456e9c54dac87f433edced644b80f71982139c162e159dea9"


CONTENTS = st.builds(
    Content,
    *(st.sampled_from("ab"), st.sampled_from("ab")),
    st.lists(st.builds(FileState, st.integers(0, 2), st.sampled_from("xy")), max_size=3, unique_by=lambda f: f.track)
    .map(lambda files: sorted(files, key=lambda file: file.track))
    .map(tuple),
    is_available=st.booleans(),
)


@given(st.lists(CONTENTS, max_size=6), st.sampled_from(TakedownForm))
def test_once_sent_the_same_content_is_not_sent_again(contents: list[Content], form: TakedownForm) -> None:
    last: SentState | None = None
    for content in contents:
        kind = choose(content, last).kind
        if kind is not None:
            last = state_after(kind, content, last, form)
            assert last.is_taken_down is not content.is_available
        assert choose(content, last).kind is None
