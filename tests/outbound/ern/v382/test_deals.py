"""Deals: what is offered of everything stands at the main release and at each track."""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from ingest.core.offer import Offer, OfferPrice
from ingest.core.release import Release, ReleaseTrack
from ingest.outbound.ern.v382.deals import write_deals
from tests.outbound.ern.releases import STREAMS, outgoing_of

RELEASE = Release(barcode="5034567890120", tracks=(ReleaseTrack(1), ReleaseTrack(2)))


def deals(*offers: Offer) -> etree._Element:
    parent = etree.Element("x")
    write_deals(parent, outgoing_of(RELEASE, *offers))
    return parent


def texts(parent: etree._Element, path: str) -> list[str | None]:
    return [one.text for one in parent.iterfind(path)]


def test_an_offer_of_everything_is_for_the_release_and_each_track() -> None:
    found = deals(STREAMS, replace(STREAMS, tracks=(2,)))
    listed = [texts(one, "DealReleaseReference") for one in found.iter("ReleaseDeal")]
    assert listed == [["R0", "R1", "R2"], ["R2"]]


def test_several_offers_of_the_same_share_a_release_deal() -> None:
    found = deals(STREAMS, replace(STREAMS, models=("PayAsYouGoModel",)))
    assert [len(texts(one, "Deal/DealTerms/Usage/UseType")) for one in found.iter("ReleaseDeal")] == [2]


def test_terms_are_written_whole() -> None:
    offer = Offer(
        ("PayAsYouGoModel",),
        ("PermanentDownload",),
        excluded=("US", "CA"),
        start="2026-05-01",
        end="2027-05-01",
        prices=(OfferPrice("PreOrderPrice", "15", "Mid", "6.99", "9.99", "EUR"),),
        is_pre_order=True,
        pre_order_release="2026-06-01T00:00:00",
    )
    terms = deals(offer).find(".//DealTerms")
    assert terms is not None
    assert [(one.tag, one.text) for one in terms.iter() if one.text] == [
        ("IsPreOrderDeal", "true"),
        ("CommercialModelType", "PayAsYouGoModel"),
        ("UseType", "PermanentDownload"),
        ("ExcludedTerritoryCode", "US"),
        ("ExcludedTerritoryCode", "CA"),
        ("PriceRangeType", "Mid"),
        ("PriceType", "15"),
        ("WholesalePricePerUnit", "6.99"),
        ("SuggestedRetailPrice", "9.99"),
        ("StartDate", "2026-05-01"),
        ("EndDate", "2027-05-01"),
        ("PreOrderReleaseDate", "2026-06-01"),
    ]


def test_a_date_beside_a_date_time_becomes_the_edge_of_its_day() -> None:
    mixed = (
        replace(STREAMS, start="2026-05-01T12:00:00Z", end="2027-05-01"),
        replace(STREAMS, start="2026-05-01", end="2027-05-01T12:00:00Z"),
    )
    found = [[(end.tag, end.text) for end in one] for one in deals(*mixed).iter("ValidityPeriod")]
    assert found == [
        [("StartDateTime", "2026-05-01T12:00:00Z"), ("EndDateTime", "2027-05-01T23:59:59")],
        [("StartDateTime", "2026-05-01T00:00:00"), ("EndDateTime", "2027-05-01T12:00:00Z")],
    ]


def test_without_offers_there_is_no_deal_list() -> None:
    assert len(deals()) == 0
