"""REF: references inside the message: what each of them names exists, and exists once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ingest.core.dossier import Dossier, Policy
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Severity, fault
from ingest.core.kind import Kind, is_track_release
from ingest.core.message import Message, MessageRelease, Reference
from ingest.rules.anchors import (
    RESOURCE_REFERENCES,
    dangling,
    is_faulty,
    releases_are_named,
    resources,
    resources_are_named,
)
from ingest.rules.rule import Family, Sentence
from ingest.rules.subjects import purpose_of, said, takedown_form
from ingest.rules.units import listed

SOURCE: Final = "ERN 3.8.2, anchors and references"


TRACK: Final = (
    "resource",
    "Correct the reference to the ResourceReference of one of your tracks, or add the track to <ResourceList>.",
)
PICTURE: Final = (
    "the picture",
    "Add the picture to <ResourceList> as an <Image> with this ResourceReference, or remove the reference: the cover"
    " may also lie in the folder as artwork.jpg without being named.",
)
EXTRA: Final = ("the extra resource", "Add it to <ResourceList> with this ResourceReference, or remove the reference.")
"""What is missing, and the cure: a track; the cover, where the message has no picture; another secondary resource."""


def _messages(dossier: Dossier) -> Iterator[Message]:
    if dossier.message is not None:
        yield dossier.message


def _first(dossier: Dossier) -> Iterator[Message]:
    if purpose_of(dossier) is Kind.NEW_RELEASE:
        yield from _messages(dossier)


links = Family[Message]("REF", "References", _messages, source=SOURCE, ddex=FileStatus.MESSAGE_INVALID)


def _sold(dossier: Dossier) -> Iterator[Message]:
    """The message of a first delivery, unless it takes something down: what has no deal then is told as that."""
    if takedown_form(dossier) is None:
        yield from _first(dossier)


sold = Family[Message]("REF", "References", _sold, source=SOURCE, ddex=FileStatus.NO_DEAL_FOR_TRACK)
deliveries = Family[Message]("REF", "References", _first, source=SOURCE, ddex=FileStatus.MESSAGE_INVALID)


@links.rule(
    "REF-001",
    Severity.ERROR,
    text="{place}: {found} is already used as a name on line {earlier}. Each name may stand for one thing only.",
    fix="Give each a name of its own, such as A1, A2, A3 for resources and R0, R1 for releases, and correct what refers"
    " to it.",
)
def duplicate_anchor(message: Message, _: Policy) -> Iterator[Fault]:
    """With two resources called A1 nobody can tell which of them a release means."""
    if any(one.repeated and one.element in ("ResourceList", "ReleaseList") for one in message.schema_faults):
        return
    first: dict[str, Reference] = {}
    copied = False
    for reference in message.references:
        if reference.is_anchor and reference.value and not is_faulty(message, reference):
            earlier = first.setdefault(reference.value, reference)
            is_detail = reference.element == "TechnicalResourceDetailsReference"
            copied = earlier is not reference if reference.element == "ResourceReference" else copied
            if earlier is not reference and not (copied and is_detail):
                yield fault(message.file, line=reference.line, found=reference.value, earlier=earlier.line)


@links.rule(
    "REF-002",
    Severity.ERROR,
    text="{place}: the release refers to {what} {found}, which is not in the XML.",
    fix="{cure}",
)
def dangling_resource(message: Message, _: Policy) -> Iterator[Fault]:
    """The track or picture would be missing from the release."""
    if resources_are_named(message):
        for one in _dangling(message, RESOURCE_REFERENCES):
            what, cure = (EXTRA if message.images else PICTURE) if one.found in _secondary(message) else TRACK
            yield replace(one, values={**one.values, "what": what, "cure": Sentence(cure)})


@links.rule(
    "REF-003",
    Severity.ERROR,
    text="{place}: the deal refers to release {found}, {cause}.",
    fix="{cure}",
    ddex=FileStatus.NO_DEAL,
)
def dangling_deal(message: Message, _: Policy) -> Iterator[Fault]:
    """The release would have no deal."""
    if not releases_are_named(message):
        return
    unnamed = [one for one in message.releases if not any(said(text) for text in one.references)]
    for one in _dangling(message, frozenset({"DealReleaseReference"})):
        if unnamed:
            line = unnamed[0].line
            cause = f"but the release at line {line} has no <ReleaseReference>"
            cure = f"Write <ReleaseReference>{one.found}</ReleaseReference> into the release at line {line}."
        else:
            cause = "which is not in the XML"
            cure = "Correct <DealReleaseReference> to the ReleaseReference of your release, such as R1."
        yield replace(one, values={**one.values, "cause": cause, "cure": cure})


def _secondary(message: Message) -> set[str]:
    """What the releases name as a picture or another extra: SecondaryResource, or in LinkedReleaseResourceReference."""
    linked = {one.value for one in message.references if one.element == "LinkedReleaseResourceReference"}
    uses = (use for one in message.releases for use in (*one.resources, *one.groups))
    return linked | {said(use.reference) for use in uses if use.type == "SecondaryResource"}


@links.rule(
    "REF-004",
    Severity.WARNING,
    text="{place}: <{element}> refers to {found}, which is not in the XML.",
    fix="Correct the reference, or remove it.",
)
def dangling_other(message: Message, _: Policy) -> Iterator[Fault]:
    """Stores ignore such references, or refuse the message."""
    named = RESOURCE_REFERENCES | {"DealReleaseReference"}
    others = {reference.element for reference in message.references if not reference.is_anchor} - named
    yield from _dangling(message, frozenset(others))


def _dangling(message: Message, elements: frozenset[str]) -> Iterator[Fault]:
    for reference in dangling(message, elements):
        yield fault(message.file, line=reference.line, found=reference.value, element=reference.element)


@deliveries.rule(
    "REF-005",
    Severity.WARNING,
    text="{place}: resource {found}{title} is in no release, so it would not be published.",
    fix="Add a <ReleaseResourceReference> for it to the release, or remove the resource.",
)
def unused_resource(message: Message, _: Policy) -> Iterator[Fault]:
    """A track that was forgotten in the release's list is missing in the stores."""
    used = {said(use.reference) for one in message.releases for use in (*one.resources, *one.groups)}
    if not _are_joined(message):
        return
    titles = {said(one.reference): said(one.title.text) for one in message.recordings if one.title is not None}
    for resource in resources(message):
        name = said(resource.reference)
        if name and name not in used:
            named = f' "{titles[name]}"' if titles.get(name) else ""
            yield fault(message.file, line=resource.line or None, found=name, title=named)


@sold.rule(
    "REF-006",
    Severity.WARNING,
    text="{place}: there is no deal for the release {found}{others}.",
    fix="Write the release's reference, such as R1, into <DealReleaseReference> of the deal.",
)
def release_without_deal(message: Message, _: Policy) -> Iterator[Fault]:
    """A release that no deal names may not be sold as a whole, even if its tracks may."""
    main, dealt = message.main_release, _dealt(message)
    if main is None or not _are_sold(message):
        return
    if not dealt & _names(main):
        tracks = any(dealt & _names(one) for one in message.releases if is_track_release(one))
        reference = said(main.references[0]) if main.references else ""
        others = ", only for its tracks" if tracks else ""
        yield fault(message.file, line=main.line or None, found=reference, expected="a deal", others=others)


@sold.rule(
    "REF-007",
    Severity.WARNING,
    text="{place}: there is no deal for {found}, though there is one for other tracks.",
    fix="Write the references of these releases, such as R3, into <DealReleaseReference> of a deal, or leave the"
    " releases of single tracks out altogether.",
)
def track_without_deal(message: Message, _: Policy) -> Iterator[Fault]:
    """A track that no deal names may not be sold alone, where the others may."""
    if not _are_sold(message):
        return
    dealt, main = _dealt(message), message.main_release
    if main is None or not dealt & _names(main):
        return
    tracks = [one for one in message.releases if is_track_release(one) and one is not main]
    left = [one for one in tracks if not dealt & _names(one)]
    if left and len(left) < len(tracks):
        shown = listed([_shown(one) for one in left])
        yield fault(message.file, line=left[0].line or None, found=shown, expected="a deal for each track")


def _are_sold(message: Message) -> bool:
    """Whether there are deals, each for releases that the XML names."""
    known = {said(text) for one in message.releases for text in one.references}
    named = bool(message.deals) and _dealt(message) <= known
    return named and releases_are_named(message) and not _is_unsold(message)


def _dealt(message: Message) -> set[str]:
    return {said(text) for deal in message.deals for text in deal.releases}


def _names(one: MessageRelease) -> set[str]:
    return {said(text) for text in one.references}


def _shown(one: MessageRelease) -> str:
    name = said(one.references[0]) if one.references else "a release"
    title = said(one.title.text) if one.title is not None else ""
    return f'{name} "{title}"' if title else name


@deliveries.rule(
    "REF-008",
    Severity.WARNING,
    text="{place}: resource {found} stands {how} in <ReleaseResourceReferenceList> of the release.",
    fix="Correct <ReleaseResourceReferenceList>, which lists each resource of the release once: {cure}.",
    source="ERN 3.8.2, Release",
)
def unlisted_resource(message: Message, _: Policy) -> Iterator[Fault]:
    """Some stores go by the list, others by the groups: what differs between the two gets lost, or is sold twice."""
    main = message.main_release
    if main is None or not main.resources or not _are_joined(message):
        return
    listed_ones = {said(use.reference) for use in main.resources}
    for name, use in {said(use.reference): use for use in reversed(main.groups)}.items():
        if name not in listed_ones:
            cure = f"add <ReleaseResourceReference>{name}</ReleaseResourceReference>"
            yield fault(message.file, line=use.reference.line, found=name, how="in a group, but not", cure=cure)
    seen: set[str] = set()
    for use in main.resources:
        if said(use.reference) in seen:
            cure = "remove the second one"
            yield fault(message.file, line=use.reference.line, found=said(use.reference), how="twice", cure=cure)
        seen.add(said(use.reference))


def _are_joined(message: Message) -> bool:
    """Whether the releases name their resources, each of them rightly: else a resource only seems to be forgotten."""
    wrong = {"ReleaseResourceReference", "ReleaseResourceReferenceList", "ResourceGroupContentItem"}
    told = any(wrong & {one.element, one.parent, *one.expected} for one in message.schema_faults)
    named = resources_are_named(message) and releases_are_named(message)
    return named and not told and next(dangling(message, RESOURCE_REFERENCES), None) is None


def _is_unsold(message: Message) -> bool:
    """Whether a schema fault tells that a deal does not say which release it is for."""
    return any("DealReleaseReference" in (one.element, *one.expected) for one in message.schema_faults)
