"""What kind of message a DSP is owed about a release, found by comparing it with what that DSP was last sent.

Every message is a full statement and replaces the one before; only files may be left out. Source: DDEX ERN, "life
cycle"; the rules for new audio are those that aggregators publish.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final

from ingest.core.delivery_state import DeliveryPurpose
from ingest.core.offer import Offer, is_available
from ingest.core.offer_updates import end_dated
from ingest.core.release import Release

COVER: Final = 0
"""Stands for the cover among the numbers of tracks."""

MOST_SECONDS_APART: Final = 2.0
"""How far the length of a track's new audio may be from that of the old one."""


class DeliveryKind(StrEnum):
    """What a message does at the DSP; the values are stored."""

    INSERT = "insert"
    METADATA_UPDATE = "metadata-update"
    DEAL_UPDATE = "deal-update"
    ASSET_UPDATE = "asset-update"
    TAKEDOWN = "takedown"
    REINSTATEMENT = "reinstatement"


class TakedownForm(StrEnum):
    """How a DSP wants to be told that a release is taken down."""

    NO_DEAL = "no-deal"
    END_DATE = "end-date"
    PURGE = "purge"


@dataclass(frozen=True, slots=True)
class FileState:
    """The audio of one track, or the cover as track 0: SHA-256 of the checked file, seconds of audio."""

    track: int
    digest: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """What a message would say. `files` are those at hand: none where the package brought none.

    `metadata` and `offers` are digests; `identity` is the barcode and the ISRCs in running order.
    """

    metadata: str
    offers: str
    files: tuple[FileState, ...] = ()
    identity: tuple[str | None, ...] = ()
    is_available: bool = True


@dataclass(frozen=True, slots=True)
class SentState:
    """What a DSP was last sent about a release. After a purge it has nothing of it any more."""

    kind: DeliveryKind
    content: Content
    is_taken_down: bool = False
    is_purged: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """The message to send: no `kind` where there is nothing to say.

    With `has_files` it brings all audio and the cover and describes them in technical details; else neither.
    `remarks` are sentences for QC, who must agree before it is sent.
    """

    kind: DeliveryKind | None
    has_files: bool = False
    remarks: tuple[str, ...] = ()


def content_of(release: Release, offers: tuple[Offer, ...], files: Iterable[FileState], today: date) -> Content:
    """The content of a message; `offers` are those that this DSP may get."""
    ordered = tuple(sorted(files, key=lambda file: file.track))
    identity = (release.barcode, *(track.isrc for track in release.tracks))
    return Content(metadata_digest(release), digest(offers), ordered, identity, is_available(offers, today))


def choose(
    now: Content,
    last: SentState | None,
    questions: tuple[str, ...] = (),
    purpose: DeliveryPurpose = DeliveryPurpose.DELIVER,
) -> Choice:
    """The message that makes this DSP have `now`; `questions` are what a person must decide of the deals before.

    A release is never taken down because of a question, but where the purpose is to take it down. WHOLE brings all of
    it although the DSP has it.
    """
    if purpose is DeliveryPurpose.TAKEDOWN:
        return Choice(DeliveryKind.TAKEDOWN if _has_it(last) else None)
    if questions and not now.is_available:
        return Choice(None, remarks=questions)
    choice = _chosen(now, last)
    if purpose is DeliveryPurpose.WHOLE and now.is_available:
        choice = replace(choice, kind=DeliveryKind.ASSET_UPDATE if _has_it(last) else choice.kind, has_files=True)
    return replace(choice, remarks=(*questions, *choice.remarks))


def _has_it(last: SentState | None) -> bool:
    return last is not None and not last.is_taken_down


def _chosen(now: Content, last: SentState | None) -> Choice:
    if last is None or last.is_purged:
        return Choice(DeliveryKind.INSERT, has_files=True) if now.is_available else Choice(None)
    if not now.is_available:
        return Choice(None if last.is_taken_down else DeliveryKind.TAKEDOWN)
    changed = tuple(_changed_files(now, last.content))
    if last.is_taken_down:
        return Choice(DeliveryKind.REINSTATEMENT, bool(changed), tuple(_identity_remarks(now, last.content)))
    kind = _update(now, last.content, bool(changed))
    remarks = (*_identity_remarks(now, last.content), *map(_audio_remark, (one for one in changed if one[0].track)))
    return Choice(kind, kind is DeliveryKind.ASSET_UPDATE, remarks)


def _update(now: Content, before: Content, has_new_files: bool) -> DeliveryKind | None:
    if has_new_files:
        return DeliveryKind.ASSET_UPDATE
    if now.metadata != before.metadata:
        return DeliveryKind.METADATA_UPDATE
    return DeliveryKind.DEAL_UPDATE if now.offers != before.offers else None


def state_after(kind: DeliveryKind, sent: Content, last: SentState | None, form: TakedownForm) -> SentState:
    """What this DSP has once a message of that kind was sent; `form` counts for takedowns only."""
    files = {} if last is None or last.is_purged else {file.track: file for file in last.content.files}
    has = tuple(sorted((files | {file.track: file for file in sent.files}).values(), key=lambda file: file.track))
    is_down = kind is DeliveryKind.TAKEDOWN
    return SentState(kind, replace(sent, files=has), is_down, is_down and form is TakedownForm.PURGE)


def takedown_offers(form: TakedownForm, had: Iterable[Offer], today: date, offset_days: int) -> tuple[Offer, ...]:
    """The offers in a takedown: the live ones with an end, or none, as the DSP wants it. A purge has none."""
    return end_dated(had, today, offset_days) if form is TakedownForm.END_DATE else ()


FilePair = tuple[FileState, FileState | None]


def _changed_files(now: Content, before: Content) -> Iterator[FilePair]:
    """The files at hand that the DSP has otherwise or not at all, with those that it has."""
    had = {file.track: file for file in before.files}
    return ((file, had.get(file.track)) for file in now.files if _digest(had.get(file.track)) != file.digest)


def _digest(file: FileState | None) -> str | None:
    return None if file is None else file.digest


def _identity_remarks(now: Content, before: Content) -> Iterator[str]:
    if now.identity[:1] != before.identity[:1]:
        yield f"The barcode was {before.identity[0]} and is {now.identity[0]}: at a DSP that is another release."
    if now.identity[1:] != before.identity[1:]:
        yield (
            "The ISRCs or their order are not those that this DSP has. The track list of a live release does not"
            " change: deliver it under a new barcode, then take the old release down."
        )


def _audio_remark(pair: FilePair) -> str:
    new, old = pair
    if old is None:
        return f"Track {new.track} has audio that this DSP was never sent."
    lengths = None if new.seconds is None or old.seconds is None else abs(new.seconds - old.seconds)
    if lengths is not None and lengths <= MOST_SECONDS_APART:
        return f"Track {new.track} has new audio. DSPs take it for a live release only to mend a technical fault."
    told = "of unknown length" if lengths is None else f"{lengths:.1f} s longer or shorter"
    return (
        f"Track {new.track} has new audio, {told}. DSPs take it for a live release only to mend a technical fault, and"
        " within about 2 s of the old length. Otherwise deliver a new barcode with the same ISRC, wait 48 hours"
        " (Apple: 6 days), and then take the old release down."
    )


def metadata_digest(release: Release) -> str:
    """A digest of what a release says, apart from its files and their measured length."""
    tracks = tuple(replace(track, file=None, preview=None, seconds=None) for track in release.tracks)
    return digest((replace(release, tracks=tracks, images=()),))


def digest(values: Iterable[Any]) -> str:
    """SHA-256 of dataclasses in this order, in hex. Empty fields do not count, so that later ones may be added."""
    plain = [_plain(asdict(value)) for value in values]
    return hashlib.sha256(json.dumps(plain, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: plain for key, each in value.items() if (plain := _plain(each)) not in (None, "", [], {}, False)}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value
