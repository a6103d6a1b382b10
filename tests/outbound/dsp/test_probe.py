"""A DSP is tried out up to the first step that fails."""

from __future__ import annotations

from pathlib import Path

from ingest.config import Dsp
from ingest.outbound.dsp.probe import probe
from tests.outbound.dsp.servers import openssh


def test_every_step_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    steps = probe(Dsp(path=tmp_path))
    assert [step.what for step in steps] == ["connect", "write", "list", "remove", "acknowledgements"]
    assert not any(step.failed for step in steps)
    assert list(tmp_path.iterdir()) == []
    assert steps[-1].result == "0 files in acknowledgements/"


def test_nothing_is_left_on_a_server_either(tmp_path: Path) -> None:
    with openssh(tmp_path) as server:
        steps = probe(Dsp(kind="sftp", sftp=server.target))
        assert [step.what for step in steps if step.failed] == []
        assert list(server.root.iterdir()) == []


def test_what_fails_ends_it_and_is_named(tmp_path: Path) -> None:
    steps = probe(Dsp(path=tmp_path / "gone"))
    assert [(step.what, step.failed) for step in steps] == [("connect", False), ("write", True)]
    assert "Make the directory, or mount what belongs there" in steps[-1].result
