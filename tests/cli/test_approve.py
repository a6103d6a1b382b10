"""`ingest approve` and `ingest reject`: what they say of the release, and of a newer upload of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ingest.cli import main
from tests.broken.change import edit
from tests.lives import LATER, TAKEDOWNS, alone, whole
from tests.rules.reading import read_here
from tests.stage import Stage, by, staged


@pytest.fixture
def on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    read_here(monkeypatch)
    with staged(tmp_path) as there:
        there.app.engine.migrate()
        yield there


def ingest(on: Stage, *words: str) -> Result:
    config = on.app.config.paths.data.parent / "config.toml"
    return CliRunner().invoke(main, ["--config", str(config), *words])


def upload(on: Stage, folder: Path, status: str = "Needs QC") -> None:
    assert on.judge(on.place(folder)) == status


def test_a_decision_names_the_release(on: Stage, tmp_path: Path) -> None:
    upload(on, whole(tmp_path, "Sunrise"))
    assert ingest(on, "approve", "1").stdout == (
        "package 1 (Ayo Lande – Sunrise) is QC Approved; it goes to alpha, beta\n"
    )
    upload(on, whole(tmp_path, "Sunrise_v2"))
    assert ingest(on, "reject", "2", "--notes", "No.").stdout == (
        "package 2 (Ayo Lande – Sunrise) is QC Rejected; the label is told\n"
    )


def test_a_newer_upload_is_named_in_the_list_in_show_and_where_the_older_one_is_approved(
    on: Stage, tmp_path: Path
) -> None:
    upload(on, whole(tmp_path, "Sunrise"))
    upload(on, whole(tmp_path, "Sunrise_v2"))
    refused = ingest(on, "approve", "1")
    assert (refused.exit_code, refused.stderr) == (
        2,
        "ingest: package 2 is a newer upload of this release; approve that one, or say --anyway\n",
    )
    assert "SUPERSEDED: package 2 (Needs QC, update, Sunrise_v2) is a newer upload of this release.\n" in (
        ingest(on, "show", "1").stdout
    )
    assert (
        "\nThis is a newer upload of the release of package 1 (Needs QC, Sunrise).\n" in ingest(on, "show", "2").stdout
    )
    assert "Needs QC, superseded" in ingest(on, "packages").stdout
    assert ingest(on, "approve", "1", "--anyway").exit_code == 0
    assert "\nPackage 2 (Needs QC, update, Sunrise_v2) is a newer upload of this release.\n" in (
        ingest(on, "show", "1").stdout
    )


def test_what_can_be_done_about_a_newer_upload_depends_on_its_status(on: Stage, tmp_path: Path) -> None:
    upload(on, whole(tmp_path, "Sunrise"))
    on.place(whole(tmp_path, "Sunrise_v2"))
    said = "ingest: package 2 is a newer upload of this release and"
    assert ingest(on, "approve", "1").stderr == f"{said} still Incoming; wait for it, or say --anyway\n"
    on.judge(2)
    on.app.review.reject(2, by("ngozi"), "No.")
    assert ingest(on, "approve", "1").stderr == f"{said} QC Rejected; wait for its correction, or say --anyway\n"
    upload(on, whole(tmp_path, "Sunrise_v3", lambda folder: next(folder.glob("*.jpg")).unlink()), "Invalid")
    assert ingest(on, "approve", "1").stderr == (
        f"{said.replace('2', '3')} Invalid; wait for its correction, or say --anyway\n"
    )
    upload(on, alone(tmp_path, "Away", TAKEDOWNS["TakeDown"], edit(LATER)))
    assert ingest(on, "approve", "1").stderr == (
        "ingest: package 4 (Needs QC) is a newer upload that takes this release down; "
        "decide on that one, or say --anyway\n"
    )
