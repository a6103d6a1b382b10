"""`ingest shipment`: what a DSP was sent, for people, for machines, and the message alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from dbos import run_dbos_database_migrations

from ingest.cli import main
from tests.flow.test_shipments import TUBE, approved, copied
from tests.lives import whole
from tests.rules.reading import read_here
from tests.stage import CONFIG, Stage, staged


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    read_here(monkeypatch)
    (tmp_path / "tube").mkdir()
    with staged(tmp_path, config=CONFIG + TUBE, convert=copied) as built:
        run_dbos_database_migrations(built.app.store.url)
        built.deliver(approved(built, whole(tmp_path, "One")), "tube")
        yield built


def ingest(there: Stage, *words: str) -> Result:
    config = there.app.config.paths.data.parent / "config.toml"
    return CliRunner().invoke(main, ["--config", str(config), *words])


def test_people_read_what_was_sent(there: Stage) -> None:
    lines = ingest(there, "shipment", "1").output.splitlines()
    assert lines[0] == "Shipment 1 · insert to tube · package 1 · sent"
    assert "sent 2026-03-23 12:00:00 UTC" in lines[1]
    assert [line.split(" of ")[1] for line in lines[2:4]] == ["01_Sunrise.wav", "artwork.jpg"]
    assert lines[4] == "  the first message of this release to this DSP; --message prints it"


def test_machines_read_it_as_json_and_the_message_stands_alone(there: Stage) -> None:
    told = json.loads(ingest(there, "shipment", "1", "--format", "json").output)
    assert (told["kind"], told["sent_at"], len(told["files"])) == ("insert", "2026-03-23T12:00:00+00:00", 2)
    assert ingest(there, "shipment", "1", "--message").output == told["message"]
    assert told["message"].startswith("<?xml")


def test_show_names_the_shipment(there: Stage) -> None:
    assert "  → tube: sent · insert, shipment 1, attempts 1" in ingest(there, "show", "1").output


def test_an_unknown_one_is_refused(there: Stage) -> None:
    result = ingest(there, "shipment", "9")
    assert (result.exit_code, "there is no shipment 9" in result.output) == (2, True)
