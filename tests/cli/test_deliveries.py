"""`ingest deliveries`, `deliver`, `redeliver` and `takedown`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ingest.cli import main
from tests.flow.releases import deliver_all, two_dsps
from tests.flow.test_shipments import approved
from tests.lives import whole
from tests.messages import BARCODE
from tests.rules.reading import read_here
from tests.stage import Stage


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    read_here(monkeypatch)
    with two_dsps(tmp_path) as on:
        on.app.engine.migrate()
        approved(on, whole(tmp_path, "One"))
        assert deliver_all(on) == ["delivered"]
        yield on


def ingest(there: Stage, *words: str) -> Result:
    config = there.app.config.paths.data.parent / "config.toml"
    return CliRunner().invoke(main, ["--config", str(config), *words])


def test_people_read_how_each_delivery_stands_and_what_was_tried(there: Stage) -> None:
    at = "2026-03-23 12:00:00"
    said = f"{at}  package 1 (One) → tube: sent · insert, shipment 1, attempts 1 · sent {at}\n"
    assert ingest(there, "deliveries").stdout == said
    lines = ingest(there, "deliveries", BARCODE).stdout.splitlines()
    assert lines[1:] == ["    attempt 1, 2026-03-23 12:00:00, 0.0 s: done", "At the DSPs now: tube sent"]
    assert ingest(there, "deliveries", "--state", "failed").stdout == "no deliveries\n"
    assert ingest(there, "deliveries", "One", "--dsp", "wave").stdout == "no deliveries\n"
    told = json.loads(ingest(there, "deliveries", "1", "--format", "json").stdout)
    (one,) = told["deliveries"]
    assert (one["dsp"], one["state"], one["delivered_at"]) == ("tube", "sent", "2026-03-23T12:00:00+00:00")
    assert (one["folder"], one["upc"], one["tried"][0]["outcome"], told["at_dsps"]) == (
        *("One", BARCODE, "done"),
        {"tube": "sent"},
    )


def test_a_release_is_delivered_redelivered_and_taken_down(there: Stage) -> None:
    said = ingest(there, "deliver", BARCODE, "--dsp", "wave", "--not-before", "2027-01-02", "--notes", "Soon")
    assert said.stdout.splitlines() == [
        "package 1",
        "  → wave: held until 2027-01-02 00:00 UTC, attempts 0",
        "    notes: Soon",
    ]
    again = ingest(there, "redeliver", "One", "--dsp", "tube", "--whole")
    assert again.stdout.splitlines() == ["package 1", "  → tube (whole): queued, attempts 0"]
    down = ingest(there, "takedown", "1", "--reason", "The rights are disputed.", "--as", "ngozi")
    assert down.stdout.splitlines() == [
        "package 1 is being taken down; its label and QC are told",
        "  → tube (takedown): queued, attempts 0",
        "    notes: The rights are disputed.",
        "  wave: it had nothing of it yet, and gets nothing",
    ]
    show = ingest(there, "show", "1").stdout
    assert "takedown: tube, wave (ngozi)\n    The rights are disputed.\n" in show


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("deliver", BARCODE, "--dsp", "tube"), "tube has this release already; `ingest redeliver` sends what has"),
        (("redeliver", BARCODE), "nothing has changed since it was sent; `--whole` sends all of it once more"),
        (("redeliver", "Nowhere"), "there is no release 'Nowhere': name it by its barcode, its id, or the name"),
        (("takedown", BARCODE, "--reason", " "), "a takedown needs a reason: the label must know why"),
        (
            ("deliver", BARCODE, "--dsp", "wave", "--not-before", "soon"),
            "'soon' is no date, as 2026-04-01, and no time",
        ),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(there: Stage, words: tuple[str, ...], said: str) -> None:
    result = ingest(there, *words)
    assert (result.exit_code, said in result.stderr) == (2, True), result.stderr
