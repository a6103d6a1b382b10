"""The files shipped with the code are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.host import data_files
from ingest.host.data_files import data_dir


def test_a_checkout_reads_its_own_folders() -> None:
    assert (data_dir("schemas") / "ern382.xsd").is_file()


def test_an_installed_package_reads_the_data_inside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / "ingest" / "data" / "schemas"
    inside.mkdir(parents=True)
    (tmp_path / "schemas").mkdir()
    monkeypatch.setattr(data_files, "PACKAGE", tmp_path / "ingest")
    assert data_dir("schemas") == inside


def test_a_broken_installation_is_said_to_be_one() -> None:
    with pytest.raises(FileNotFoundError, match="'nothing'"):
        data_dir("nothing")
