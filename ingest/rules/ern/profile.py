"""ERN: what the standard's release profiles ask for beyond the guide, and the deals' periods and uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Final

from ingest.core import identifiers
from ingest.core.dates import day, is_full_date
from ingest.core.deals import Deal
from ingest.core.dossier import Policy
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Severity
from ingest.core.message import Dialect, ResourceUse
from ingest.core.text import Text
from ingest.rules.dates import date_fault
from ingest.rules.ern.deals import sold
from ingest.rules.ern.release import stated
from ingest.rules.subjects import Main, said
from ingest.rules.units import listed, spell

WARNING: Final = Severity.WARNING
PROFILES: Final = "Release Profiles 1.4"
FRONT: Final = "FrontCoverImage"
GROUPED: Final = frozenset({"ResourceGroup", "ResourceGroupContentItem"})
ALSO_STREAMS: Final = frozenset({"Webcast", "ConditionalDownload", "TetheredDownload"})
"""Use types of streaming subscriptions whose names do not contain `Stream`."""


@stated.rule(
    "ERN-022",
    WARNING,
    text="{place}: {found} of {count} in the XML {verb} the type FrontCoverImage. Exactly one must have it.",
    fix="Write <ImageType>FrontCoverImage</ImageType> into the <Image> of the cover, and into no other.",
    source=PROFILES,
    covers=("ImageType",),
    ddex=FileStatus.MESSAGE_INVALID,
)
def front_cover(main: Main, _: Policy) -> Iterator[Fault]:
    """Stores show the front cover; of several, or of none named so, they may show another picture."""
    images = main.message.images
    fronts = [image for image in images if said(image.type) == FRONT]
    if images and len(fronts) != 1:
        found = "none" if not fronts else f"{len(fronts)}"
        line = (fronts[1:] or images)[0].line
        bare = main.fault(line, found=found, expected=f"one {FRONT}", count=spell(len(images), "picture"))
        bare = replace(bare, values={**bare.values, "verb": "have" if fronts else "has"})
        yield replace(bare, owner=None)


@stated.rule(
    "ERN-023",
    WARNING,
    text="{place}: the tracks of {disc} are numbered {found}. We expect {expected}, each once.",
    fix="Number the tracks of each disc in <SequenceNumber> from 1 upwards, without a gap.",
    source=PROFILES,
    ddex=FileStatus.MESSAGE_INVALID,
)
def running_order(main: Main, _: Policy) -> Iterator[Fault]:
    """Stores list tracks by these numbers: of two with one number, one may get lost."""
    if any(fault.parent in GROUPED or fault.element in GROUPED for fault in main.message.schema_faults):
        return
    discs: dict[int, dict[int | None, list[ResourceUse]]] = {}
    for use in main.release.groups:
        if use.disc is not None and use.sequence is not None and use.type != "SecondaryResource":
            discs.setdefault(use.disc, {}).setdefault(use.group, []).append(use)
    for disc, groups in discs.items():
        if _count_on(use.sequence for uses in groups.values() for use in uses):
            continue
        for uses in groups.values():
            if not _are_in_sequence(main, uses):
                expected = f"1 to {len(uses)}" if len(uses) > 1 else "1"
                found = listed([str(use.sequence) for use in uses])
                name = f"disc {disc}" if len(discs) > 1 else "the release"
                yield main.fault(uses[0].reference.line, found=found, expected=expected, disc=name)


def _are_in_sequence(main: Main, uses: list[ResourceUse]) -> bool:
    """Whether one group is numbered from 1: its items, those and the groups in it, or its tracks alone.

    Numbers may restart in every group (of the movements of a work, say), and pictures may have numbers too.
    """
    tracks = {said(recording.reference) for recording in main.message.recordings}
    numbers = [use.sequence for use in uses]
    alone = [use.sequence for use in uses if said(use.reference) in tracks]
    return _count_on(numbers) or _count_on([*numbers, *uses[0].beside]) or _count_on(alone)


def _count_on(numbers: Iterable[int | None]) -> bool:
    found = sorted(number or 0 for number in numbers)
    return found == list(range(1, len(found) + 1))


@stated.rule(
    "ERN-024",
    WARNING,
    text="{place}: the release names no artist, only its tracks do.",
    fix="Add the main artist as a <DisplayArtist> to the <ReleaseDetailsByTerritory> of the release.",
    source=PROFILES,
    ddex=FileStatus.ARTIST_MISSING,
    covers=("DisplayArtist",),
    snippet=(
        "<DisplayArtist>\n"
        "  <PartyName><FullName>The Artist</FullName></PartyName>\n"
        "  <ArtistRole>MainArtist</ArtistRole>\n"
        "</DisplayArtist>"
    ),
)
def no_release_artist(main: Main, _: Policy) -> Iterator[Fault]:
    """Stores show the release under its own artist; the guide's short form has none, so it is not asked there."""
    named = main.release.display_artists or said(main.release.display_artist_name)
    if main.message.dialect is Dialect.ERN and not named:
        yield main.fault(expected="<DisplayArtist>")


@stated.rule(
    "ERN-025",
    WARNING,
    text="{place}: the release names no label.",
    fix="Write the name of the label, as stores should show it, into a <LabelName> of <ReleaseDetailsByTerritory>,"
    " below its <TerritoryCode>.",
    source=PROFILES,
    covers=("LabelName",),
    snippet="<LabelName>Name of the label</LabelName>",
)
def no_label_name(main: Main, _: Policy) -> Iterator[Fault]:
    """Stores show the label beside the release; the guide's short form has none, so it is not asked there."""
    if main.message.dialect is Dialect.ERN and not said(main.release.label_name):
        yield main.fault(expected="<LabelName>")


@stated.rule(
    "ERN-026",
    WARNING,
    text="{place}: the date {found} {wrong}.",
    fix="{cure}",
    source="ERN 3.8.2, release dates",
    ddex=FileStatus.RELEASE_DATE,
)
def other_dates_exist(main: Main, _: Policy) -> Iterator[Fault]:
    """Stores read these dates too: a month of 13 makes them drop the date, or the message."""
    release = main.release
    dates = (release.original_release_date, release.global_release_date, release.global_original_release_date)
    for text in dates:
        if text is not None and text is not _chosen(main) and is_full_date(said(text)) and day(said(text)) is None:
            yield date_fault(main.fault, text)


def _chosen(main: Main) -> Text | None:
    """The date that is used as the release date; ERN-006 and ERN-007 judge it."""
    release = main.release
    dates = (release.release_date, release.original_release_date, release.global_release_date)
    return next((text for text in (*dates, release.global_original_release_date) if said(text)), None)


@stated.rule(
    "ERN-044",
    Severity.ERROR,
    text='{place}: the ISNI "{found}" is not made of 15 digits and one more digit or X.',
    fix="Copy the ISNI again, such as 0000000121707484, or leave it out.",
    source="ISO 27729",
    ddex=FileStatus.IDENTIFIER_SYNTAX,
)
def isni_form(main: Main, _: Policy) -> Iterator[Fault]:
    """An identifier that is none cannot be matched with a person."""
    for text in _isnis(main):
        if not identifiers.is_isni(said(text)):
            yield main.fault(text.line, found=said(text), expected="such as 0000000121707484")


@stated.rule(
    "ERN-045",
    WARNING,
    text="{place}: the ISNI {found} has a wrong check character.",
    fix="Compare the ISNI with the one that you were given: most likely a digit was mistyped.",
    source="ISO 27729",
    ddex=FileStatus.IDENTIFIER_INVALID,
)
def isni_check(main: Main, _: Policy) -> Iterator[Fault]:
    """The last character of an ISNI is computed from the others, so that typing errors show."""
    for text in _isnis(main):
        if identifiers.is_isni(said(text)) and not identifiers.isni_check_fits(said(text)):
            yield main.fault(text.line, found=said(text))


def _isnis(main: Main) -> Iterator[Text]:
    """The ISNIs of the message, each once where it first stands: one artist may be on every track."""
    first = {said(text): text for text in reversed(main.message.isnis) if said(text)}
    return iter(sorted(first.values(), key=lambda text: text.line))


@sold.rule(
    "ERN-068",
    WARNING,
    text="{place}: this deal holds from {found}, and so does the one on line {earlier}: both are for the same uses and"
    " territories.",
    fix="Give one deal an end before the other begins, or leave one of them out.",
    source="DDEX choreography, FileStatus",
    ddex=FileStatus.CONFLICTING_PERIODS,
)
def overlapping_deals(main: Main, _: Policy) -> Iterator[Fault]:
    """Of two terms that hold on the same day a store takes either."""
    alike: dict[tuple[object, ...], list[Deal]] = {}
    for deal in main.message.deals:
        if not deal.is_takedown and deal.use_types:
            alike.setdefault(_terms(deal), []).append(deal)
    for deals in alike.values():
        spans = sorted(_spans(deals), key=lambda span: (span[0], span[1]))
        for (_begun, before, earlier), (start, _end, deal) in pairwise(spans):
            if start <= before and earlier is not deal:
                found = "the start" if start == date.min else str(start)
                yield main.fault(deal.line, found=found, expected="one deal at a time", earlier=earlier.line)


def _terms(deal: Deal) -> tuple[object, ...]:
    groups = (deal.releases, deal.commercial_models, deal.use_types, deal.territories, deal.excluded_territories)
    return (*(frozenset(said(text) for text in group) for group in groups), deal.is_pre_order, deal.has_prices)


def _spans(deals: list[Deal]) -> Iterator[tuple[date, date, Deal]]:
    for deal in deals:
        for period in deal.periods:
            start = date.min if period.start is None else day(said(period.start))
            end = date.max if period.end is None else day(said(period.end))
            if start is not None and end is not None and start <= end:
                yield start, end, deal


@sold.rule(
    "ERN-069",
    Severity.INFO,
    text="{place}: no deal allows streaming; the deals are for {found}.",
    fix="Add a deal with the use OnDemandStream if the release is to be streamed. Nothing needs to be done if not.",
    source="DDEX choreography, FileStatus",
    ddex=FileStatus.UNSUPPORTED_USAGE,
)
def no_streaming(main: Main, _: Policy) -> Iterator[Fault]:
    """Most stores stream: without such a deal they do not take the release."""
    deals = [deal for deal in main.message.deals if not deal.is_takedown]
    uses = [said(use) for deal in deals for use in deal.use_types if said(use)]
    if uses and not any("stream" in use.casefold() or use in ALSO_STREAMS for use in uses):
        yield main.fault(deals[0].line, found=listed(list(dict.fromkeys(uses))), expected="OnDemandStream")
