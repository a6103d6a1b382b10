"""`ingest check` on what distribution programs upload: batches and release-by-release trees, one result per release."""

from __future__ import annotations

import json
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ingest.cli import main
from tests.good import Good, jpeg, write_good
from tests.lives import manifest
from tests.messages import BARCODE

RELEASED = date.today() + timedelta(days=60)
BATCH = "20260323100000000"
SECOND = "4006381333931"


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("INGEST_CONFIG", raising=False)
    monkeypatch.setattr("ingest.config.file.SEARCH", ("config.toml",))


def fuga_style(parent: Path, name: str = BATCH) -> Path:
    """`<BatchId>/<UPC>/<UPC>.xml`, media in `resources/`, a manifest of an older version; the second cover is small."""
    folder = parent / name
    good = write_good(parent / "made", Good.ERN, RELEASED)
    shutil.copytree(good, folder / BARCODE)
    shutil.move(good, folder / SECOND)
    message = folder / SECOND / f"{BARCODE}.xml"
    text = message.read_text("utf-8").replace(BARCODE, SECOND)
    message.with_name(f"{SECOND}.xml").write_text(text, "utf-8")
    message.unlink()
    (folder / SECOND / "resources/artwork.jpg").write_bytes(jpeg(2000, 2000))
    listed = manifest(name, (BARCODE, "NewReleaseDelivery"), (SECOND, "NewReleaseDelivery"))
    (folder / f"BatchComplete_{name}.xml").write_bytes(listed.replace(b"ern-c-sftp/16", b"ern-c/15"))
    (folder / ".DS_Store").write_bytes(b"\x00")
    (folder / "__MACOSX" / BARCODE).mkdir(parents=True)
    (folder / "__MACOSX" / BARCODE / f"._{BARCODE}.xml").write_bytes(b"\x00")
    return folder


def checked(folder: Path) -> tuple[int, list[tuple[str, str, list[str]]]]:
    """The exit status; of each result the folder, the status and the codes of its errors and warnings."""
    result: Result = CliRunner().invoke(main, ["check", str(folder), "--format", "json"])
    told = []
    for one in json.loads(result.stdout)["packages"]:
        codes = [finding["code"] for finding in one["findings"] if finding["severity"] != "info"]
        told.append((one["folder"], one["status"], codes))
    return result.exit_code, told


@pytest.mark.slow
def test_a_fuga_style_batch_gives_one_result_per_release(tmp_path: Path) -> None:
    folder = fuga_style(tmp_path)

    assert checked(folder) == (
        1,
        [(SECOND, "Invalid", ["ART-001"]), (BARCODE, "Needs QC", [])],
    )


@pytest.mark.slow
def test_a_folder_of_batches_is_checked_batch_by_batch(tmp_path: Path) -> None:
    (tmp_path / "outbox").mkdir()
    shutil.move(fuga_style(tmp_path), tmp_path / "outbox" / BATCH)
    shutil.rmtree(tmp_path / "outbox" / BATCH / SECOND)

    assert checked(tmp_path / "outbox") == (0, [(BARCODE, "Needs QC", [])])


@pytest.mark.slow
def test_a_release_by_release_tree_gives_one_result_per_release(tmp_path: Path) -> None:
    tree = tmp_path / "outbox"
    for name in (f"N_{BARCODE}_{BATCH}", f"P_{BARCODE}_20260323110000000"):
        good = write_good(tmp_path / name, Good.ERN, RELEASED)
        tree.mkdir(exist_ok=True)
        shutil.move(good, tree / name)
    next((tree / f"P_{BARCODE}_20260323110000000").rglob("02_*")).unlink()

    assert checked(tree) == (
        1,
        [
            (f"N_{BARCODE}_{BATCH}", "Needs QC", []),
            (f"P_{BARCODE}_20260323110000000", "Invalid", ["PKG-004"]),
        ],
    )
    shown = CliRunner().invoke(main, ["check", str(tree)])
    assert shown.stdout.splitlines()[-1] == "2 releases: 1 would go to Needs QC, 1 Invalid."
    assert checked(tree / f"N_{BARCODE}_{BATCH}") == (0, [(f"N_{BARCODE}_{BATCH}", "Needs QC", [])])
