"""ERN: the message as a whole: what it holds and what it is for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ingest.core.dossier import Dossier, Policy
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Severity, fault
from ingest.core.text import Text
from ingest.rules.ern import SOURCE
from ingest.rules.purpose import Purpose, purpose_of
from ingest.rules.rule import Family
from ingest.rules.subjects import is_track_release, said

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
    text="{place}: the message holds no release.",
    fix="Add a <Release> with its barcode, title, type and date to <ReleaseList>.",
    source=SOURCE,
    covers=("Release", "ReleaseList"),
)
def no_release(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """A message without a release has nothing to deliver."""
    message = dossier.message
    if message is not None and not message.releases and purpose_of(dossier) is not Purpose.PURGE:
        yield fault(message.file, expected="<Release>")


@messages.rule(
    "ERN-015",
    ERROR,
    text="{place}: the message holds no track.",
    fix="Add one <SoundRecording> per track to <ResourceList>.",
    source="Guide, File checklist",
    covers=("SoundRecording", "ResourceList"),
)
def no_recording(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """A first delivery brings all its tracks."""
    message = dossier.message
    if message is not None and not message.recordings and purpose_of(dossier) is Purpose.NEW_RELEASE:
        yield fault(message.file, expected="<SoundRecording>")


@messages.rule(
    "ERN-016",
    Severity.INFO,
    text="{place}: the message calls itself a test (TestMessage). It is checked like any other.",
    fix="Write LiveMessage into <MessageControlType> when the release is meant for the stores.",
    ddex=FileStatus.FILE_OK,
)
def test_message(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """Labels send test messages to try out their exports."""
    header = dossier.message.header if dossier.message is not None else None
    if header is not None and said(header.control_type) == "TestMessage":
        yield fault(_file(dossier), line=_line(header.control_type), found="TestMessage", expected="LiveMessage")


@messages.rule(
    "ERN-017",
    WARNING,
    text="{place}: this message takes the release down: {reason}. A person of our team will look at it.",
    fix="Tell support if you did not mean to take the release down.",
    ddex=FileStatus.FILE_OK,
)
def takedown(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """A takedown brings no files, so their absence is no fault; taking music down is left to people."""
    message = dossier.message
    if message is not None and purpose_of(dossier) is Purpose.TAKEDOWN:
        reason = "its deals only end" if message.deals else "it has no deals and brings no audio"
        line = message.deals[0].line if message.deals else None
        yield fault(message.file, line=line, found="takedown", reason=reason)


@messages.rule(
    "ERN-018",
    WARNING,
    text="{place}: this message asks to purge a release (PurgeReleaseMessage). A person of our team will look at it.",
    fix="Tell support if you did not mean to remove the release.",
    ddex=FileStatus.FILE_OK,
)
def purge(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """A purge removes a release for good; that is left to people."""
    if purpose_of(dossier) is Purpose.PURGE:
        yield fault(_file(dossier), found="PurgeReleaseMessage")


@messages.rule(
    "ERN-019",
    WARNING,
    text="{place}: this message updates a release and brings no audio. A person of our team will look at it.",
    fix="Upload a new folder with all files if this is meant to be a new release.",
    ddex=FileStatus.FILE_OK,
)
def update(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """New dates, prices or territories need no new audio."""
    if purpose_of(dossier) is Purpose.UPDATE:
        header = dossier.message.header if dossier.message is not None else None
        indicator = header.update_indicator if header is not None else None
        yield fault(_file(dossier), line=_line(indicator), found="update without audio")


@messages.rule(
    "ERN-020",
    WARNING,
    text="{place}: the message holds {found} releases, and none or several are marked as the main one. We take the one"
    " on line {line}.",
    fix='Write IsMainRelease="true" on the main release, and on no other.',
    source="Release Profiles 1.4",
)
def unclear_main(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """The main release is the product that stores sell; the others are its tracks."""
    message = dossier.message
    main = message.main_release if message is not None else None
    if message is None or main is None:
        return
    products = [one for one in message.releases if not is_track_release(one)]
    if len(products) > 1 and sum(one.is_main is True for one in products) != 1:
        yield fault(message.file, line=main.line, found=str(len(products)), expected="1 main release")


def _line(text: Text | None) -> int | None:
    return text.line if text is not None else None


def _file(dossier: Dossier) -> str | None:
    return dossier.message.file if dossier.message is not None else None
