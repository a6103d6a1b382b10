"""Faults that writers of ERN in the open are known for, each as a test that ours has it not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from lxml import etree

from ingest.core.offer import Offer
from ingest.core.release import Release, ReleaseTrack
from ingest.core.release_parts import Credit
from ingest.outbound.ern.versions import write
from tests.outbound.ern.releases import STREAMS, outgoing_of

AYO = (Credit("Ayo", ("MainArtist",)),)
TRACK = ReleaseTrack(1, isrc="GBDUM2600001", title="Sunrise", artists=AYO, seconds=31.0)
SUNRISE = Release(barcode="5034567890120", title="Sunrise", artists=AYO, tracks=(TRACK,), types=("Single",))


@pytest.fixture(params=["3.8.2", "3.8.3", "4.3"])
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def root_of(version: str, release: Release, *offers: Offer, has_files: bool = True) -> etree._Element:
    return etree.fromstring(write(version, outgoing_of(release, *offers, has_files=has_files)))


def children(root: etree._Element, name: str) -> Iterator[list[str]]:
    return ([str(child.tag) for child in one] for one in root.iter(name))


def test_a_file_has_one_place_and_not_a_name_and_a_url(version: str) -> None:
    expected = ["URI", "HashSum"] if version == "4.3" else ["FileName", "FilePath", "HashSum"]
    assert list(children(root_of(version, SUNRISE, STREAMS), "File")) == [expected]


def test_the_hash_is_that_of_a_file_and_stands_where_the_schema_wants_it(version: str) -> None:
    root = root_of(version, SUNRISE, STREAMS)
    order = (
        ["Algorithm", "DataType", "HashSumValue"]
        if version == "4.3"
        else ["HashSum", "HashSumAlgorithmType", "HashSumDataType"]
    )
    outer = [one for one in root.iter("HashSum") if len(one)]
    assert [[str(child.tag) for child in one] for one in outer] == [order]
    assert outer[0].findtext("HashSumValue" if version == "4.3" else "HashSum") == "0" * 31 + "a"


def test_the_kind_of_message_is_live_or_test_and_never_update(version: str) -> None:
    assert root_of(version, SUNRISE, STREAMS).findtext("MessageHeader/MessageControlType") == "LiveMessage"


def test_territories_are_those_of_the_deal_and_not_always_the_world(version: str) -> None:
    root = root_of(version, SUNRISE, replace(STREAMS, territories=("FR", "GB")))
    (deals,) = root.iter("DealList")
    assert [one.text for one in deals.iter("TerritoryCode")] == ["FR", "GB"]


def test_every_party_name_has_a_full_name(version: str) -> None:
    names = list(children(root_of(version, SUNRISE, STREAMS), "PartyName"))
    assert names
    assert all(one == ["FullName"] for one in names)


def test_a_track_without_an_isrc_has_no_empty_one(version: str) -> None:
    release = replace(SUNRISE, tracks=(replace(TRACK, isrc=None),))
    assert [one.text for one in root_of(version, release, STREAMS).iter("ISRC")] == []


def test_no_element_is_empty(version: str) -> None:
    root = root_of(version, SUNRISE, STREAMS)
    assert [str(one.tag) for one in root.iter("*") if not len(one) and not (one.text or "").strip()] == []


def test_an_update_without_files_describes_none(version: str) -> None:
    root = root_of(version, SUNRISE, STREAMS, has_files=False)
    technical = ("TechnicalSoundRecordingDetails", "TechnicalImageDetails", "TechnicalDetails", "File")
    assert [str(one.tag) for one in root.iter(*technical)] == []


def test_a_purge_names_its_release(version: str) -> None:
    root = etree.fromstring(write(version, outgoing_of(SUNRISE), is_purge=True))
    assert [one.text for one in root.iter("ICPN")] == ["5034567890120"]
