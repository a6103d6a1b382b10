"""Loading a configuration that a test writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.config import Config, ConfigError, load


def mistakes(folder: Path, text: str | bytes) -> list[str]:
    """What `load` says about a file with this text, without the file's folder."""
    path = folder / "config.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(ConfigError) as caught:
        load(path)
    return [str(mistake).removeprefix(f"{folder}/") for mistake in caught.value.mistakes]


def loaded(folder: Path, text: str) -> Config:
    path = folder / "config.toml"
    path.write_text(text, "utf-8")
    return load(path)
