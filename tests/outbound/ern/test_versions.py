"""The versions that are written: each valid by its schema, and nothing that is not valid leaves."""

from __future__ import annotations

import pytest
from lxml import etree

from ingest.core.release import Release, ReleaseTrack
from ingest.core.release_parts import Credit
from ingest.outbound.ern.outgoing import Outgoing
from ingest.outbound.ern.versions import NotValid, write
from tests.outbound.ern.releases import STREAMS, outgoing_of

AYO = (Credit("Ayo", ("MainArtist",)),)
TRACK = ReleaseTrack(1, isrc="GBDUM2600001", title="Sunrise", artists=AYO, seconds=31.0)
SUNRISE = Release(barcode="5034567890120", title="Sunrise", artists=AYO, tracks=(TRACK,))


@pytest.mark.parametrize(
    ("version", "namespace"),
    [
        ("3.8.2", "http://ddex.net/xml/ern/382"),
        ("3.8.3", "http://ddex.net/xml/ern/383"),
        ("4.3", "http://ddex.net/xml/ern/43"),
    ],
)
@pytest.mark.parametrize(("is_purge", "name"), [(False, "NewReleaseMessage"), (True, "PurgeReleaseMessage")])
def test_each_version_is_written_in_its_namespace(version: str, namespace: str, is_purge: bool, name: str) -> None:
    data = write(version, outgoing_of(SUNRISE, STREAMS), is_purge=is_purge)
    assert etree.fromstring(data).tag == f"{{{namespace}}}{name}"


def test_what_is_not_valid_does_not_leave() -> None:
    without_artists: Outgoing = outgoing_of(Release(title="Sunrise"), STREAMS)
    with pytest.raises(NotValid, match=r"^line \d+: Element 'ReleaseLabelReference'"):
        write("4.3", without_artists)


def test_a_version_without_a_writer_is_refused() -> None:
    with pytest.raises(KeyError):
        write("4.1", outgoing_of(SUNRISE))
