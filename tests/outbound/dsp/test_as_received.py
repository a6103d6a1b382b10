"""Packages as the label sent them: into directories and over SFTP, the message last, and only what was checked."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from ingest.config import Dsp
from ingest.core.outcome import Done, Failed
from ingest.outbound.dsp import push_to
from tests.outbound.dsp.servers import openssh
from tests.outbound.dsp.shipments import landed

FILES = {"metadata.xml": b"<x/>", "01.wav": b"sound" * 1000, "resources/cover.jpg": b"picture"}
DIGESTS = {path: hashlib.sha256(data).hexdigest() for path, data in FILES.items()}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    for path, data in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def test_a_package_is_put_into_a_directory(tmp_path: Path, package: Path) -> None:
    (tmp_path / "dsp").mkdir()
    assert push_to(Dsp(path=tmp_path / "dsp"), package, "5034567890120_7", DIGESTS) == Done()
    assert landed(tmp_path / "dsp") == {f"5034567890120_7/{path}": data for path, data in FILES.items()}


def test_a_package_is_put_on_a_server_and_not_twice(tmp_path: Path, package: Path) -> None:
    with openssh(tmp_path) as server:
        dsp = Dsp(kind="sftp", sftp=server.target)
        for _ in range(2):
            assert push_to(dsp, package, "5034567890120_7", DIGESTS) == Done()
        assert landed(server.root) == {f"5034567890120_7/{path}": data for path, data in FILES.items()}


@pytest.mark.parametrize(
    ("digests", "reason"),
    [
        ({**DIGESTS, "01.wav": "0" * 64}, "01.wav has SHA-256 "),
        ({**DIGESTS, "01.wav": None}, "no SHA-256 of 01.wav was recorded"),
        ({"../key": "0" * 64}, "'../key' is no path inside a package"),
    ],
)
def test_what_was_not_checked_never_leaves(
    tmp_path: Path, package: Path, digests: dict[str, str | None], reason: str
) -> None:
    with openssh(tmp_path) as server:
        told = push_to(Dsp(kind="sftp", sftp=server.target), package, "5034567890120_7", digests)
        assert isinstance(told, Failed) and told.permanent
        assert told.reason.startswith(f"the package is no longer what was checked: {reason}")
        assert landed(server.root) == {}


def test_a_server_that_is_down_and_a_file_that_is_gone_are_told(tmp_path: Path, package: Path) -> None:
    with openssh(tmp_path) as server:
        dsp = Dsp(kind="sftp", sftp=server.target)
        (package / "01.wav").unlink()
        told = push_to(dsp, package, "5034567890120_7", DIGESTS)
        assert isinstance(told, Failed) and not told.permanent
        assert "No such file" in told.reason
    down = push_to(dsp, package, "5034567890120_7", {"metadata.xml": DIGESTS["metadata.xml"]})
    assert isinstance(down, Failed)
    assert "takes no connections" in down.reason
