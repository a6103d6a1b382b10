"""`ingest emails` lists, `ingest email` shows: as text, as HTML, or in the browser."""

from __future__ import annotations

import json
import tempfile
import webbrowser
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ingest.cli import main
from tests.lives import whole
from tests.rules.reading import read_here
from tests.stage import Stage, staged


@pytest.fixture
def on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    read_here(monkeypatch)
    with staged(tmp_path) as there:
        assert there.judge(there.place(whole(tmp_path, "Sunrise"))) == "Needs QC"
        yield there


def ingest(on: Stage, *words: str) -> Result:
    config = on.app.config.paths.data.parent / "config.toml"
    return CliRunner().invoke(main, ["--config", str(config), *words])


def test_emails_are_listed_with_their_state(on: Stage) -> None:
    on.tell(1)
    assert ingest(on, "emails").stdout.splitlines() == [
        "     3  2026-03-23 12:00  review       package 1      to qc@test.example: owed",
        "     2  2026-03-23 12:00  needs-qc     package 1      to anna@label.example: owed",
        "     1  2026-03-23 12:00  incoming     package 1      to anna@label.example: sent",
    ]
    (first,) = json.loads(ingest(on, "emails", "--limit", "1", "--format", "json").stdout)["emails"]
    assert (first["id"], first["kind"], first["to"], first["sent_at"]) == (3, "review", ["qc@test.example"], None)


def test_an_email_is_shown_as_text_and_as_html(on: Stage) -> None:
    text = ingest(on, "email", "2").stdout
    assert "To: anna@label.example\nSubject: Needs QC · Ayo Lande" in text and "WHAT HAPPENS NEXT" in text
    html = ingest(on, "email", "3", "--html").stdout
    assert html.startswith("<!DOCTYPE html>") and 'src="data:image/jpeg;base64,' in html and "cid:" not in html


@pytest.mark.parametrize("is_there", [True, False])
def test_an_email_is_opened_in_the_browser(
    on: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_there: bool
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def open_it(address: str) -> bool:
        opened.append(address)
        return is_there

    monkeypatch.setattr(webbrowser, "open", open_it)
    shown = ingest(on, "email", "3", "--open")
    file = Path(shown.stdout.strip())
    assert opened == [file.as_uri()] and "<h1" in file.read_text("utf-8")
    assert ("no browser" in shown.stderr) is not is_there


def test_an_email_that_there_is_not_is_wrong_usage(on: Stage) -> None:
    assert ingest(on, "email", "9").exit_code == 2
