"""`ingest dsp`: the DSPs are listed, and one is tried out step by step."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ingest.app.application import open_app
from ingest.cli import main
from ingest.config import load
from tests.config.dsps import BATCH
from tests.outbound.dsp.servers import Server, openssh


def ingest(home: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(home / "config.toml"), "dsp", *words])


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "archive").mkdir()
    table = '[dsp.archive]\npath = "archive"\ntitle = "The Archive"\n'
    (tmp_path / "config.toml").write_text(f'[paths]\ndata = "data"\n{BATCH}{table}', "utf-8")
    return tmp_path


def test_every_dsp_is_listed_with_its_place_and_what_it_gets(home: Path) -> None:
    assert ingest(home, "list").output.splitlines() == [
        f"archive (The Archive): packages as received; {home}/archive",
        "one: ERN 3.8.2, batch; sftp://us@sftp.example.com:22/",
    ]
    listed = json.loads(ingest(home, "list", "--format", "json").output)
    assert [one["name"] for one in listed["dsps"]] == ["archive", "one"]


def test_where_none_is_configured_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[paths]\ndata = "data"\n', "utf-8")
    assert ingest(tmp_path, "list").output == "no DSP is configured; docs/dsps.md says how\n"


def test_a_dsp_that_works_is_proved_step_by_step_and_left_as_it_was(home: Path) -> None:
    result = ingest(home, "test", "archive")
    assert (result.exit_code, [line.split(":")[0] for line in result.output.splitlines()]) == (
        0,
        ["OK    connect", "OK    write", "OK    list", "OK    remove", "OK    acknowledgements"],
    )
    assert [path for path in (home / "archive").rglob("*") if path.is_file()] == []


def configured(home: Path, server: Server, **changes: str) -> None:
    """The configuration of the DSP `one` with the keys of a running server."""
    target = server.target
    where = f'host = "127.0.0.1"\nport = {target.port}\nfolder = "{target.folder}"'
    text = BATCH.replace('host = "sftp.example.com"', where)
    text = text.replace('user = "us"', f'user = "{target.user}"').replace("dsp_key", str(target.key_file))
    key = changes.get("host_key", target.host_keys[0])
    text = "\n".join(f'host_keys = ["{key}"]' if line.startswith("host_keys") else line for line in text.splitlines())
    (home / "config.toml").write_text(f'[paths]\ndata = "data"\n{text}\n', "utf-8")


def test_a_server_is_tried_with_its_pinned_key(home: Path) -> None:
    with openssh(home) as server:
        configured(home, server)
        result = ingest(home, "test", "one")
        assert result.exit_code == 0, result.output
        assert "has the pinned host key" in result.output
        configured(home, server, host_key=" ".join((home / "client.pub").read_text().split()[:2]))
        told = json.loads(ingest(home, "test", "one", "--format", "json").output)
    assert [(step["what"], step["failed"]) for step in told["steps"]] == [("connect", True)]
    assert "another host key" in told["steps"][0]["result"]


def test_a_step_that_fails_is_an_answer(home: Path) -> None:
    (home / "archive").rmdir()
    result = ingest(home, "test", "archive")
    assert result.exit_code == 1
    assert "FAIL  write: " in result.output


def test_an_unknown_dsp_is_named(home: Path) -> None:
    result = ingest(home, "test", "nowhere")
    assert result.exit_code == 2
    assert "there is no DSP 'nowhere' in the configuration; known: archive, one" in result.output


def test_answers_are_fetched_at_once(home: Path) -> None:
    text = (home / "config.toml").read_text("utf-8")
    (home / "config.toml").write_text(text.partition("[ddex]")[0] + "[dsp.archive]\npath = 'archive'\n", "utf-8")
    app = open_app(load(home / "config.toml"))
    app.migrate()
    app.close()
    assert ingest(home, "fetch").output == "0 new answers\n"
