"""`make demo`: what it needs is said at once, and it installs no more than the daemon needs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

OLD = """#!/bin/sh
case "$1" in -c) exit 1;; *) echo "Python 3.10.12";; esac
"""
OFFLINE = f"""#!/bin/sh
case "$2" in
venv) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
pip) echo "ERROR: No matching distribution found for alembic" >&2; exit 1 ;;
*) exec {sys.executable} "$@" ;;
esac
"""


def make(folder: Path, python: str, *words: str) -> subprocess.CompletedProcess[str]:
    """`make` with this script as Python, in a folder that holds nothing else of the project."""
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    script = folder / "python"
    script.write_text(python)
    script.chmod(0o755)
    command = ["make", "--no-print-directory", f"PYTHON={script}", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("goal", ["demo", "install"])
def test_an_older_python_is_said_first_and_nothing_is_made(tmp_path: Path, goal: str) -> None:
    done = make(tmp_path, OLD, goal)
    assert done.returncode != 0
    assert done.stderr.startswith(f"ingest needs Python 3.11 or newer; {tmp_path}/python is Python 3.10.12.\n")
    assert f"make PYTHON=python3.12 {goal}" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_without_a_network_it_says_what_is_wrong(tmp_path: Path) -> None:
    done = make(tmp_path, OFFLINE, "demo")
    assert done.returncode != 0
    assert "packages into .venv, once" in done.stdout
    assert "The packages could not be installed. Without a network none can" in done.stderr


def test_a_demo_installs_what_the_daemon_needs(tmp_path: Path) -> None:
    planned = make(tmp_path, OFFLINE, "-n", "demo").stdout
    assert "-r requirements.txt" in planned and "requirements-dev.txt" not in planned
    assert "-m ingest demo" in planned
