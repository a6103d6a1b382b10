"""Damaged audio: counted in its own unit, told in words that fit, once per cause."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.core.facts import AudioFacts, Container, Damage, DamageFact, UploadEnd, UploadFact
from ingest.core.finding import Severity
from tests.rules.dossiers import AUDIO, GOOD, MASTER, codes, only, with_audio


def _damaged(kind: Damage, **values: object) -> AudioFacts:
    damage = replace(DamageFact(kind), **values)  # type: ignore[arg-type]
    return replace(MASTER, damages=(damage,))


def test_a_file_that_ends_after_its_header_holds_no_audio_at_all() -> None:
    cut = replace(_damaged(Damage.HEADER_ONLY, expected=8_202_600, present=0, chunk="data"), size=44)

    finding = only(with_audio(cut))

    assert finding.code == "AUD-004"
    assert finding.text == (
        "01_Sunrise.wav is cut short: it holds no audio at all, only the first 44 bytes of a WAV file."
    )
    assert (finding.found, finding.expected) == ("0 bytes", "8202600 bytes")


def test_a_flac_file_that_is_cut_short_counts_samples() -> None:
    cut = replace(
        _damaged(Damage.TRUNCATED, expected=1_367_100, present=500_000, chunk="samples"), container=Container.FLAC
    )

    finding = only(with_audio(replace(cut, file=AUDIO, codec="FLAC", suffix=".flac")))

    assert finding.text == "01_Sunrise.wav is cut short: it holds 0:11 of 0:31 (500000 of 1367100 samples)."
    assert (finding.found, finding.expected) == ("0:11 (500000 samples)", "0:31 (1367100 samples)")


def test_a_file_whose_end_is_not_known_holds_less_than_it_should() -> None:
    assert only(with_audio(_damaged(Damage.TRUNCATED))).text == (
        "01_Sunrise.wav is cut short: it holds less sound than it should."
    )


def test_a_file_cut_behind_its_sound_says_that_the_sound_is_there() -> None:
    finding = only(with_audio(_damaged(Damage.TRUNCATED, expected=26, present=25, chunk="LIST")))

    assert finding.text == "01_Sunrise.wav is cut short: it holds all of its sound, but not all of what follows it."
    assert (finding.code, finding.found, finding.expected) == ("AUD-004", None, None)


def test_a_wrong_number_in_the_format_is_no_wrong_size() -> None:
    finding = only(with_audio(_damaged(Damage.SIZE_FIELD, expected=264_600, present=88_200, chunk="fmt ")))

    assert finding.code == "AUD-008"
    assert finding.text.endswith("the bytes a second that its header states are not those of its format.")


def test_half_a_song_in_a_second_block_is_an_error_and_no_short_track() -> None:
    halves = replace(_damaged(Damage.SECOND_DATA_CHUNK, expected=8_202_600, present=4_101_300, chunk="data"))

    finding = only(with_audio(replace(halves, duration=15.5)))

    assert (finding.code, finding.found, finding.expected) == ("AUD-016", "0:16", "0:31")


@pytest.mark.parametrize("kind", [Damage.DAMAGED_FRAMES, Damage.TOTAL_MISMATCH])
def test_damage_inside_a_file_counts_samples(kind: Damage) -> None:
    finding = only(with_audio(_damaged(kind, expected=1_367_100, present=900, chunk="samples")))

    assert (finding.code, finding.found, finding.expected) == ("AUD-006", "900 samples", "1367100 samples")
    assert "FLAC" not in finding.fix


def test_sound_behind_the_size_in_the_header_is_an_error_of_its_own() -> None:
    hidden = replace(_damaged(Damage.SIZE_FIELD, expected=8_202_600, present=2_646_000, chunk="data"), duration=10.0)

    finding = only(with_audio(hidden))

    assert (finding.code, finding.severity) == ("AUD-016", Severity.ERROR)
    assert finding.text == (
        "01_Sunrise.wav says in its header that it is shorter than it is: only 0:10 of 0:31 can be played."
    )
    assert (finding.found, finding.expected) == ("0:10", "0:31")


def test_a_little_hidden_sound_is_told_in_bytes() -> None:
    finding = only(with_audio(_damaged(Damage.SIZE_FIELD, expected=8_202_600, present=8_202_000, chunk="data")))

    assert (finding.code, finding.found, finding.expected) == ("AUD-016", "8202000 bytes", "8202600 bytes")


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"chunk": "STREAMINFO", "expected": 1_367_100, "present": 0}, []),
        ({"chunk": "STREAMINFO", "expected": 8192, "present": 4096}, ["AUD-008"]),
        ({"chunk": "RIFF", "expected": 100, "present": 90}, ["AUD-008"]),
        ({"chunk": "data", "expected": 8_202_600, "present": 0}, ["AUD-008"]),
        ({"chunk": "data", "expected": 8_202_600, "present": 0xFFFFFFFF}, ["AUD-008"]),
        ({"chunk": "data", "expected": 8_202_600, "present": 8_202_603}, ["AUD-008"]),
    ],
)
def test_other_sizes_in_headers_hide_no_sound(values: dict[str, object], found: list[str]) -> None:
    assert codes(with_audio(_damaged(Damage.SIZE_FIELD, **values))) == found


def test_a_broken_upload_of_a_flac_file_is_not_told_in_samples() -> None:
    cut = replace(_damaged(Damage.TRUNCATED, expected=1_367_100, present=500_000, chunk="samples"), size=8_202_644)
    interrupted = replace(with_audio(cut), uploads=(UploadFact(AUDIO, 8_202_644, UploadEnd.INTERRUPTED),))

    finding = only(interrupted)

    assert finding.text == "The upload of 01_Sunrise.wav broke off: 8202644 bytes arrived."
    assert (finding.found, finding.expected) == ("8202644 bytes", None)


def test_a_broken_upload_needs_what_has_arrived_and_what_is_missing_of_its_sound() -> None:
    cut = replace(_damaged(Damage.TRUNCATED, expected=9_000_000, present=8_202_600, chunk="data"), size=8_202_644)
    interrupted = replace(with_audio(cut), uploads=(UploadFact(AUDIO, 8_202_644, UploadEnd.INTERRUPTED),))

    assert only(interrupted).text == "The upload of 01_Sunrise.wav broke off: 8202644 of 9000044 bytes arrived."
    assert GOOD.folder.entries[1].size == 8_202_644
