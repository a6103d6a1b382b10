"""Where the tests of a module stand: under its own name, in the folder of its room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "ingest"
MIRRORED = ("flow", "store", "inbound", "outbound", "doctor")
"""Rooms whose every module has its test file; the tests of tables are those of the modules that read and write them."""
LEFT_OUT = ("store/models", "store/migrations")


def modules() -> Iterator[Path]:
    """The modules of the mirrored rooms, by their paths below the package."""
    for room in MIRRORED:
        for path in sorted((PACKAGE / room).rglob("*.py")):
            module = path.relative_to(PACKAGE)
            is_left_out = any(module.is_relative_to(folder) for folder in LEFT_OUT)
            if module.name != "__init__.py" and not is_left_out:
                yield module


def test_every_module_of_these_rooms_is_looked_at() -> None:
    assert {module.parts[0] for module in modules()} == set(MIRRORED)
    assert Path("inbound/sftp/answers.py") in set(modules())


@pytest.mark.parametrize("module", list(modules()), ids=str)
def test_a_module_has_its_test_file(module: Path) -> None:
    file = TESTS / module.parent / f"test_{module.name}"
    assert file.is_file()
    assert "\ndef test_" in file.read_text("utf-8") or "\nasync def test_" in file.read_text("utf-8")


def test_at_the_top_stand_only_tests_of_the_package_as_a_whole() -> None:
    assert {path.name for path in TESTS.glob("test_*.py")} == {
        "test_check.py",
        "test_docstrings.py",
        "test_layers.py",
        "test_mirror.py",
    }


def test_every_folder_of_tests_is_a_package() -> None:
    folders = {path.parent for path in TESTS.rglob("test_*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").is_file()] == []
