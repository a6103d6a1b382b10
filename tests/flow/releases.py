"""A release on its way to DSPs that get messages of ours, and what becomes of it there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from lxml import etree

from ingest.store.models import Notice
from tests.flow.test_shipments import TUBE, copied
from tests.stage import CONFIG, Stage, staged

TWO = TUBE + TUBE[TUBE.index("[dsp.tube]") :].replace("tube", "wave").replace("Tube", "Wave")


@contextmanager
def two_dsps(place: Path) -> Iterator[Stage]:
    """The application with the DSPs `tube` and `wave`, which get messages, and `alpha` and `beta`, which do not."""
    for dsp in ("tube", "wave"):
        (place / dsp).mkdir()
    with staged(place, config=CONFIG + TWO, convert=copied) as on:
        yield on


def stand(on: Stage, package: int) -> list[tuple[str, str, str]]:
    """DSP, purpose and state of the deliveries of a package."""
    return [(one.dsp, one.purpose.value, one.state.value) for one in on.app.views.package(package).deliveries]


def deliver_all(on: Stage) -> list[str]:
    """Attempt what is queued until nothing is enqueued any more; returns what came of each."""
    ended: list[str] = []
    while on.engine.due:
        due, on.engine.due = on.engine.due, []
        for key, arguments, _ in sorted(due, key=lambda one: on.engine.priorities.get(one[0]) or 0):
            if key.startswith("deliver:"):
                ended.append(on.carry(on.app.deliveries, *arguments))
    return ended


def messages(on: Stage, dsp: str) -> list[etree._Element]:
    """The messages that a DSP was sent, in order."""
    found = sorted(on.directory(dsp).glob("*/*/*.xml"))
    return [etree.parse(str(path)).getroot() for path in found]


def media(on: Stage, dsp: str) -> list[int]:
    """How many files came with each batch."""
    batches = sorted(path for path in on.directory(dsp).iterdir() if path.is_dir() and path.name != "acknowledgements")
    return [len(list(batch.glob("*/resources/*"))) for batch in batches]


def told(on: Stage, *kinds: str) -> list[tuple[str, str]]:
    """The emails of these kinds that are owed, by kind and audience."""
    with on.app.store.reading() as tx:
        rows = tx.scalars(sa.select(Notice).where(Notice.kind.in_(kinds)).order_by(Notice.id))
        return [(row.kind, row.audience) for row in rows]
