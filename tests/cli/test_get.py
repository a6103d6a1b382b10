"""`ingest get` and `ingest draw` write where the user may, and say where."""

from __future__ import annotations

import os
import stat
import tempfile
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
    (tmp_path / "here").mkdir()
    (tmp_path / "temporary").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    with staged(tmp_path) as there, monkeypatch.context() as patched:
        read_here(patched)
        assert there.judge(there.place(whole(tmp_path, "Sunrise"))) == "Needs QC"
        patched.undo()
        monkeypatch.chdir(tmp_path / "here")
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
        yield there


def ingest(on: Stage, *words: str) -> Result:
    config = on.app.config.paths.data.parent / "config.toml"
    return CliRunner().invoke(main, ["--config", str(config), *words])


def modes(path: Path) -> list[int]:
    return [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent)]


def test_the_files_go_into_a_folder_of_their_own(on: Stage) -> None:
    umask = os.umask(0o077)
    try:
        got = ingest(on, "get", "1", "--cover")
    finally:
        os.umask(umask)
    (cover,) = map(Path, got.stdout.splitlines())
    assert (cover.parent, cover.suffix) == (Path("package-1"), ".jpg")
    assert modes(cover) == [0o644, 0o755], "whoever asked can read them, whoever's rights the command had"
    (audio,) = ingest(on, "get", "1", "elsewhere", "--audio").stdout.splitlines()
    assert Path(audio).suffix == ".wav" and Path(audio).parent == Path("elsewhere")
    assert len(ingest(on, "get", "1", "everything").stdout.splitlines()) == 3


@pytest.fixture
def locked(on: Stage, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder is another user's."""
    may = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: path != Path.cwd() and may(path, mode))
    return Path.cwd()


@pytest.mark.parametrize("words", [("get", "1", "--cover"), ("draw", "1", "1")])
def test_where_the_folder_cannot_be_written_it_says_where_the_files_are(
    on: Stage, locked: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    done = ingest(on, *words)
    (file,) = map(Path, done.stdout.splitlines())
    assert file.is_relative_to(tmp_path / "temporary") and modes(file) == [0o644, 0o755]
    assert done.stderr.startswith(f"ingest: {locked} cannot be written by this user; the files go to ")
    assert list(locked.iterdir()) == []


def test_a_picture_goes_to_standard_output(on: Stage) -> None:
    assert ingest(on, "draw", "1", "1", "--output", "-").stdout_bytes.startswith(b"\x89PNG")
