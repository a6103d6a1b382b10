"""Every kind of broken or strange audio file gives the finding that fits it, and no other; a healthy one gives none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from ingest.core.facts import Container, DamageFact
from ingest.core.finding import Finding
from ingest.readers.audio import read_audio
from ingest.rules import check
from tests.readers.audio.test_broken import BROKEN, STRANGE
from tests.readers.audio.test_healthy import HEALTHY
from tests.rules.dossiers import AUDIO, POLICY, with_audio

FINDINGS: Final = {
    "AUD-004": "half.wav, one byte short.wav, mid frame.wav, 100 bytes.wav, 44 bytes.wav, 20 bytes.wav, 4 bytes.wav, "
    "data larger than the file.wav, "
    "cut LIST behind.wav, cut RF64.wav, half.aiff, one byte short.aiff, header.aiff, 20 bytes.aiff, 4 bytes.aiff, "
    "half.flac, at a frame.flac, one byte short.flac, metadata only.flac, cut metadata.flac, 4 bytes.flac",
    "AUD-005": "fmt only.wav, empty data.wav, data before fmt.wav, no fmt.wav, two fmt.wav, wrong block align.wav, "
    "no channels.wav, no rate.wav, no depth.wav, absurd.wav, no extension.wav, RF64 without ds64.wav, no SSND.aiff, "
    "empty SSND.aiff, no COMM.aiff, no rate.aiff, wrong depth.flac, wrong channels.flac, wrong rate.flac, "
    "no STREAMINFO.flac, padding first.flac, wrong metadata length.flac, metadata past the end.flac, "
    "blocks of 65536.flac, rate changes.flac, rate changes and no total.flac, depth changes.flac, "
    "depth changes under an md5.flac, channels change.flac",
    "AUD-006": "wrong count.aiff, wrong md5.flac, total too small.flac, total too large.flac",
    "AUD-008": "streamed by sox.wav, streamed by arecord.wav, data too large.wav, data as large as the file.wav, "
    "ID3v2 within.wav, APE tag within.wav, id3 counts its own header.wav, streamed by ffmpeg.aiff, "
    "streamed by sox.aiff, streamed ffff.aiff, ragged.aiff, in blocks.aiff, "
    "small second data.wav, zeros within.wav, ID3v1 within.wav, "
    "streamed zero.wav, streamed ffff.wav, riff small.wav, riff zero.wav, riff large.wav, "
    "garbage.wav, zeros behind.wav, text behind.wav, odd LIST unpadded.wav, wrong byte rate.wav, ragged.wav, "
    "ID3 in front.wav, garbage.aiff, form small.aiff, wrong block size.flac, frames too long.flac, "
    "blocks of 1.flac, trailing.flac, ID3 in front.flac",
    "AUD-009": "no md5.flac, no total and no md5.flac",
    "AUD-016": "data too small.wav, two data.wav",
    # An empty file is the folder's matter; a FLAC that does not tell its length is as encoders write it to a pipe.
    "": "empty.wav, no total.flac",
}
LOSSY: Final = [
    "aac.mp4",
    "other escape.mp4",
    "longer tag than file.mp3",
    "vorbis.wav",
    "opus.flac",
    "song.m4a",
    "song.wma",
    "song.aac",
    "song.wav",
    "tagged.wav",
    "padded.wav",
    "long box.m4a",
    "no moov.m4a",
    "box of nothing.m4a",
    "box beyond the end.m4a",
]
RATES_AND_DEPTHS: Final = {
    "AUD-010": "96 kHz.wav, 32 kHz.wav, 88.2 kHz.wav",
    "AUD-011": "plain 8.wav, plain 8.flac",
    "AUD-013": "plain 32.wav, float.wav, double.wav, float.aif, in32.aif, 23ni.aif",
    "AUD-014": "mono.wav, mono 24.wav, mono.flac",
}
REMARKS: Final = {"AUD-012", "AUD-015", "AUD-029"}
"""These files are short and mostly of 16 bits; the shortest is part of one wave."""

THEIRS: Final = ("libsndfile", "error", "exception", "miniaudio", "dr_flac", "lost sync", "mutagen", "chunk", "none")


def findings(folder: Path, name: str, data: bytes) -> list[Finding]:
    path = folder / name
    path.write_bytes(data)
    facts = replace(read_audio(path, name), file=AUDIO)
    found = [finding for finding in check(with_audio(facts), POLICY) if finding.code.startswith("AUD")]
    return [finding for finding in found if finding.code not in REMARKS]


def codes_of(table: Mapping[str, str], name: str) -> list[str]:
    """The codes in whose list of names this one stands."""
    return [code for code, names in table.items() if name in names.split(", ")]


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_gives_exactly_its_finding(tmp_path: Path, name: str) -> None:
    row: tuple[bytes, tuple[DamageFact, ...]] = BROKEN[name]
    expected = codes_of(FINDINGS, name)
    found = findings(tmp_path, name, row[0])
    assert [finding.code for finding in found] == [code for code in expected if code]
    assert expected, "every row stands in the table"
    assert not [word for finding in found for word in THEIRS if word in finding.text.lower()]


@pytest.mark.parametrize("name", STRANGE)
def test_another_format_is_named_in_one_finding(tmp_path: Path, name: str) -> None:
    row: tuple[bytes, Container, str | None] = STRANGE[name]
    found = findings(tmp_path, name, row[0])
    assert [finding.code for finding in found] == ["AUD-001" if name in LOSSY else "AUD-002"]


@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_file_gives_no_finding_but_for_its_rate_depth_and_channels(tmp_path: Path, name: str) -> None:
    found = findings(tmp_path, name, HEALTHY[name][0])
    assert [finding.code for finding in found] == codes_of(RATES_AND_DEPTHS, name)
