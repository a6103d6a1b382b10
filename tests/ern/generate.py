"""Valid messages of both dialects, drawn from a random source: what labels may legally write, usual or not.

The same seed gives the same message; `messages` is the strategy for hypothesis.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from hypothesis import strategies as st

from tests.ern.markup import leaf, lines, maybe, node, several, some
from tests.ern.plan import NAMES, PLACES, Plan, draw_plan, territories
from tests.ern.releases import release_list
from tests.ern.resources import resource_list
from tests.ern.spelling import Spelling, draw_spelling

MODELS = ("SubscriptionModel", "AdvertisementSupportedModel", "PayAsYouGoModel", "FreeOfChargeModel", "AsPerContract")
USES = ("OnDemandStream", "NonInteractiveStream", "PermanentDownload", "ConditionalDownload", "Stream")


@dataclass(frozen=True, slots=True)
class Generated:
    """A message as text, the bytes to write, and what it says."""

    text: str
    data: bytes
    plan: Plan


def generate(rng: Random, *, guide: bool, tracks: int) -> Generated:
    """A valid message in the guide's spelling or in genuine ERN 3.8.2."""
    plan, spelling = draw_plan(rng, tracks), draw_spelling(rng, guide)
    body = lines(
        [
            header(rng),
            maybe(rng, 0.3, lambda: leaf("UpdateIndicator", "OriginalMessage")),
            maybe(rng, 0.2, lambda: leaf("IsBackfill", "false")),
            resource_list(rng, plan, spelling),
            release_list(rng, plan, spelling),
            deal_list(rng, plan, spelling),
        ]
    )
    text = spelling.document(body)
    return Generated(text, text.encode(spelling.codec), plan)


def messages(*, guide: bool, most: int = 60) -> st.SearchStrategy[Generated]:
    """Messages of 1 to `most` tracks."""
    return st.builds(
        lambda seed, tracks: generate(Random(seed), guide=guide, tracks=tracks),
        st.integers(0, 2**32 - 1),
        st.integers(1, most),
    )


def header(rng: Random) -> str:
    created = rng.choice(("2026-03-20T10:00:00", "2026-03-20T10:00:00Z", "2026-03-20T10:00:00.1234567+01:00"))
    return node(
        "MessageHeader",
        maybe(rng, 0.5, lambda: leaf("MessageThreadId", "T-1")),
        leaf("MessageId", "MSG-001"),
        maybe(rng, 0.3, lambda: leaf("MessageFileName", "metadata.xml")),
        _party(rng, "MessageSender"),
        maybe(rng, 0.3, lambda: _party(rng, "SentOnBehalfOf")),
        several(rng, 2, lambda _: _party(rng, "MessageRecipient"), least=1),
        leaf("MessageCreatedDateTime", created),
        maybe(rng, 0.2, lambda: leaf("Comment", "First & last")),
        maybe(rng, 0.7, lambda: leaf("MessageControlType", "LiveMessage")),
    )


def _party(rng: Random, name: str) -> str:
    return node(
        name,
        several(rng, 2, lambda number: leaf("PartyId", f"PADPIDA20260101{number:02}X"), least=1),
        maybe(rng, 0.6, lambda: node("PartyName", leaf("FullName", rng.choice(NAMES)))),
        maybe(rng, 0.2, lambda: leaf("TradingName", rng.choice(NAMES))),
    )


def deal_list(rng: Random, plan: Plan, spelling: Spelling) -> str:
    """Deals for the main release, and sometimes for the track releases too."""
    references = [spelling.main, *(f"R{track.place}" for track in plan.tracks if spelling.track_releases)]
    named = rng.choice((references, references[:1]))
    return node(
        "DealList",
        node(
            "ReleaseDeal",
            *(leaf("DealReleaseReference", name) for name in named),
            several(rng, 3, lambda _: _deal(rng, plan), least=1),
            maybe(rng, 0.2, lambda: leaf("EffectiveDate", plan.released)),
        ),
    )


def _deal(rng: Random, plan: Plan) -> str:
    is_pre_order = rng.random() < 0.2
    return node(
        "Deal",
        maybe(rng, 0.1, lambda: leaf("DealReference", "D-1")),
        node(
            "DealTerms",
            leaf("IsPreOrderDeal", "true") if is_pre_order else "",
            *(leaf("CommercialModelType", model) for model in some(rng, MODELS, 2)),
            several(rng, 2, lambda _: node("Usage", *(leaf("UseType", use) for use in some(rng, USES, 3))), least=1),
            _area(rng),
            maybe(rng, 0.2, lambda: node("PriceInformation", leaf("PriceType", "Mid", Namespace="DPID:X"))),
            several(rng, 2, lambda _: _period(rng, plan), least=1),
            leaf("PreOrderReleaseDate", plan.released) if is_pre_order else "",
        ),
    )


def _area(rng: Random) -> str:
    if rng.random() < 0.2:
        return lines([leaf("ExcludedTerritoryCode", place) for place in some(rng, PLACES, 5)])
    return lines([leaf("TerritoryCode", place) for place in territories(rng)])


def _period(rng: Random, plan: Plan) -> str:
    if rng.random() < 0.3:
        return node("ValidityPeriod", leaf("StartDateTime", f"{plan.released}T00:00:00"))
    return node(
        "ValidityPeriod",
        leaf("StartDate", plan.released),
        maybe(rng, 0.2, lambda: leaf("EndDate", plan.released.replace(year=plan.released.year + 9, day=1))),
    )
