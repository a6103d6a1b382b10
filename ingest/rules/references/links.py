"""REF: references inside the message: what each of them names exists, and exists once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ingest.core.dossier import Dossier, Policy
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Severity, fault
from ingest.core.kind import Kind, is_track_release, purpose_of
from ingest.core.message import Message, Reference
from ingest.core.resources import ImageResource, OtherResource, SoundRecording
from ingest.rules.rule import Family, Sentence
from ingest.rules.subjects import said

Resource = SoundRecording | ImageResource | OtherResource

SOURCE: Final = "ERN 3.8.2, anchors and references"

RESOURCE_REFERENCES: Final = frozenset({"ReleaseResourceReference", "LinkedReleaseResourceReference"})


TRACK: Final = (
    "resource",
    "Correct the reference to the ResourceReference of one of your tracks, or add the track to <ResourceList>.",
)
PICTURE: Final = (
    "the picture",
    "Add the picture to <ResourceList> as an <Image> with this ResourceReference, or remove the reference: the cover"
    " may also lie in the folder as artwork.jpg without being named.",
)
"""What is missing, and the cure, where it is a track and where it is the cover or another picture."""


def _messages(dossier: Dossier) -> Iterator[Message]:
    if dossier.message is not None:
        yield dossier.message


def _first(dossier: Dossier) -> Iterator[Message]:
    if purpose_of(dossier) is Kind.NEW_RELEASE:
        yield from _messages(dossier)


links = Family[Message]("REF", "References", _messages, source=SOURCE, ddex=FileStatus.MESSAGE_INVALID)
deliveries = Family[Message]("REF", "References", _first, source=SOURCE, ddex=FileStatus.MESSAGE_INVALID)


@links.rule(
    "REF-001",
    Severity.ERROR,
    text="{place}: {found} is already used as a name on line {earlier}. Each name may stand for one thing only.",
    fix="Number them through, as A1, A2, A3 for resources and R0, R1 for releases, and correct what points to them.",
)
def duplicate_anchor(message: Message, _: Policy) -> Iterator[Fault]:
    """With two resources called A1 nobody can tell which of them a release means."""
    first: dict[str, Reference] = {}
    for reference in message.references:
        if reference.is_anchor and reference.value:
            earlier = first.setdefault(reference.value, reference)
            if earlier is not reference:
                yield fault(
                    message.file, line=reference.line, found=reference.value, expected="its own", earlier=earlier.line
                )


@links.rule(
    "REF-002",
    Severity.ERROR,
    text="{place}: the release refers to {what} {found}, which is not in the message.",
    fix="{cure}",
)
def dangling_resource(message: Message, _: Policy) -> Iterator[Fault]:
    """The track or picture would be missing from the release."""
    for one in _dangling(message, RESOURCE_REFERENCES):
        what, cure = PICTURE if one.found in _secondary(message) else TRACK
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
    unnamed = [one for one in message.releases if not any(said(text) for text in one.references)]
    for one in _dangling(message, frozenset({"DealReleaseReference"})):
        if unnamed:
            line = unnamed[0].line
            cause = f"but the release at line {line} has no <ReleaseReference>"
            cure = f"Write <ReleaseReference>{one.found}</ReleaseReference> into the release at line {line}."
        else:
            cause = "which is not in the message"
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
    text="{place}: <{element}> refers to {found}, which is not in the message.",
    fix="Correct the reference, or remove it.",
)
def dangling_other(message: Message, _: Policy) -> Iterator[Fault]:
    """Stores ignore such references, or refuse the message."""
    named = RESOURCE_REFERENCES | {"DealReleaseReference"}
    others = {reference.element for reference in message.references if not reference.is_anchor} - named
    yield from _dangling(message, frozenset(others))


def _dangling(message: Message, elements: frozenset[str]) -> Iterator[Fault]:
    anchors = {reference.value for reference in message.references if reference.is_anchor}
    told = set()
    for reference in message.references:
        if reference.is_anchor or reference.element not in elements or reference.value in anchors:
            continue
        if (reference.element, reference.value) not in told:
            told.add((reference.element, reference.value))
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
    if not message.releases:
        return
    titles = {said(one.reference): said(one.title.text) for one in message.recordings if one.title is not None}
    resources: list[Resource] = [*message.recordings, *message.images, *message.others]
    for resource in resources:
        name = said(resource.reference)
        if name and name not in used:
            named = f' "{titles[name]}"' if titles.get(name) else ""
            yield fault(message.file, line=resource.line or None, found=name, title=named)


@deliveries.rule(
    "REF-006",
    Severity.WARNING,
    text="{place}: there is no deal for the release {found}.",
    fix="Write the release's reference, as R1, into <DealReleaseReference> of the deal.",
    ddex=FileStatus.NO_DEAL_FOR_TRACK,
)
def release_without_deal(message: Message, _: Policy) -> Iterator[Fault]:
    """A release that no deal names may not be sold; a deal for its tracks is enough."""
    main = message.main_release
    if main is None or not message.deals:
        return
    dealt = {said(text) for deal in message.deals for text in deal.releases}
    known = {said(text) for one in message.releases for text in one.references}
    enough = {said(text) for one in message.releases if one is main or is_track_release(one) for text in one.references}
    if not dealt & enough and dealt <= known:
        reference = said(main.references[0]) if main.references else ""
        yield fault(message.file, line=main.line or None, found=reference, expected="a deal")
