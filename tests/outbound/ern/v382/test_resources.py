"""The resources: technical details and hash sums are those of the files as sent, and only of files that are sent."""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from ingest.core.release import Release, ReleaseTrack
from ingest.core.release_parts import ReleaseImage
from ingest.outbound.ern.outgoing import HashAlgorithm, Outgoing
from ingest.outbound.ern.v382.resources import write_resources
from tests.outbound.ern.releases import TRANSMISSION, outgoing_of, sent_audio

RELEASE = Release(
    barcode="5034567890120",
    title="Sunrise",
    tracks=(ReleaseTrack(1, title="One", isrc="GBDUM2600001", seconds=31.25), ReleaseTrack(2, title="Two")),
    images=(ReleaseImage(type="FrontCoverImage"),),
)


def resources(outgoing: Outgoing) -> etree._Element:
    parent = etree.Element("x")
    write_resources(parent, outgoing)
    return parent[0]


def said(parent: etree._Element, name: str) -> list[str]:
    return [one.text or "" for one in parent.iter(name) if one.text]


def test_a_file_is_described_as_it_is_sent() -> None:
    details = resources(outgoing_of(RELEASE)).find(".//TechnicalSoundRecordingDetails")
    assert details is not None
    assert [(one.tag, one.text) for one in details.iter() if one.text] == [
        ("TechnicalResourceDetailsReference", "T1"),
        ("AudioCodecType", "FLAC"),
        ("NumberOfChannels", "2"),
        ("SamplingRate", "44.1"),
        ("BitsPerSample", "24"),
        ("Duration", "PT0M31.25S"),
        ("IsPreview", "false"),
        ("FileName", "01.wav.flac"),
        ("FilePath", "resources/"),
        ("HashSum", "0000000000000000000000000000000a"),
        ("HashSumAlgorithmType", "MD5"),
        ("HashSumDataType", "HexBinary"),
    ]


def test_hash_sums_are_of_the_kind_that_the_dsp_wants() -> None:
    wanted: list[tuple[HashAlgorithm, str, int]] = [("SHA-1", "SHA1", 40), ("SHA-256", "UserDefined", 64)]
    for algorithm, named, digits in wanted:
        found = resources(replace(outgoing_of(RELEASE), hash_algorithm=algorithm))
        assert {len(text) for text in said(found, "HashSum")} == {digits}
        assert set(said(found, "HashSumAlgorithmType")) == {named}


def test_an_update_without_files_describes_none() -> None:
    found = resources(outgoing_of(RELEASE, has_files=False))
    assert [said(found, name) for name in ("FileName", "TechnicalResourceDetailsReference")] == [[], []]
    assert said(found, "ResourceReference") == ["A1", "A2", "A3"]


def test_what_has_no_identifier_of_its_own_has_one_of_ours() -> None:
    found = resources(outgoing_of(RELEASE))
    assert said(found, "ISRC") == ["GBDUM2600001"]
    assert said(found, "ProprietaryId") == ["5034567890120_2", "5034567890120_A3"]
    unnamed = outgoing_of(replace(RELEASE, barcode=None))
    assert said(resources(unnamed), "ProprietaryId") == ["T-1_2", "T-1_A3"]


def test_a_preview_is_a_file_of_its_own_and_says_so() -> None:
    track = replace(RELEASE.tracks[0], file="01.wav", preview="clip.mp3")
    files = {path: sent_audio(path) for path in ("01.wav", "clip.mp3")}
    found = resources(Outgoing(TRANSMISSION, replace(RELEASE, tracks=(track,), images=()), (), files))
    assert said(found, "IsPreview") == ["false", "true"]
    assert said(found, "TechnicalResourceDetailsReference") == ["T1", "T1p"]
    assert said(found, "FileName") == ["01.wav.flac", "clip.mp3.flac"]
