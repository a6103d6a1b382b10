"""The import table of docs/architecture.md, held by walking every import of the package."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "ingest"

MAY_IMPORT: dict[str, set[str]] = {
    "core": set(),
    "host": set(),
    "rules": {"core"},
    "rulebook": {"core", "host", "rules"},
    "readers": {"core", "host"},
    "config": {"core", "rulebook"},
    "store": {"core"},
    "inbound": {"core", "host", "store", "config"},
    "outbound": {"core", "host", "config"},
    "flow": {"core", "host", "rules", "rulebook", "readers", "store", "config", "inbound", "outbound"},
    "check": {"core", "rules", "readers", "config"},
    "web": {"core", "host", "rulebook", "config", "store", "flow"},
    "doctor": {"core", "host", "rules", "rulebook", "readers", "store", "config", "inbound", "outbound", "check"},
}
"""What each room may import of the others; a room that is not listed (app, cli) may import all."""

OUTSIDE: dict[str, set[str]] = {
    "core": {"stdnum"},
    "host": {"structlog"},
    "rules": set(),
    "rulebook": set(),
    "config": {"pydantic", "pydantic_core"},
    "readers": {"lxml", "xmlschema", "_miniaudio", "soundfile", "numpy", "mutagen", "PIL", "zxingcpp", "pydantic"},
    "store": {"sqlalchemy", "alembic"},
}
"""Third-party packages of the rooms that may have few."""

UNTOUCHED_BY_CORE_AND_RULES = {"os", "time", "sqlite3", "subprocess", "socket", "random", "pathlib", "io", "shutil"}
STANDARD = __import__("sys").stdlib_module_names


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        yield room, path


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} uses a relative import"
            yield node.module or ""
            if node.module == "ingest":
                yield from (f"ingest.{alias.name}" for alias in node.names)


def rooms_of(names: Iterator[str]) -> set[str]:
    return {name.split(".")[1] for name in names if name.startswith("ingest.")}


@pytest.mark.parametrize(("room", "path"), [(room, path) for room, path in modules() if room in MAY_IMPORT])
def test_a_module_imports_only_rooms_below_its_own(room: str, path: Path) -> None:
    assert rooms_of(imported(path)) - {room} <= MAY_IMPORT[room]


@pytest.mark.parametrize(("room", "path"), [(room, path) for room, path in modules() if room in OUTSIDE])
def test_a_room_with_few_libraries_uses_no_other(room: str, path: Path) -> None:
    tops = {name.split(".")[0] for name in imported(path)} - {"ingest", "__future__", ""}
    assert {top for top in tops if top not in STANDARD} <= OUTSIDE[room]


@pytest.mark.parametrize("path", [path for room, path in modules() if room in ("core", "rules")])
def test_core_and_rules_touch_no_file_clock_or_socket(path: Path) -> None:
    tops = {name.split(".")[0] for name in imported(path)}
    assert not tops & UNTOUCHED_BY_CORE_AND_RULES


def test_only_the_engine_knows_the_workflow_engine() -> None:
    knowing = {path for _, path in modules() if any(name.split(".")[0] == "dbos" for name in imported(path))}
    assert knowing == {PACKAGE / "flow" / "engine.py"}


STATEMENTS = ("sa.select", "sa.insert", "sa.update", "sa.delete", "tx.add", "tx.execute", "tx.delete", "tx.flush")


def has_statement(path: Path) -> bool:
    """Whether the module builds an SQL statement."""
    calls = (node.func for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
    names = (ast.unparse(call) for call in calls)
    return any(name in STATEMENTS for name in names)


def test_sql_stands_in_the_store_only() -> None:
    elsewhere = {path for room, path in modules() if room != "store" and has_statement(path)}
    assert elsewhere == {PACKAGE / "doctor" / "records.py"}


def test_of_the_configuration_only_the_check_of_codes_knows_rules() -> None:
    knowing = {path for room, path in modules() if room == "config" and "rulebook" in rooms_of(imported(path))}
    assert knowing == {PACKAGE / "config" / "codes.py"}


def file_of(name: str) -> Path | None:
    """The file of a module of the package; None where the name is not one."""
    place = PACKAGE.parent.joinpath(*name.split("."))
    return next((file for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file()), None)


def imported_names(path: Path) -> Iterator[str]:
    """As `imported`, but `from package import module` is the module alone."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if file_of(name) else node.module for name in names)


def test_no_room_imports_a_room_that_imports_it() -> None:
    imports: dict[str, set[str]] = {}
    for room, path in modules():
        imports.setdefault(room, set()).update(rooms_of(imported(path)) - {room})
    TopologicalSorter(imports).prepare()  # raises CycleError, which names the cycle


def test_no_module_imports_a_module_that_imports_it() -> None:
    imports: dict[Path, set[Path]] = {}
    for _, path in modules():
        files = map(file_of, imported_names(path))
        imports[path] = {file for file in files if file is not None and file != path}
    TopologicalSorter(imports).prepare()


def test_no_family_of_rules_imports_another() -> None:
    families = {path.name for path in (PACKAGE / "rules").iterdir() if (path / "__init__.py").is_file()}
    assert len(families) == 7
    for family in families:
        for path in (PACKAGE / "rules" / family).glob("*.py"):
            names = {name.split(".")[2] for name in imported_names(path) if name.startswith("ingest.rules.")}
            assert names & families <= {family}, path


def test_the_package_holds_rooms_and_no_loose_modules() -> None:
    assert {path.name for path in PACKAGE.glob("*.py")} == {"__init__.py", "__main__.py", "check.py"}


def test_every_room_of_the_package_is_known() -> None:
    free = {"__init__", "__main__", "app", "cli"}
    assert {room for room, _ in modules()} <= set(MAY_IMPORT) | free
