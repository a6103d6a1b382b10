"""What both versions write alike: parties, identifiers, rights lines, references, the ends of periods."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lxml import etree

from ingest.core.offer import Offer
from ingest.core.release import Release, ReleaseTrack
from ingest.core.release_parts import ExternalId, ReleaseImage, RightsLine
from ingest.outbound.ern import composites
from ingest.outbound.ern.outgoing import MessageParty
from tests.outbound.ern.releases import STREAMS, TRANSMISSION, outgoing_of

NAMESPACE = "DPID:PADPIDA2026010101A"
RELEASE = Release(
    barcode="5034567890120", tracks=(ReleaseTrack(1, isrc="GBDUM2600001"), ReleaseTrack(2)), images=(ReleaseImage(),)
)


def root() -> etree._Element:
    return etree.Element("x")


def shown(parent: etree._Element) -> str:
    return etree.tostring(parent, encoding="unicode").removeprefix("<x>").removesuffix("</x>")


@pytest.mark.parametrize(("marks", "attribute"), [(True, ' IsDPID="true"'), (False, "")])
def test_party_ids_are_marked_where_the_version_asks_for_it(marks: bool, attribute: str) -> None:
    parent = root()
    composites.write_party(parent, "MessageSender", MessageParty("PADPIDA1", "Us"), marks_party_ids=marks)
    composites.write_party(parent, "MessageSender", MessageParty("OTHER"), marks_party_ids=marks)
    assert shown(parent) == (
        f"<MessageSender><PartyId{attribute}>PADPIDA1</PartyId><PartyName><FullName>Us</FullName></PartyName>"
        "</MessageSender><MessageSender><PartyId>OTHER</PartyId></MessageSender>"
    )


def test_a_header_names_all_parties_in_order() -> None:
    parent = root()
    behalf = MessageParty("PADPIDA2")
    composites.write_header(parent, replace(TRANSMISSION, on_behalf_of=behalf), marks_party_ids=False)
    assert [one.tag for one in parent[0]] == [
        "MessageThreadId",
        "MessageId",
        "MessageSender",
        "SentOnBehalfOf",
        "MessageRecipient",
        "MessageCreatedDateTime",
        "MessageControlType",
    ]


def test_a_rights_line_without_its_text_has_its_year_and_company_as_text() -> None:
    parent = root()
    composites.write_lines(parent, "PLine", (RightsLine("2026", "Sunrise"), RightsLine(), RightsLine(text="(P) Sun")))
    assert shown(parent) == (
        "<PLine><Year>2026</Year><PLineCompany>Sunrise</PLineCompany><PLineText>2026 Sunrise</PLineText></PLine>"
        "<PLine><PLineText>(P) Sun</PLineText></PLine>"
    )


def test_identifiers_are_in_their_namespace_or_in_ours() -> None:
    parent = root()
    composites.write_proprietary_ids(parent, (ExternalId("A", "IPI"), ExternalId("B")), NAMESPACE)
    assert shown(parent) == (
        f'<ProprietaryId Namespace="IPI">A</ProprietaryId><ProprietaryId Namespace="{NAMESPACE}">B</ProprietaryId>'
    )


def test_a_recording_without_an_identifier_has_one_of_ours() -> None:
    outgoing, found = outgoing_of(RELEASE), list[str]()
    for track in (*RELEASE.tracks, replace(RELEASE.tracks[1], ids=(ExternalId("C", "IPI"),))):
        parent = root()
        composites.write_recording_ids(parent, outgoing, track)
        found.append(shown(parent))
    assert found == [
        "<ISRC>GBDUM2600001</ISRC>",
        f'<ProprietaryId Namespace="{NAMESPACE}">5034567890120_2</ProprietaryId>',
        '<ProprietaryId Namespace="IPI">C</ProprietaryId>',
    ]


def test_references_count_recordings_then_images_and_releases_from_the_main_one() -> None:
    outgoing = outgoing_of(RELEASE)
    assert [composites.recording_reference(track) for track in RELEASE.tracks] == ["A1", "A2"]
    assert composites.image_reference(outgoing, 0) == "A3"
    offers = (STREAMS, replace(STREAMS, tracks=(2,)), replace(STREAMS, tracks=(0, 1)))
    named = [composites.deal_references(outgoing, offer) for offer in offers]
    assert named == [["R0", "R1", "R2"], ["R2"], ["R0", "R1"]]


def test_c_lines_are_written_like_p_lines() -> None:
    parent = root()
    composites.write_lines(parent, "CLine", (RightsLine("2026", "Sun"), RightsLine()), {"IsDefault": "true"})
    assert [(one.get("IsDefault"), one.findtext("CLineText")) for one in parent] == [("true", "2026 Sun")]


@pytest.mark.parametrize(
    ("start", "end", "written"),
    [
        (None, None, []),
        ("2026-05-01", "2027-05-01", [("StartDate", "2026-05-01"), ("EndDate", "2027-05-01")]),
        (
            "2026-05-01T12:00:00Z",
            "2027-05-01",
            [("StartDateTime", "2026-05-01T12:00:00Z"), ("EndDateTime", "2027-05-01T23:59:59")],
        ),
        (
            "2026-05-01",
            "2027-05-01T12:00:00Z",
            [("StartDateTime", "2026-05-01T00:00:00"), ("EndDateTime", "2027-05-01T12:00:00Z")],
        ),
    ],
)
def test_dates_and_date_times_are_not_mixed(start: str | None, end: str | None, written: list[tuple[str, str]]) -> None:
    assert list(composites.period_ends(start, end)) == written


def test_a_release_of_one_kind_of_offer_needs_no_tracks_named() -> None:
    assert composites.deal_references(outgoing_of(Release()), Offer((), ())) == ["R0"]
