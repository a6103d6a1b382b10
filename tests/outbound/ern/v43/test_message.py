"""Messages in ERN 4.3: valid by two validators, and saying the same as those in 3.8.2."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from ingest.core.offer import Offer
from ingest.core.release import Release
from ingest.core.release_parts import Credit
from ingest.outbound.ern.outgoing import MessageParty
from ingest.outbound.ern.v43.message import write_message, write_purge
from tests.outbound.ern import validity
from tests.outbound.ern.releases import STREAMS, TRANSMISSION, offers, outgoing_of, release_in, releases
from tests.outbound.ern.v43.reading import Reader, sayable
from tests.readers.ern.messages import GENUINE, GUIDE, read

assert_valid = partial(validity.assert_valid, schema="ern43.xsd")


@pytest.mark.parametrize("text", [GUIDE, GENUINE], ids=["guide", "genuine"])
@pytest.mark.parametrize("has_files", [True, False])
def test_a_release_of_a_label_is_valid_with_and_without_files(tmp_path: Path, text: str, has_files: bool) -> None:
    release = release_in(read(tmp_path, text))
    data = write_message(outgoing_of(release, STREAMS, has_files=has_files))
    assert_valid(data)
    uris = [one.text for one in etree.fromstring(data).iter("URI")]
    assert len(uris) == (len(release.tracks) + len(release.images) if has_files else 0)


@settings(max_examples=25, deadline=None)
@given(releases(), st.lists(offers(), max_size=3), st.booleans())
def test_any_release_says_the_same_as_in_the_other_version(
    release: Release, terms: list[Offer], has_files: bool
) -> None:
    data = write_message(outgoing_of(release, *terms, has_files=has_files))
    assert_valid(data, twice=False)
    assert Reader(etree.fromstring(data)).release() == sayable(release)
    assert_valid(write_purge(outgoing_of(release)), twice=False)


@settings(max_examples=5, deadline=None)
@given(releases(), st.lists(offers(), max_size=3))
def test_any_release_is_valid_to_a_second_validator_too(release: Release, terms: list[Offer]) -> None:
    assert_valid(write_message(outgoing_of(release, *terms)))
    assert_valid(write_purge(outgoing_of(release)))


def test_the_least_release_is_valid_all_the_same() -> None:
    assert_valid(write_message(outgoing_of(Release(artists=(Credit("Ayo"),)), STREAMS)))


def test_the_header_says_who_sends_to_whom_and_when() -> None:
    behalf = MessageParty("PADPIDA2026010103C", "Sunrise Records")
    sent = replace(TRANSMISSION, on_behalf_of=behalf, is_test=True)
    data = write_message(replace(outgoing_of(Release(title="Sunrise")), transmission=sent))
    header = etree.fromstring(data).find("MessageHeader")
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
