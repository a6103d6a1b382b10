"""Every good package in every version of ERN and every kind of message, as the plans of shipments choose them.

Each message follows its schema by two validators, brings files or does not, and is read by our reader as it was meant.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest
from lxml import etree

from ingest.core.contract import Contract, DspNames
from ingest.core.defaults import MESSAGE_MAX_BYTES
from ingest.core.delivery_kind import DeliveryKind
from ingest.core.dossier import Dossier
from ingest.core.offer import is_available
from ingest.core.offer_reading import offers_of
from ingest.core.release import Release
from ingest.core.release_reading import release_of
from ingest.core.sent_file import SentFile
from ingest.flow.shipment_plans import Planned, propose
from ingest.outbound.ern.outgoing import Outgoing
from ingest.outbound.ern.versions import write
from ingest.readers.contents_reader import read_contents
from tests.broken.change import message_of
from tests.flow.test_shipment_plans import dsp_with
from tests.good import RECEIVED, Good, write_good
from tests.outbound.ern.releases import TRANSMISSION, message_in, sent_audio, sent_image
from tests.outbound.ern.validity import assert_valid

SCHEMAS: Final = {"3.8.2": "ern382.xsd", "3.8.3": "ern382.xsd", "4.3": "ern43.xsd"}
MODELS: Final = ("SubscriptionModel", "PayAsYouGoModel", "AdvertisementSupportedModel")
USES: Final = ("OnDemandStream", "Stream", "NonInteractiveStream", "PermanentDownload")
CONTRACT: Final = Contract(DspNames(names=("Tube",)), MODELS, USES)
DAY_AFTER: Final = date(2026, 4, 20)
"""A day on which every good release is out."""


def same(text: str) -> str:
    return text


@dataclass(frozen=True)
class Case:
    """What a label changes after the insert, the message that the DSP gets for it, and the takedown form it wants."""

    kind: DeliveryKind
    change: Callable[[str], str] = same
    has_new_audio: bool = False
    takedown: str = "no-deal"


def another_genre(text: str) -> str:
    return re.sub("<GenreText>[^<]*", "<GenreText>Highlife", text)


def another_use(text: str) -> str:
    return text.replace("<UseType>OnDemandStream<", "<UseType>NonInteractiveStream<")


def no_deals(text: str) -> str:
    return re.sub("<DealList>.*</DealList>", "", text, flags=re.DOTALL)


CASES: Final = {
    "insert": Case(DeliveryKind.INSERT),
    "metadata": Case(DeliveryKind.METADATA_UPDATE, another_genre),
    "deals": Case(DeliveryKind.DEAL_UPDATE, another_use),
    "assets": Case(DeliveryKind.ASSET_UPDATE, has_new_audio=True),
    "takedown without deals": Case(DeliveryKind.TAKEDOWN, no_deals),
    "takedown by end date": Case(DeliveryKind.TAKEDOWN, no_deals, takedown="end-date"),
    "takedown as a purge": Case(DeliveryKind.TAKEDOWN, no_deals, takedown="purge"),
}


@cache
def dossier(kind: Good, change: Callable[[str], str], has_new_audio: bool) -> Dossier:
    """A good package after the label's change, without what would be measured of its media."""
    with TemporaryDirectory() as place:
        folder = write_good(Path(place), kind)
        message_of(folder).write_text(change(message_of(folder).read_text("utf-8")), "utf-8")
        contents = read_contents(folder, folder.name, MESSAGE_MAX_BYTES)
    told = "again" if has_new_audio else ""
    entries = tuple(
        replace(one, sha256=hashlib.sha256(f"{told}{one.path}".encode()).hexdigest()) for one in contents.folder.entries
    )
    folder_of = replace(contents.folder, entries=entries)
    return Dossier(folder_of, contents.message, None, files=contents.files, cover=contents.cover)


def released(found: Dossier) -> Release:
    release = release_of(found)
    assert release is not None
    return release


def planned(found: Dossier, case: Case, last: Planned | None, today: date) -> Planned:
    dsp = dsp_with(takedown=case.takedown, end_date_offset_days=-2)
    proposal = propose(found, dsp, CONTRACT, last, today)
    assert proposal.planned is not None, proposal
    assert proposal.withheld == ()
    return proposal.planned


def plan_of(kind: Good, case: Case) -> tuple[Planned, Release]:
    """The plan of the case's message, and the release as it describes it."""
    before = dossier(kind, same, False)
    insert = planned(before, case, None, RECEIVED)
    if case.kind is DeliveryKind.INSERT:
        return insert, released(before)
    after = dossier(kind, case.change, case.has_new_audio)
    described = before if case.kind is DeliveryKind.TAKEDOWN else after
    return planned(after, case, insert, DAY_AFTER), released(described)


def files_of(release: Release) -> dict[str, SentFile]:
    tracks = {path: sent_audio(path) for track in release.tracks for path in (track.file, track.preview) if path}
    return tracks | {image.file: sent_image(image.file) for image in release.images if image.file}


@pytest.mark.parametrize("version", SCHEMAS)
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("kind", Good)
def test_it_is_valid_and_says_what_it_is_for(kind: Good, name: str, version: str) -> None:
    case = CASES[name]
    plan, release = plan_of(kind, case)
    assert (plan.kind, plan.state.is_purged) == (case.kind, case.takedown == "purge")
    files = files_of(release) if plan.has_files else {}
    outgoing = Outgoing(TRANSMISSION, release, plan.offers, files)
    data = write(version, outgoing, is_purge=plan.state.is_purged)

    assert_valid(data.replace(b"ern/383", b"ern/382"), SCHEMAS[version])
    root = etree.fromstring(data)
    assert len(list(root.iter("File"))) == len(files)
    assert bool(files) == (case.kind in (DeliveryKind.INSERT, DeliveryKind.ASSET_UPDATE))
    assert len(list(root.iter("DealTerms"))) == len(plan.offers)
    assert is_available(plan.offers, DAY_AFTER) == (case.kind is not DeliveryKind.TAKEDOWN)
    if not plan.state.is_purged:
        tracks = root.findall("ReleaseList/TrackRelease") or root.findall("ReleaseList/Release")[1:]
        dealt = {one.text for one in root.iter("DealReleaseReference")}
        assert dealt == ({f"R{number}" for number in range(len(tracks) + 1)} if plan.offers else set())
    if version != "4.3" and not plan.state.is_purged:
        message = message_in(data)
        assert (message.schema_faults, message.rewrites) == ((), ())
        assert set(offers_of(message)) == set(plan.offers)
