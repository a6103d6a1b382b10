"""Deals: what is offered of everything stands at the release and at each track, always with a start."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lxml import etree

from ingest.core.offer import Offer, OfferPrice
from ingest.core.release import Release, ReleaseTrack
from ingest.outbound.ern.v43.deals import write_deals
from tests.outbound.ern.releases import STREAMS, outgoing_of

RELEASE = Release(barcode="5034567890120", tracks=(ReleaseTrack(1), ReleaseTrack(2)))


def deals(*offers: Offer) -> etree._Element:
    parent = etree.Element("x")
    write_deals(parent, outgoing_of(RELEASE, *offers))
    return parent


def test_an_offer_of_everything_is_for_the_release_and_each_track() -> None:
    found = deals(STREAMS, replace(STREAMS, tracks=(2,)))
    listed = [[ref.text for ref in one.iterfind("DealReleaseReference")] for one in found.iter("ReleaseDeal")]
    assert listed == [["R0", "R1", "R2"], ["R2"]]


def test_terms_are_written_whole() -> None:
    price = OfferPrice("PreOrderPrice", "15", "Mid", "6.99", "9.99", "EUR")
    offer = Offer(
        ("PayAsYouGoModel",),
        ("PermanentDownload",),
        excluded=("US", "CA"),
        start="2026-05-01",
        end="2027-05-01T12:00:00Z",
        prices=(price,),
        is_pre_order=True,
    )
    terms = deals(offer).find(".//DealTerms")
    assert terms is not None
    assert [(one.tag, one.text) for one in terms.iter() if one.text] == [
        ("ExcludedTerritoryCode", "US"),
        ("ExcludedTerritoryCode", "CA"),
        ("StartDateTime", "2026-05-01T00:00:00"),
        ("EndDateTime", "2027-05-01T12:00:00Z"),
        ("CommercialModelType", "PayAsYouGoModel"),
        ("UseType", "PermanentDownload"),
        ("PriceCode", "15"),
        ("WholesalePricePerUnit", "6.99"),
        ("SuggestedRetailPrice", "9.99"),
        ("IsPreOrderDeal", "true"),
    ]


def test_a_period_without_a_start_begins_when_the_message_was_made() -> None:
    found = deals(replace(STREAMS, start=None))
    assert [one.text for one in found.iter("StartDate")] == ["2026-11-30"]


@pytest.mark.parametrize(
    ("end", "start"), [("2026-11-28", "2026-11-28"), ("2026-11-30", "2026-11-30"), ("2026-12-01", "2026-11-30")]
)
def test_a_period_without_a_start_never_begins_after_its_end(end: str, start: str) -> None:
    found = deals(replace(STREAMS, start=None, end=end))
    assert [(one.tag, one.text) for one in found.iter("StartDate", "EndDate")] == [
        ("StartDate", start),
        ("EndDate", end),
    ]


def test_without_offers_there_is_no_deal_list() -> None:
    assert len(deals()) == 0
