"""The wheel holds what an installed `ingest` needs, and works without the checkout."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.packages import Good, write_good

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


def test_an_installed_wheel_checks_a_release_without_the_checkout(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(tmp_path)]
    subprocess.run([*build, str(ROOT)], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("ingest-*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for name in (
        "ingest/data/schemas/ern382.xsd",
        "ingest/data/schemas/avs.xsd",
        "ingest/data/templates/email/invalid.j2",
        "ingest/data/systemd/ingestd.service",
        "ingest/data/config.example.toml",
        "ingest/store/migrations/env.py",
        "ingest/store/migrations/script.py.mako",
    ):
        assert name in names
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    folder = write_good(tmp_path, Good.SINGLE)
    run = (
        "import sys; sys.path.insert(0, sys.argv[1]); import ingest; print(ingest.__file__); "
        "sys.argv = ['ingest', 'check', sys.argv[2]]; from ingest.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", run, str(tmp_path / "site"), str(folder)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(tmp_path / "site")},
    )
    assert done.returncode == 0, done.stderr
    assert str(tmp_path / "site") in done.stdout and "Needs QC" in done.stdout
