"""Which deliveries are carried out by now, and which fail instead of sending something else."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from ingest.core.outcome import Done, Failed
from ingest.outbound.dsp import push_to
from tests.config.dsps import BATCH
from tests.config.loading import loaded

PACKAGE = {"metadata.xml": hashlib.sha256(b"<x/>").hexdigest()}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "metadata.xml").write_bytes(b"<x/>")
    (tmp_path / "dsp").mkdir()
    return folder


def test_a_package_as_received_is_put_into_the_directory(tmp_path: Path, package: Path) -> None:
    one = loaded(tmp_path, '[dsp.one]\npath = "dsp"\n').dsp["one"]
    assert push_to(one, package, "5034567890120_7", PACKAGE) == Done()
    assert [path.name for path in (tmp_path / "dsp").iterdir()] == ["5034567890120_7"]


IN_DIRECTORY = BATCH.replace('kind = "sftp"', 'path = "dsp"').partition("[dsp.one.sftp]")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (BATCH, "the layout batch is configured, but this version cannot deliver messages of ours yet"),
        (
            IN_DIRECTORY[0] + "[dsp.one.contract]" + IN_DIRECTORY[2].partition("[dsp.one.contract]")[2],
            "the layout batch is configured, but this version cannot deliver messages of ours yet",
        ),
        (
            "\n".join(
                line
                for line in BATCH.partition("[dsp.one.contract]")[0].splitlines()
                if not line.startswith(("layout", "ern_version", "recipients"))
            ),
            "the kind sftp is configured, but this version cannot deliver over it yet",
        ),
    ],
)
def test_what_is_not_built_in_yet_fails_and_sends_nothing(
    tmp_path: Path, package: Path, text: str, reason: str
) -> None:
    one = loaded(tmp_path, text).dsp["one"]
    assert push_to(one, package, "5034567890120_7", PACKAGE) == Failed(reason)
    assert list((tmp_path / "dsp").iterdir()) == []
