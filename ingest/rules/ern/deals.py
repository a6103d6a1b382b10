"""ERN: where and when the release may be sold, against the guide's "TerritoryCode in DealList"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from ingest.core import allowed
from ingest.core.dates import day, is_full_date
from ingest.core.deals import Deal
from ingest.core.dossier import Dossier, Policy
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Severity
from ingest.core.kind import Kind
from ingest.core.meant import nearest
from ingest.core.text import Text
from ingest.rules.dates import date_fault
from ingest.rules.ern.release import SOURCE, release
from ingest.rules.rule import Family
from ingest.rules.subjects import Main, main_release, purpose_of, said

ERROR: Final = Severity.ERROR
WARNING: Final = Severity.WARNING


def _sold(dossier: Dossier) -> Iterator[Main]:
    if purpose_of(dossier) not in (Kind.TAKEDOWN, Kind.PURGE):
        yield from main_release(dossier)


sold = Family[Main]("ERN", "Release information", _sold, source=SOURCE, ddex=FileStatus.NO_DEAL)


@sold.rule(
    "ERN-060",
    ERROR,
    text="{place}: the XML has no deal, so it does not say where the release may be sold.",
    fix="Add a <DealList> behind <ReleaseList> that says how, where and from when the release may be sold.",
    covers=("DealList", "ReleaseDeal", "Deal", "DealTerms"),
    snippet=(
        "<DealList>\n"
        "  <ReleaseDeal>\n"
        "    <DealReleaseReference>R1</DealReleaseReference>\n"
        "    <Deal>\n"
        "      <DealTerms>\n"
        "        <CommercialModelType>SubscriptionModel</CommercialModelType>\n"
        "        <Usage><UseType>OnDemandStream</UseType></Usage>\n"
        "        <TerritoryCode>Worldwide</TerritoryCode>\n"
        "        <ValidityPeriod><StartDate>2026-04-01</StartDate></ValidityPeriod>\n"
        "      </DealTerms>\n"
        "    </Deal>\n"
        "  </ReleaseDeal>\n"
        "</DealList>"
    ),
)
def no_deal(main: Main, _: Policy) -> Iterator[Fault]:
    """Without a deal no store may sell the release; a deal that only bears a reference sells nothing."""
    deals = main.message.deals
    if not any(deal.has_terms for deal in deals):
        bare = main.fault(deals[0].line if deals else None, expected="<DealList> with <TerritoryCode>")
        yield replace(bare, owner=None)


@sold.rule(
    "ERN-061",
    ERROR,
    text="{place}: the deal has no TerritoryCode.",
    fix="Write <TerritoryCode>Worldwide</TerritoryCode> into <DealTerms>, or one code per country.",
    covers=("TerritoryCode", "ExcludedTerritoryCode"),
    snippet="<TerritoryCode>Worldwide</TerritoryCode>",
)
def no_territory(main: Main, _: Policy) -> Iterator[Fault]:
    """A deal that names no country holds nowhere."""
    for sale in _sales(main):
        deal = sale.deal
        named = any(said(text) for text in (*deal.territories, *deal.excluded_territories))
        if deal.has_terms and not named and not deal.is_takedown:
            yield sale.fault(deal.line, expected="Worldwide, or ISO country codes")


@sold.rule(
    "ERN-062",
    ERROR,
    text='{place}: "{found}" is not an allowed TerritoryCode.{hint}',
    fix="Write {cure}.",
    covers=("TerritoryCode", "ExcludedTerritoryCode"),
)
def unknown_territory(main: Main, _: Policy) -> Iterator[Fault]:
    """A country that cannot be looked up is left out by the stores."""
    for sale in _sales(main):
        for text in sale.territories:
            code = said(text)
            if code and code not in allowed.TERRITORIES and code != allowed.WORLDWIDE and not code.isdigit():
                close = _close_territory(code)
                hint = f" Did you mean {close}?" if close else ""
                cure = close or "Worldwide, or the country's ISO code of two letters, such as GB, NG or US"
                needed = close or "Worldwide, or ISO country codes"
                yield sale.fault(text.line, found=code, expected=needed, hint=hint, cure=cure)


@sold.rule(
    "ERN-063",
    WARNING,
    text="{place}: {found} is a numeric territory code. We expect {expected}.",
    fix="Write Worldwide, or the countries' ISO codes of two letters.",
)
def numeric_territory(main: Main, _: Policy) -> Iterator[Fault]:
    """Numeric (TIS) codes are for collecting societies; most stores do not know them."""
    for sale in _sales(main):
        for text in (one for one in sale.territories if said(one).isdigit()):
            yield sale.fault(text.line, found=said(text), expected="Worldwide, or ISO country codes")


@sold.rule(
    "ERN-064",
    WARNING,
    text="{place}: the deal gives no start date.",
    fix="Write <ValidityPeriod><StartDate> with the day from which the release may be sold.",
    source="ERN 3.8.2, ValidityPeriod",
    ddex=FileStatus.RELEASE_DATE,
    covers=("ValidityPeriod", "StartDate", "StartDateTime"),
    snippet="<ValidityPeriod><StartDate>2026-04-01</StartDate></ValidityPeriod>",
)
def no_start(main: Main, _: Policy) -> Iterator[Fault]:
    """Without it stores may start selling at once, or never."""
    for sale in _sales(main):
        deal = sale.deal
        if deal.has_terms and not deal.is_takedown and not any(said(period.start) for period in deal.periods):
            yield sale.fault(deal.line, expected="<StartDate>")


@sold.rule(
    "ERN-081",
    WARNING,
    text="{place}: the deal is empty: it says neither how, where nor when the release may be sold.",
    fix="Remove the empty <Deal>, or write its <DealTerms>.",
)
def empty_deal(main: Main, _: Policy) -> Iterator[Fault]:
    """A deal that says nothing is one that the exporting program did not fill in."""
    if any(deal.has_terms for deal in main.message.deals):
        for sale in _sales(main):
            if not sale.deal.has_terms and not sale.deal.references:
                yield sale.fault(sale.deal.line, expected="<DealTerms>")


@sold.rule(
    "ERN-065",
    ERROR,
    text='{place}: the date "{found}" in the deal {wrong}.',
    fix="{cure}",
    source="ERN 3.8.2, ValidityPeriod",
    ddex=FileStatus.RELEASE_DATE,
    covers=("StartDate", "EndDate", "StartDateTime", "EndDateTime"),
)
def deal_date(main: Main, _: Policy) -> Iterator[Fault]:
    """Nobody can keep to a day that cannot be read. Where it is plain, XML-024 asks for its form only."""
    for sale in _sales(main):
        for text in _dates(sale.deal):
            if day(said(text)) is None and (is_full_date(said(text)[:10]) or not said(text)[:4].isdigit()):
                yield date_fault(sale.fault, text)


@sold.rule(
    "ERN-066",
    WARNING,
    text="{place}: the deal ends on {found}, before it starts on {start}.",
    fix="Correct the two dates of <ValidityPeriod>.",
    source="ERN 3.8.2, ValidityPeriod",
    ddex=FileStatus.CONFLICTING_PERIODS,
)
def ends_before_start(main: Main, _: Policy) -> Iterator[Fault]:
    """Such a deal never holds."""
    for deal in main.message.deals:
        for period in deal.periods:
            start, end = day(said(period.start)), day(said(period.end))
            if start is not None and end is not None and end < start:
                yield main.fault(period.line, found=end, expected=f"after {start}", start=start)


@release.rule(
    "ERN-067",
    Severity.INFO,
    text="{place}: the deals start on {found}, the release date is {expected}.",
    fix="Check that both dates are right. Nothing needs to be done if they are.",
    source="DDEX choreography, FileStatus",
    ddex=FileStatus.RELEASE_DATE,
)
def deal_starts_elsewhen(main: Main, policy: Policy) -> Iterator[Fault]:
    """Stores go by the deal's start; a release date that differs is mostly an oversight.

    Not where the release date has passed: deals of older releases start when they are made.
    """
    date = day(said(main.release.release_date))
    deals = [deal for deal in main.message.deals if not deal.is_pre_order and not deal.is_takedown]
    starts = [start for deal in deals for period in deal.periods if (start := day(said(period.start))) is not None]
    if date is None or not starts or min(starts) == date or date < policy.received:
        return
    yield main.fault(deals[0].line, found=min(starts), expected=date)


@dataclass(frozen=True, slots=True)
class Sale:
    """One deal of the message, the `number`th from 1. It may carry nothing but a reference, and then has no terms."""

    main: Main
    deal: Deal
    number: int

    @property
    def territories(self) -> tuple[Text, ...]:
        return (*self.deal.territories, *self.deal.excluded_territories)

    def fault(self, line: int, *, found: object = None, expected: object = None, **values: object) -> Fault:
        bare = self.main.fault(line, found=found, expected=expected, **values)
        return replace(bare, owner=f"Deal {self.number}")


def _sales(main: Main) -> Iterator[Sale]:
    return (Sale(main, deal, number) for number, deal in enumerate(main.message.deals, start=1))


def _dates(deal: Deal) -> Iterator[Text]:
    for period in deal.periods:
        for text in (period.start, period.end):
            if text is not None and said(text):
                yield text


def _close_territory(code: str) -> str | None:
    """The code that was meant: by wrong capitals, a country's name, a mistake as UK, or a misspelt Worldwide."""
    if code.upper() in allowed.TERRITORIES:
        return code.upper()
    return nearest(code, (allowed.WORLDWIDE, *sorted(allowed.TERRITORIES)), "TerritoryCode")
