"""Modes of folders and files, whatever the umask."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ingest.host.private import create, make_folder, write
from tests.modes import modes_below

PACKAGE = Path(__file__).parents[2] / "ingest"


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_folders_at_every_depth_and_files_are_for_their_owner_alone(tmp_path: Path, mask: int) -> None:
    with umask(mask):
        make_folder(tmp_path / "a" / "b" / "c")
        write(tmp_path / "a" / "text", "ä")
        with create(tmp_path / "a" / "b" / "fresh", fresh=True) as file:
            file.write(b"x")
    made = {"a": "700", "a/b": "700", "a/b/c": "700", "a/text": "600", "a/b/fresh": "600"}
    assert modes_below(tmp_path) == made
    assert (tmp_path / "a" / "text").read_bytes() == "ä".encode()


def test_what_exists_keeps_its_mode_and_a_file_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder").chmod(0o750)
    (tmp_path / "file").write_text("longer than the new one")
    (tmp_path / "file").chmod(0o640)
    make_folder(tmp_path / "folder" / "inside")
    make_folder(tmp_path / "folder")
    write(tmp_path / "file", b"new")
    assert modes_below(tmp_path) == {"folder": "750", "folder/inside": "700", "file": "640"}
    assert (tmp_path / "file").read_text() == "new"
    with pytest.raises(FileExistsError):
        create(tmp_path / "file", fresh=True)
    with pytest.raises(FileExistsError):
        make_folder(tmp_path / "file")


def test_nothing_else_makes_folders_above_a_folder() -> None:
    """`mkdir(parents=True)` and `makedirs` make them with the mode that the umask leaves.

    Folders that are made over SFTP lie at a DSP, whose server decides.
    """
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for call in (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if ast.unparse(call.func).startswith("self._client."):
                continue
            words = {keyword.arg for keyword in call.keywords}
            has_mode = name != "mkdir" or call.args or "mode" in words
            if name == "makedirs" or "parents" in words or not has_mode:
                found.append(f"{path.relative_to(PACKAGE)}:{call.lineno}")
    assert found == []
