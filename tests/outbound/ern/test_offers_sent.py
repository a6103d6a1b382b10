"""From a label's deals to the message for a DSP: what may be sent is what stands in the message, read again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.core.contract import Contract, DspNames, allowed
from ingest.core.offer import Offer, OfferChannel, OfferPrice
from ingest.core.offer_reading import offers_of
from ingest.core.release import Release, ReleaseTrack
from ingest.core.release_parts import Credit
from ingest.outbound.ern.v382.message import Version, write_message
from tests.outbound.ern.releases import message_in, outgoing_of

TRACKS = tuple(
    ReleaseTrack(n, isrc=f"GBDUM260000{n}", title=f"T{n}", artists=(Credit("A", ("MainArtist",)),)) for n in (1, 2)
)
RELEASE = Release(barcode="5034567890120", title="T", types=("EP",), artists=TRACKS[0].artists, tracks=TRACKS)
TUBE = DspNames(("PADPIDA2013020802I",), ("Tube",))
MODELS, USES = ("SubscriptionModel", "PayAsYouGoModel"), ("OnDemandStream", "PermanentDownload")
PLACES = st.sampled_from([(("Worldwide",), ()), (("FR", "GB"), ()), ((), ("CN", "US"))])


def some(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), min_size=1, unique=True).map(tuple)


OFFERS = st.builds(
    lambda models, uses, where, start, end, price: Offer(models, uses, where[0], where[1], start, end, (), price),
    *(some(MODELS), some(USES), PLACES, st.sampled_from([None, "2026-05-01", "2026-05-01T10:00:00Z"])),
    *(st.sampled_from([None, "2027-05-01"]), st.sampled_from([(), (OfferPrice(price_type="15"),)])),
)
SHARES = st.sampled_from([[()], [(0,), (1,), (2,)], [(0,), (1, 2)], [(1,)], [(0, 2)]])


def sent_again(offers: tuple[Offer, ...], version: Version) -> tuple[Offer, ...]:
    return offers_of(message_in(write_message(outgoing_of(RELEASE, *offers), version)))


@settings(max_examples=60, deadline=None)
@given(st.lists(OFFERS, min_size=1, max_size=2, unique=True), SHARES, st.sampled_from(["382", "383"]))
def test_offers_are_read_from_the_message_as_they_were_written(
    found: list[Offer], shares: list[tuple[int, ...]], version: Version
) -> None:
    offers = tuple(replace(offer, tracks=tracks) for offer in found for tracks in shares)
    again = sent_again(offers, version)
    plain = [replace(one, start=(one.start or "")[:10], end=(one.end or "")[:10]) for one in again]
    assert set(plain) == {replace(one, start=(one.start or "")[:10], end=(one.end or "")[:10]) for one in offers}


@pytest.mark.parametrize("version", ["382", "383"])
def test_a_dsp_is_sent_its_part_of_the_deals_and_not_whom_else_they_are_for(version: Version) -> None:
    mine = OfferChannel((), ("Tube",))
    wide = Offer(MODELS, USES, excluded=("US",), start="2026-05-01", channels=(mine, OfferChannel((), ("Other",))))
    others = Offer(MODELS, USES, ("Worldwide",), start="2026-05-01", channels=(OfferChannel((), ("Other",)),))
    contract = Contract(TUBE, MODELS[:1], USES[:1], excluded=("CN",), others=(DspNames((), ("Other",)),))
    outcome = allowed([wide, others], contract)
    assert sent_again(outcome.offers, version) == outcome.offers
    assert outcome.offers == (Offer(MODELS[:1], USES[:1], excluded=("CN", "US"), start="2026-05-01"),)
