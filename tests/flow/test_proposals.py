"""What DSPs would get of a package, as QC reads it before deciding."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.flow.proposals import Proposals
from ingest.store import labels
from ingest.store.models import Package
from tests.flow.test_shipments import TUBE, approved, copied
from tests.lives import whole
from tests.stage import CONFIG, Stage, staged

pytestmark = pytest.mark.usefixtures("read_in_this_process")


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    (tmp_path / "tube").mkdir()
    with staged(tmp_path, config=CONFIG + TUBE, convert=copied) as there:
        with there.app.store.transaction() as tx:
            label = labels.find_label(tx, "anna")
            assert label is not None
            label.dsps = ["alpha", "tube"]
        yield there


def told(on: Stage, package: int) -> list[str]:
    return [value for name, value in on.app.views.facts(package) if name == "DSP"]


def test_qc_reads_what_each_agreed_dsp_would_get_before_deciding(on: Stage, tmp_path: Path) -> None:
    package = on.place(whole(tmp_path, "One"))
    on.judge(package)
    assert told(on, package) == ["Tube: insert, with all files, 1 deal"]
    review = next(row for row in on.app.views.package(package).emails if row.kind == "review")
    on.tell(review.id)
    (email,) = [one for one in on.transport.sent if one["To"] == "qc@test.example"]
    body = email.get_body(("plain",))
    assert body is not None and "Tube: insert, with all files, 1 deal" in body.get_content()


def test_what_it_would_not_get_is_told_with_the_reason(on: Stage, tmp_path: Path) -> None:
    tube = on.app.config.dsp["tube"]
    assert tube.contract is not None
    contract = tube.contract.model_copy(update={"models": ("RightsClaimModel",)})
    on.app.config.dsp["tube"] = tube.model_copy(update={"contract": contract})
    package = on.place(whole(tmp_path, "One"))
    on.judge(package)
    (sentence,) = told(on, package)
    assert sentence.startswith("Tube: nothing, because the deal for the release is for ")
    assert "of which the contract has none" in sentence


def test_once_it_is_decided_nothing_is_proposed(on: Stage, tmp_path: Path) -> None:
    package = approved(on, whole(tmp_path, "One"))
    on.deliver(package, "tube")
    assert told(on, package) == []
    with on.app.store.reading() as tx:
        row = tx.get_one(Package, package)
        proposals = Proposals(on.app.config, on.clock)
        assert list(proposals.told(tx, row)) == ["Tube: nothing: it has this already"]
        assert proposals.of(tx, row, "alpha") is None
        assert proposals.refused(tx, row, "tube") is None
