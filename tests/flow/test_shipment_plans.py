"""What a DSP would get: inserts, updates, takedowns and reinstatements, found from what it has."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from ingest.config import Dsp
from ingest.core.contract import Contract, DspNames
from ingest.core.deals import Deal, Period
from ingest.core.delivery_kind import DeliveryKind
from ingest.core.dossier import Dossier
from ingest.core.offer import Offer
from ingest.flow.shipment_plans import NO_AUDIO, NOT_READABLE, Planned, Proposal, from_stored, propose, to_stored
from tests.rules.dossiers import RELEASE, text, with_deals, with_release

TODAY = date(2026, 3, 23)
CONTRACT = Contract(DspNames(names=("Tube",)), ("SubscriptionModel",), ("OnDemandStream",))


def dsp_with(**keys: Any) -> Dsp:
    table = {"path": "/srv/dsp", "layout": "batch", "ern_version": "4.3", "recipients": {"PADPIDA2013020802I": "Tube"}}
    agreed = {"models": ["SubscriptionModel"], "uses": ["OnDemandStream"]}
    return Dsp.model_validate({**table, "contract": agreed, **keys})


def deal(**changes: Any) -> Deal:
    """A deal for the release, from a week after today."""
    said: dict[str, Any] = {
        "commercial_models": (text("SubscriptionModel"), text("PayAsYouGoModel")),
        "use_types": (text("OnDemandStream"),),
        "territories": (text("Worldwide"),),
        "periods": (Period(text("2026-04-01"), None, 1),),
    }
    return Deal(line=1, releases=(text("R1"),), **{**said, **changes})


def of(dossier: Dossier, last: Planned | None = None, **keys: Any) -> Proposal:
    return propose(dossier, dsp_with(**keys), CONTRACT, last, TODAY)


def planned(dossier: Dossier, last: Planned | None = None, **keys: Any) -> Planned:
    found = of(dossier, last, **keys).planned
    assert found is not None
    return found


OFFERED = with_deals(deal())
BARE = replace(OFFERED, folder=replace(OFFERED.folder, entries=()))
"""The same message in a package without files."""


def test_a_dsp_that_has_nothing_gets_an_insert_with_files_and_what_the_contract_covers() -> None:
    found = of(OFFERED)
    assert found.planned is not None
    assert (found.planned.kind, found.planned.has_files) == (DeliveryKind.INSERT, True)
    assert found.planned.offers == (
        Offer(("SubscriptionModel",), ("OnDemandStream",), ("Worldwide",), start="2026-04-01"),
    )
    assert (found.remarks, found.withheld) == ((), ())


def test_the_same_package_again_is_nothing_to_send() -> None:
    assert of(OFFERED, planned(OFFERED)) == Proposal(None)


def test_what_changed_decides_the_kind_of_update() -> None:
    first = planned(OFFERED)
    message = with_release(replace(RELEASE, label_name=text("Moon"))).message
    assert message is not None
    metadata = replace(BARE, message=replace(message, deals=(deal(),)))
    narrowed = replace(with_deals(deal(territories=(text("GB"),))), folder=BARE.folder)
    entries = tuple(replace(entry, sha256="0" * 64) for entry in OFFERED.folder.entries)
    assets = replace(OFFERED, folder=replace(OFFERED.folder, entries=entries))
    kinds = [(one.kind, one.has_files) for one in (planned(each, first) for each in (metadata, narrowed, assets))]
    assert kinds == [
        (DeliveryKind.METADATA_UPDATE, False),
        (DeliveryKind.DEAL_UPDATE, False),
        (DeliveryKind.ASSET_UPDATE, True),
    ]


def test_a_message_without_deals_takes_down_in_the_form_that_the_dsp_wants() -> None:
    first, gone = planned(OFFERED), with_deals()
    forms = {form: planned(gone, first, takedown=form) for form in ("no-deal", "purge")}
    assert {form: (one.kind, one.offers, one.state.is_purged) for form, one in forms.items()} == {
        "no-deal": (DeliveryKind.TAKEDOWN, (), False),
        "purge": (DeliveryKind.TAKEDOWN, (), True),
    }
    ended = planned(gone, first, takedown="end-date", end_date_offset_days=-2)
    assert [offer.end for offer in ended.offers] == ["2026-03-21"]
    assert of(gone) == Proposal(None)
    back = planned(OFFERED, forms["no-deal"])
    assert (back.kind, back.has_files) == (DeliveryKind.REINSTATEMENT, False)
    assert planned(OFFERED, forms["purge"]).kind is DeliveryKind.INSERT


def test_without_all_its_audio_nothing_is_inserted() -> None:
    assert of(BARE).remarks == (NO_AUDIO,)
    assert of(BARE).planned is None


def test_deals_that_this_dsp_does_not_get_are_told() -> None:
    found = of(with_deals(deal(use_types=(text("PermanentDownload"),))))
    assert found.planned is None
    assert [one.text for one in found.withheld] == [
        "the deal for the release is for PermanentDownload, of which the contract has none"
    ]


def test_a_message_that_cannot_be_read_is_not_sent() -> None:
    assert of(replace(OFFERED, message=None)) == Proposal(None, (NOT_READABLE,))


def test_qc_hears_when_a_dsp_wants_a_release_earlier() -> None:
    assert of(OFFERED, lead_days=9).remarks == ()
    assert of(OFFERED, lead_days=10).remarks == ("The release begins in 9 days; this DSP wants it 10 days before.",)


def test_a_plan_is_stored_and_read_again() -> None:
    for one in (planned(OFFERED), planned(with_deals(), planned(OFFERED), takedown="end-date")):
        assert from_stored(to_stored(one)) == one
