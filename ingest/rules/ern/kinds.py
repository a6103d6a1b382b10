"""ERN: the message as a whole: which releases and tracks it holds, and its purpose (update, takedown, test)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ingest.core.dossier import Dossier, Policy
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Severity, fault
from ingest.core.kind import Form, Kind, earlier_of, is_of_unknown, is_test, is_track_release, tracks_taken_down
from ingest.core.text import Text
from ingest.rules.anchors import releases_are_named
from ingest.rules.ern.release import SOURCE
from ingest.rules.rule import Family
from ingest.rules.subjects import lacks_main, purpose_of, said, takedown_form
from ingest.rules.units import listed, spell

ERROR: Final = Severity.ERROR
WARNING: Final = Severity.WARNING

messages = Family[Dossier](
    "ERN",
    "Release information",
    lambda dossier: (dossier,) if dossier.message is not None else (),
    source="ERN 3.8.2, choreography",
    ddex=FileStatus.MESSAGE_INVALID,
)


@messages.rule(
    "ERN-014",
    ERROR,
    text="{place}: the XML holds no release.",
    fix="Add a <Release> with its barcode, title, type and date to <ReleaseList>.",
    source=SOURCE,
    covers=("Release", "ReleaseList"),
)
def no_release(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """A message without a release has nothing to deliver."""
    message = dossier.message
    if message is not None and not message.releases and purpose_of(dossier) is not Kind.PURGE:
        yield fault(message.file, expected="<Release>")


@messages.rule(
    "ERN-015",
    ERROR,
    text="{place}: the XML holds no track.",
    fix="Add one <SoundRecording> per track to <ResourceList>.",
    source="Guide, File checklist",
    covers=("SoundRecording", "ResourceList"),
)
def no_recording(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """A first delivery brings all its tracks."""
    message = dossier.message
    if message is not None and not message.recordings and purpose_of(dossier) is Kind.NEW_RELEASE:
        yield fault(message.file, expected="<SoundRecording>")


@messages.rule(
    "ERN-016",
    Severity.INFO,
    text="{place}: {who} a test. It is checked like any other, and goes no further.",
    fix="Write LiveMessage into <MessageControlType> when the release is meant for the stores.",
    ddex=FileStatus.FILE_OK,
)
def test_message(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """Labels send test messages to try out their exports."""
    message = dossier.message
    if message is None or not is_test(dossier):
        return
    text = message.header.control_type if message.header is not None else None
    manifest = dossier.manifest
    if said(text) == "TestMessage" or manifest is None:
        yield fault(
            message.file, line=_line(text), found="TestMessage", expected="LiveMessage", who="the message calls itself"
        )
    else:
        who = f"the manifest {manifest.file} calls the whole batch"
        yield fault(message.file, found="IsTestFlag true", expected="IsTestFlag false", who=who)


@messages.rule(
    "ERN-017",
    WARNING,
    text="{place}: this message takes {what} down{known}: {reason}. A person of our team will look at it.",
    fix="Tell us if you did not mean to take the release down.",
    ddex=FileStatus.FILE_OK,
)
def takedown(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """A takedown brings no files, so their absence is no fault; taking music down is left to people."""
    message, form = dossier.message, takedown_form(dossier)
    if message is None or form is None or purpose_of(dossier) is Kind.PURGE or is_of_unknown(dossier):
        return
    line = message.deals[0].line if message.deals and form is not Form.TRACKS else None
    gone = tracks_taken_down(dossier) if form is Form.TRACKS else ()
    what = f"{spell(len(gone), 'track')} of the release" if gone else "the release"
    reason = f"{listed(list(gone))} had a deal and has none now" if gone else REASONS[form]
    yield fault(message.file, line=line, found="takedown", what=what, known=_known(dossier), reason=reason)


REASONS: Final = {
    Form.ENDED: "its deals only end",
    Form.CANCELLED: "its deals are cancelled",
    Form.NO_DEALS: "it has no deals",
    Form.MANIFEST: "the manifest of the batch says TakeDown",
}


def _known(dossier: Dossier) -> str:
    """` (package 7, "Sunrise", Delivered to DSPs)`; empty where no earlier package is known."""
    known = earlier_of(dossier)
    title = f'"{known.title}", ' if known is not None and known.title else ""
    return "" if known is None else f" (package {known.package}, {title}{known.status})"


@messages.rule(
    "ERN-018",
    WARNING,
    text="{place}: this message asks to remove a release for good (PurgeReleaseMessage){known}. A person of our team"
    " will look at it.",
    fix="Tell us if you did not mean to remove the release.",
    ddex=FileStatus.FILE_OK,
)
def purge(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """A purge removes a release for good; that is left to people."""
    if purpose_of(dossier) is Kind.PURGE and purged(dossier) and not is_of_unknown(dossier):
        yield fault(_file(dossier), found="PurgeReleaseMessage", known=_known(dossier))


@messages.rule(
    "ERN-083",
    ERROR,
    text="{place}: the message asks to remove a release for good, but {found}, so it names nothing to remove.",
    fix="Write the barcode of the release into <PurgedRelease><ReleaseId><ICPN>.",
    source=SOURCE,
    ddex=FileStatus.METADATA_MISSING,
    covers=("PurgedRelease", "ReleaseId"),
)
def purge_of_nothing(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """A release is known by its barcode or GRid; removing one by guesswork would remove another label's music."""
    message = dossier.message
    if message is not None and purpose_of(dossier) is Kind.PURGE and not purged(dossier):
        one = next(iter(message.releases), None)
        found = "has no <PurgedRelease>" if one is None else "gives no identifier of it"
        line = None if one is None else one.line
        yield fault(message.file, line=line, found=f"it {found}", expected="<ReleaseId> with <ICPN>")


def purged(dossier: Dossier) -> tuple[Text, ...]:
    """The identifiers of the release that a PurgeReleaseMessage names."""
    releases = dossier.message.releases if dossier.message is not None else ()
    ids = (
        text for one in releases for text in (one.barcode, one.grid, one.isrc, one.catalog_number, *one.proprietary_ids)
    )
    return tuple(text for text in ids if text is not None and said(text))


@messages.rule(
    "ERN-019",
    WARNING,
    text="{place}: this message updates a release{known} and brings no audio. A person of our team will look at it.",
    fix="Upload a new folder with all files if this is meant to be a new release.",
    ddex=FileStatus.FILE_OK,
)
def update(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """New dates, prices or territories need no new audio."""
    if purpose_of(dossier) is Kind.UPDATE and not is_of_unknown(dossier):
        header = dossier.message.header if dossier.message is not None else None
        indicator = header.update_indicator if header is not None else None
        yield fault(_file(dossier), line=_line(indicator), found="update without audio", known=_known(dossier))


@messages.rule(
    "ERN-020",
    WARNING,
    text="{place}: the XML holds {found} releases, and none or several are marked as the main one. We take the one"
    " on line {line}.",
    fix='Write IsMainRelease="true" on the main release, and on no other.',
    source="Release Profiles 1.4",
    covers=("ReleaseType", "IsMainRelease"),
)
def unclear_main(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """The main release is the product that stores sell; the others are its tracks."""
    message = dossier.message
    main = message.main_release if message is not None else None
    if message is None or main is None:
        return
    products = [one for one in message.releases if not is_track_release(one)]
    marked = sum(one.is_main is True for one in message.releases)
    if marked > 1 or (len(products) > 1 and marked != 1 and releases_are_named(message)):
        count = len(products) if marked <= 1 else len(message.releases)
        yield fault(message.file, line=main.line, found=str(count), expected="1 main release")


@messages.rule(
    "ERN-080",
    ERROR,
    text="{place}: the XML holds the releases of {found}, but not the release that they belong to.",
    fix="Add the <Release> of the single, EP or album itself to <ReleaseList>, with its barcode, title, type and date.",
    source=SOURCE,
    ddex=FileStatus.METADATA_MISSING,
    covers=("Release",),
)
def no_main_release(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """Stores sell the release; the releases of its tracks only say that each may be sold alone."""
    message = dossier.message
    if message is not None and lacks_main(message) and purpose_of(dossier) is not Kind.PURGE:
        count = spell(len(message.releases), "track")
        yield fault(message.file, line=message.releases[0].line, found=count, expected="<Release>")


def _line(text: Text | None) -> int | None:
    return text.line if text is not None else None


def _file(dossier: Dossier) -> str | None:
    return dossier.message.file if dossier.message is not None else None
