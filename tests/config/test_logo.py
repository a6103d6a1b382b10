"""The operator's logo: which files are taken, and what a configuration with another one is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.config import ConfigError
from ingest.config.file import load
from ingest.config.logo import LARGEST, logo_type, read_logo

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 20
JPEG = b"\xff\xd8\xff\xe0" + b"x" * 20


@pytest.mark.parametrize(("content", "kind"), [(PNG, "png"), (JPEG, "jpeg"), (PNG.ljust(LARGEST, b"x"), "png")])
def test_a_small_png_or_jpeg_is_taken_from_beside_the_configuration(tmp_path: Path, content: bytes, kind: str) -> None:
    (tmp_path / "logo").write_bytes(content)
    (tmp_path / "config.toml").write_text('[operator]\nlogo = "logo"\n', "utf-8")

    logo = load(tmp_path / "config.toml").operator.logo

    assert logo == tmp_path.resolve() / "logo"
    assert (read_logo(tmp_path / "logo"), logo_type(content)) == (content, kind)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"GIF89a", "is neither a PNG nor a JPEG file"),
        (b"", "is neither a PNG nor a JPEG file"),
        (PNG.ljust(LARGEST + 1, b"x"), "has more than 100 kB; every email carries it"),
    ],
)
def test_any_other_logo_is_refused_with_its_line(tmp_path: Path, content: bytes | None, said: str) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[operator]\nname = "X"\nlogo = "logo"\n', "utf-8")
    if content is not None:
        (tmp_path / "logo").write_bytes(content)

    with pytest.raises(ConfigError) as refused:
        load(config)

    (mistake,) = refused.value.mistakes
    assert str(mistake) == f"{config}:3: operator.logo: {tmp_path.resolve() / 'logo'} {said}"


def test_there_is_no_logo_unless_one_is_set(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("", "utf-8")

    assert load(tmp_path / "config.toml").operator.logo is None
