"""`ingest draw`: a picture of one track, from a package that was read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from ingest.cli import main
from tests.packages import Good, write_good
from tests.stage import Stage, stage


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    home = tmp_path_factory.mktemp("draw")
    built = stage(home)
    built.place(write_good(home / "label", Good.SINGLE))
    built.judge(1)
    yield built
    built.app.close()


def ingest(there: Stage, *words: object) -> Result:
    config = there.app.config.paths.data.parent / "config.toml"
    return CliRunner().invoke(main, ["--config", str(config), *map(str, words)])


def test_a_track_becomes_a_png(there: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = ingest(there, "draw", 1, 1)
    assert (result.exit_code, result.stdout) == (0, "package-1-track-1.png\n")
    image = Image.open(io.BytesIO((tmp_path / "package-1-track-1.png").read_bytes()))
    assert (image.format, image.width > 1600, image.height > 400) == ("PNG", True, True)
    assert ingest(there, "draw", 1, 1, "--output", tmp_path / "other.png").exit_code == 0
    assert (tmp_path / "other.png").read_bytes() == (tmp_path / "package-1-track-1.png").read_bytes()


def test_what_there_is_not_is_wrong_usage(there: Stage, tmp_path: Path) -> None:
    for words, said in (
        ((7, 1), "there is no package 7; `ingest packages` lists them"),
        ((1, 2), "package 1 has no track 2 that was measured"),
    ):
        result = ingest(there, "draw", *words, "--output", tmp_path / "x.png")
        assert (result.exit_code, result.stderr) == (2, f"ingest: {said}\n")
    assert not (tmp_path / "x.png").exists()
