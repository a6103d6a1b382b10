"""The life of a release at a DSP, seen from its side: what lands for each change that a label makes.

The steps are those of the acceptance test that Spotify publishes for senders of ERN.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from lxml import etree

from ingest.host.data_files import data_dir
from tests.broken.change import Change, edit, edit_all
from tests.flow.test_shipments import TUBE, approved, copied
from tests.good import Good
from tests.lives import alone, whole
from tests.rules.reading import read_here
from tests.stage import CONFIG, Stage, staged


@pytest.fixture(autouse=True)
def _read_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    read_here(monkeypatch)


SCHEMAS = {"3.8.2": "ern382.xsd", "4.3": "ern43.xsd"}
WORLD = "<TerritoryCode>Worldwide</TerritoryCode>\n          <ValidityPeriod>"
START = "<StartDate>2026-04-01</StartDate>"
TIMED = "<StartDateTime>2026-04-01T12:00:00</StartDateTime>"


def made_on(day: int) -> Change:
    """The message as the label made it on that day of March."""
    return edit(("2026-03-20T10:00:00", f"2026-03-{day}T10:00:00"))


def territories(*codes: str) -> Change:
    return edit((WORLD, "".join(f"<TerritoryCode>{code}</TerritoryCode>" for code in codes) + "<ValidityPeriod>"))


@dataclass
class Dsp:
    """What a DSP sees: the batches that it was sent, one after the other."""

    on: Stage
    version: str
    seen: set[str] = field(default_factory=set)

    def next(self) -> tuple[etree._Element, list[str]]:
        """The message of the only new batch, which is valid, and the names of its media."""
        root = self.on.directory("tube")
        (batch,) = {path.name for path in root.iterdir()} - self.seen
        self.seen.add(batch)
        (message,) = (path for path in (root / batch).glob("*/*.xml"))
        tree = etree.parse(str(message)).getroot()
        etree.XMLSchema(etree.parse(str(data_dir("schemas") / SCHEMAS[self.version]))).assertValid(tree)
        return tree, sorted(path.name for path in (root / batch).glob("*/resources/*"))


@pytest.fixture(params=sorted(SCHEMAS))
def dsp(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Dsp]:
    (tmp_path / "tube").mkdir()
    config = CONFIG + TUBE.replace('ern_version = "3.8.2"', f'ern_version = "{request.param}"')
    with staged(tmp_path, config=config, convert=copied) as on:
        yield Dsp(on, request.param)


def sent(dsp: Dsp, folder: Path) -> tuple[etree._Element, list[str]]:
    package = approved(dsp.on, folder)
    assert dsp.on.deliver(package, "tube") == "delivered"
    return dsp.next()


def texts(root: etree._Element, name: str) -> list[str]:
    return [one.text or "" for one in root.iter(name)]


def deals(root: etree._Element) -> dict[str, set[str]]:
    """The uses that are offered of each release and track."""
    found: dict[str, set[str]] = {}
    for one in root.iter("ReleaseDeal"):
        for reference in one.iterfind("DealReleaseReference"):
            found.setdefault(reference.text or "", set()).update(texts(one, "UseType"))
    return found


def test_a_release_lives_at_a_dsp_from_its_insert_to_its_takedown(dsp: Dsp, tmp_path: Path) -> None:
    every = {f"R{number}" for number in range(5)}

    root, media = sent(dsp, whole(tmp_path, "Insert", territories("US"), kind=Good.ERN))
    assert len(media) == 5
    assert set(texts(root.find("DealList"), "TerritoryCode")) == {"US"}  # type: ignore[arg-type]
    assert deals(root) == {reference: {"OnDemandStream"} for reference in every}

    wider = (made_on(21), territories("US", "CA"), edit(("<ReleaseType>EP<", "<ReleaseType>Album<")))
    root, media = sent(dsp, alone(tmp_path, "Wider", *wider, kind=Good.ERN))
    assert (media, root.find(".//TechnicalDetails"), root.find(".//FileName")) == ([], None, None)
    assert set(texts(root.find("DealList"), "TerritoryCode")) == {"US", "CA"}  # type: ignore[arg-type]
    assert "Album" in texts(root, "ReleaseType")

    timed = (made_on(22), territories("US", "CA"), edit(("<ReleaseType>EP<", "<ReleaseType>Single<"), (START, TIMED)))
    root, media = sent(dsp, alone(tmp_path, "Timed", *timed, kind=Good.ERN))
    assert media == []
    assert set(texts(root, "StartDateTime")) == {"2026-04-01T12:00:00"}

    others = "".join(f"<DealReleaseReference>R{number}</DealReleaseReference>" for number in (2, 3, 4))
    withdrawn = (made_on(23), edit(("<DealReleaseReference>R0</DealReleaseReference>", others)))
    root, media = sent(dsp, alone(tmp_path, "Withdrawn", *withdrawn, kind=Good.ERN))
    assert media == []
    assert deals(root) == {reference: {"OnDemandStream"} for reference in ("R2", "R3", "R4")}

    down = (edit(("2026-03-20T10:00:00", "2026-03-23T11:00:00")), edit_all(r"  <DealList>.*</DealList>\n", ""))
    root, media = sent(dsp, alone(tmp_path, "Down", *down, kind=Good.ERN))
    assert (media, root.find("DealList")) == ([], None)

    created = [
        etree.parse(str(path)).getroot().findtext("MessageHeader/MessageCreatedDateTime")
        for batch in sorted(dsp.seen)
        for path in (dsp.on.directory("tube") / batch).glob("*/*.xml")
    ]
    assert created == sorted(set(created), key=lambda one: one or "")


def test_a_takedown_by_end_date_ends_the_live_deals_of_every_track_two_days_ago(tmp_path: Path) -> None:
    """The rules that YouTube publishes: deals are read at the tracks, and end two days in the past."""
    (tmp_path / "tube").mkdir()
    table = TUBE.replace('layout = "batch"', 'layout = "batch"\ntakedown = "end-date"\nend_date_offset_days = -2')
    with staged(tmp_path, config=CONFIG + table, convert=copied) as on:
        dsp = Dsp(on, "3.8.2")
        sent(dsp, whole(tmp_path, "Insert", kind=Good.ERN))
        down = (made_on(22), edit_all(r"  <DealList>.*</DealList>\n", ""))
        root, media = sent(dsp, alone(tmp_path, "Down", *down, kind=Good.ERN))
    assert media == []
    assert deals(root) == {f"R{number}": {"OnDemandStream"} for number in range(5)}
    periods = [(one.findtext("StartDate"), one.findtext("EndDate")) for one in root.iter("ValidityPeriod")]
    assert set(periods) == {("2026-03-21", "2026-03-21")}
    assert texts(root, "CommercialModelType") == ["SubscriptionModel"] * len(periods)
    assert root.find(".//TakeDown") is None
