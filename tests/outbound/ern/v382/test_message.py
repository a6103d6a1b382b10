"""Messages in ERN 3.8.2: valid by two validators, and read back as the release that was written."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from ingest.core.offer import Offer
from ingest.core.release import Release
from ingest.outbound.ern.outgoing import MessageParty, Outgoing
from ingest.outbound.ern.v382.message import write_message, write_purge
from tests.outbound.ern import validity
from tests.outbound.ern.releases import (
    STREAMS,
    TRANSMISSION,
    message_in,
    offers,
    outgoing_of,
    release_in,
    releases,
    without_files,
)
from tests.readers.ern.messages import GENUINE, GUIDE, read

assert_valid = partial(validity.assert_valid, schema="ern382.xsd")


def completed(release: Release) -> Release:
    """The release with what the writer says where it says nothing."""
    tracks = tuple(replace(track, type=track.type or "MusicalWorkSoundRecording") for track in release.tracks)
    return without_files(replace(release, tracks=tracks))


@pytest.mark.parametrize("text", [GUIDE, GENUINE], ids=["guide", "genuine"])
@pytest.mark.parametrize("has_files", [True, False])
def test_a_release_of_a_label_is_read_back_as_it_was(tmp_path: Path, text: str, has_files: bool) -> None:
    release = release_in(read(tmp_path, text))
    data = write_message(outgoing_of(release, STREAMS, has_files=has_files))
    assert_valid(data)
    message = message_in(data)
    assert (message.schema_faults, message.rewrites) == ((), ())
    kept = {f"resources/{track.number:02}.wav.flac" for track in release.tracks} if has_files else set()
    files = (file for each in message.recordings for details in each.technical_details for file in details.files)
    assert {f"{file.path.value if file.path else ''}{file.name.value}" for file in files} == kept
    assert release_in(message) == replace(completed(release), images=release_in(message).images)


@settings(max_examples=25, deadline=None)
@given(releases(), st.lists(offers(), max_size=3), st.booleans())
def test_any_release_is_read_back_as_it_was_written(release: Release, terms: list[Offer], has_files: bool) -> None:
    data = write_message(outgoing_of(release, *terms, has_files=has_files))
    assert_valid(data, twice=False)
    message = message_in(data)
    assert (message.schema_faults, message.rewrites) == ((), ())
    assert release_in(message) == release
    assert_valid(write_purge(outgoing_of(release)), twice=False)


@settings(max_examples=5, deadline=None)
@given(releases(), st.lists(offers(), max_size=3))
def test_any_release_is_valid_to_a_second_validator_too(release: Release, terms: list[Offer]) -> None:
    assert_valid(write_message(outgoing_of(release, *terms)))
    assert_valid(write_purge(outgoing_of(release)))


def root_of(outgoing: Outgoing) -> etree._Element:
    return etree.fromstring(write_message(outgoing))


def said(root: etree._Element, path: str) -> list[str | None]:
    return [one.text for one in root.iterfind(path)]


def test_the_header_says_who_sends_to_whom_and_when() -> None:
    behalf = MessageParty("PADPIDA2026010103C", "Sunrise Records")
    sent = replace(TRANSMISSION, on_behalf_of=behalf, is_test=True, update_indicator="UpdateMessage")
    outgoing = replace(outgoing_of(Release(barcode="5034567890120", title="Sunrise")), transmission=sent)
    root = root_of(outgoing)
    header = root.find("MessageHeader")
    assert header is not None
    assert [(one.tag, one.findtext("PartyId") or one.text) for one in header] == [
        ("MessageThreadId", "T-1"),
        ("MessageId", "M-1"),
        ("MessageSender", "PADPIDA2026010101A"),
        ("SentOnBehalfOf", "PADPIDA2026010103C"),
        ("MessageRecipient", "PADPIDA2013020802I"),
        ("MessageCreatedDateTime", "2026-11-30T12:00:00.123Z"),
        ("MessageControlType", "TestMessage"),
    ]
    assert [one.get("IsDPID") for one in header.iter("PartyId")] == ["true"] * 3
    assert said(root, "UpdateIndicator") == ["UpdateMessage"]


def test_a_time_without_its_zone_is_not_sent() -> None:
    naive = replace(TRANSMISSION, created=datetime(2026, 11, 30))
    with pytest.raises(ValueError, match="zone"):
        write_message(replace(outgoing_of(Release()), transmission=naive))


def test_without_offers_a_message_has_no_deals() -> None:
    assert root_of(outgoing_of(Release(title="Sunrise"))).find("DealList") is None


def test_383_differs_in_its_namespace_and_number(tmp_path: Path) -> None:
    outgoing = outgoing_of(release_in(read(tmp_path, GENUINE)), STREAMS)
    third = write_message(outgoing, "383")
    root = etree.fromstring(third)
    assert (root.tag, root.get("MessageSchemaVersionId")) == (
        "{http://ddex.net/xml/ern/383}NewReleaseMessage",
        "ern/383",
    )
    assert third.replace(b"ern/383", b"ern/382") == write_message(outgoing)


def test_characters_that_xml_cannot_hold_are_left_out() -> None:
    root = root_of(outgoing_of(Release(title="Sun\x00rise\ud800 \x1b[31m<b>&")))
    assert said(root, "ReleaseList/Release/ReferenceTitle/TitleText") == ["Sunrise [31m<b>&"]
