"""The parties: everyone named once, with the identifiers that 4.3 has elements for."""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from ingest.core.release import Release, ReleaseTrack
from ingest.core.release_parts import Credit, ExternalId, RightsLine, TerritoryDetails
from ingest.outbound.ern.v43.parties import Parties, label_of
from tests.outbound.ern.releases import TRANSMISSION, outgoing_of

AYO = Credit("Ayo", ("MainArtist",))
RELEASE = Release(
    title="Sunrise",
    label_name="Sunrise Records",
    artists=(AYO,),
    elsewhere=(TerritoryDetails(("JP",), artists=(Credit("Ayo JP"),), label_name="Moon"),),
    tracks=(
        ReleaseTrack(1, artists=(replace(AYO, roles=("Composer",)),), contributors=(Credit("Per"),), label_name="Sea"),
        ReleaseTrack(2, artists=(Credit("Ayo", (), (ExternalId("1", "ISNI"),)),), writers=(Credit("Kari"),)),
    ),
)


def test_everyone_is_named_once_in_the_order_of_the_message() -> None:
    parent = etree.Element("x")
    outgoing = outgoing_of(RELEASE)
    parties = Parties(outgoing)
    parties.write(parent)
    assert [(one.findtext("PartyReference"), one.findtext("PartyName/FullName")) for one in parent[0]] == [
        ("P1", "Ayo"),
        ("P2", "Ayo JP"),
        ("P3", "Per"),
        ("P4", "Ayo"),
        ("P5", "Kari"),
        ("P6", "Sunrise Records"),
        ("P7", "Moon"),
        ("P8", "Sea"),
    ]
    assert [parties.of(AYO), parties.of(RELEASE.tracks[1].artists[0])] == ["P1", "P4"]
    assert [parties.label(outgoing, name) for name in (None, "Sea")] == ["P6", "P8"]


def test_identifiers_stand_in_their_elements_and_others_are_proprietary() -> None:
    ids = (
        ExternalId("0000000121707484", "ISNI"),
        ExternalId("PADPIDA1", "DPID"),
        ExternalId("nonsense", "DPID"),
        ExternalId("7", "IPN"),
        ExternalId("00000000001", "IPI"),
        ExternalId("1", "IPI"),
        ExternalId("8"),
    )
    parent = etree.Element("x")
    Parties(outgoing_of(Release(artists=(Credit("Ayo", (), ids),)))).write(parent)
    found = [(child.tag, child.text, child.get("Namespace")) for one in parent.iter("PartyId") for child in one]
    assert found == [
        ("ISNI", "0000000121707484", None),
        ("DPID", "PADPIDA1", None),
        ("ProprietaryId", "nonsense", "DPID"),
        ("IPN", "7", None),
        ("IpiNameNumber", "00000000001", None),
        ("ProprietaryId", "1", "IPI"),
        ("ProprietaryId", "8", TRANSMISSION.namespace),
    ]


def test_a_release_without_a_label_has_the_company_of_its_p_line_or_us() -> None:
    unnamed = replace(RELEASE, label_name=None)
    told = replace(unnamed, p_lines=(RightsLine("2026", "Sunrise Ltd"),))
    assert [label_of(outgoing_of(one)) for one in (RELEASE, told, unnamed)] == [
        "Sunrise Records",
        "Sunrise Ltd",
        "InterSpace",
    ]
