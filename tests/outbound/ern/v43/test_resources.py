"""The resources: files described as they are sent, clips beside the whole, identifiers of ours where there is none."""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from ingest.core.release import Release, ReleaseTrack
from ingest.core.release_parts import ReleaseImage
from ingest.outbound.ern.outgoing import Outgoing
from ingest.outbound.ern.v43.parties import Parties
from ingest.outbound.ern.v43.resources import write_resources
from tests.outbound.ern.releases import TRANSMISSION, outgoing_of, sent_audio

RELEASE = Release(
    barcode="5034567890120",
    title="Sunrise",
    tracks=(ReleaseTrack(1, title="One", isrc="GBDUM2600001", seconds=31.25), ReleaseTrack(2, title="Two")),
    images=(ReleaseImage(type="FrontCoverImage"),),
)


def resources(outgoing: Outgoing) -> etree._Element:
    parent = etree.Element("x")
    write_resources(parent, outgoing, Parties(outgoing))
    return parent[0]


def said(parent: etree._Element, name: str) -> list[str]:
    return [one.text or "" for one in parent.iter(name) if one.text]


def test_a_file_is_described_as_it_is_sent() -> None:
    details = resources(outgoing_of(RELEASE)).find("SoundRecording/SoundRecordingEdition/TechnicalDetails")
    assert details is not None
    assert [(one.tag, one.text) for one in details.iter() if one.text] == [
        ("TechnicalResourceDetailsReference", "T1"),
        ("Type", "AudioFile"),
        ("AudioCodecType", "FLAC"),
        ("NumberOfChannels", "2"),
        ("SamplingRate", "44.1"),
        ("BitsPerSample", "24"),
        ("Duration", "PT0M31.25S"),
        ("URI", "resources/01.wav.flac"),
        ("Algorithm", "MD5"),
        ("DataType", "HexBinary"),
        ("HashSumValue", "0000000000000000000000000000000a"),
        ("IsProvidedInDelivery", "true"),
    ]


def test_every_kind_of_hash_sum_has_its_name() -> None:
    outgoing = outgoing_of(RELEASE)
    named = [
        {*said(resources(replace(outgoing, hash_algorithm="MD5")), "Algorithm")},
        {*said(resources(replace(outgoing, hash_algorithm="SHA-1")), "Algorithm")},
        {*said(resources(replace(outgoing, hash_algorithm="SHA-256")), "Algorithm")},
    ]
    assert named == [{"MD5"}, {"SHA1"}, {"SHA-256"}]


def test_an_update_without_files_describes_none() -> None:
    found = resources(outgoing_of(RELEASE, has_files=False))
    assert [said(found, name) for name in ("URI", "TechnicalResourceDetailsReference")] == [[], []]
    assert said(found, "ResourceReference") == ["A1", "A2", "A3"]


def test_what_has_no_identifier_of_its_own_has_one_of_ours() -> None:
    assert said(resources(outgoing_of(RELEASE)), "ProprietaryId") == ["5034567890120_2", "5034567890120_A3"]
    unnamed = outgoing_of(replace(RELEASE, barcode=None))
    assert said(resources(unnamed), "ProprietaryId") == ["T-1_2", "T-1_A3"]


def test_a_preview_is_a_clip_of_the_recording() -> None:
    track = replace(RELEASE.tracks[0], file="01.wav", preview="clip.mp3")
    files = {path: sent_audio(path) for path in ("01.wav", "clip.mp3")}
    found = resources(Outgoing(TRANSMISSION, replace(RELEASE, tracks=(track,), images=()), (), files))
    assert said(found, "TechnicalResourceDetailsReference") == ["T1", "T1p"]
    assert said(found, "ClipType") == ["Preview"]
    assert said(found, "URI") == ["resources/01.wav.flac", "resources/clip.mp3.flac"]
