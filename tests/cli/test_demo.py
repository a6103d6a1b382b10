"""`ingest demo`: its port, its samples, and what it says when there is no demo."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from ingest.cli import main
from ingest.cli.demo_dsp import make_keys, running
from ingest.cli.demo_folder import PORT, WEB_PORT, Demo, configuration, dsp_port, not_running, prepare, with_port
from ingest.cli.samples import broken, good
from ingest.flow.dsps import try_dsp
from ingest.outbound.dsp.open_transport import open_transport
from tests.modes import modes_below
from tests.outbound.dsp.servers import free_port


def ports(demo: Demo, port: int | None) -> tuple[int, int]:
    config = prepare(demo, port)
    return config.operator.public_port, config.sftp.port


def test_a_port_that_is_given_wins_and_stays(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "demo")
    assert ports(demo, None) == (PORT, PORT)
    assert ports(demo, 2300) == (2300, 2300)
    assert ports(demo, None) == (2300, 2300)
    assert demo.config_path.read_text("utf-8") == configuration(2300, make_keys(demo.folder))
    server = prepare(demo, None).dsp["stream"].sftp
    assert server is not None and server.port == 2301


def test_only_the_two_port_keys_are_rewritten() -> None:
    text = '[operator]\nname = "port = 1"\n# port = 1\npublic_port=1 # mine\n[sftp]\nport = 2_222\nidle_seconds = 9\n'
    assert with_port(text, 42) == text.replace("public_port=1", "public_port=42").replace("2_222", "42")


def test_the_port_of_the_api_is_set_alone(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "demo")
    assert prepare(demo, 2300).web.port == WEB_PORT
    config = prepare(demo, None, 8123)
    assert (config.sftp.port, config.web.enabled, config.web.port) == (2300, True, 8123)
    assert prepare(demo, None).web.port == 8123


@pytest.mark.parametrize("text", ["", '[sftp]\n"port" = 2222\n'])
def test_a_port_that_cannot_be_set_is_refused_with_what_to_do(tmp_path: Path, text: str) -> None:
    demo = Demo(tmp_path)
    demo.config_path.write_text(text, "utf-8")
    with pytest.raises(click.UsageError, match=r"config\.toml stands with sftp\.port \d+: change it there"):
        prepare(demo, 2300)
    assert demo.config_path.read_text("utf-8") == text


def test_a_demo_that_runs_is_left_as_it_is(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "demo")
    prepare(demo, 2300)
    before = {path: path.read_bytes() for path in demo.folder.rglob("*") if path.is_file() and "db" not in path.name}
    with not_running(demo):
        second = CliRunner().invoke(main, ["demo", "--folder", str(demo.folder), "--port", "2311"])
    assert second.exit_code == 2
    assert second.stderr == f"ingest: another daemon runs as worker 'demo' on {demo.folder / 'state'}\n"
    assert {path: path.read_bytes() for path in before} == before
    with not_running(demo):
        assert prepare(demo, 2311).sftp.port == 2311


def test_an_upload_before_any_demo_says_what_to_start_first(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["demo", "--folder", str(tmp_path / "none"), "--upload"])
    assert (result.exit_code, "start `make demo` first" in result.stderr) == (2, True)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (
            OSError(98, "Address already in use"),
            "ingest: port 2222 or 2223 or 8080 cannot be used: Address already in use; try --port or --web-port",
        ),
        (OSError(28, "No space left on device", "/x/y"), "ingest: /x/y: No space left on device"),
    ],
)
def test_only_what_the_port_is_to_blame_for_is_said_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: OSError, told: str
) -> None:
    def run(*_: object) -> None:
        raise fault

    monkeypatch.setattr("ingest.app.daemon.run", run)
    monkeypatch.setattr("ingest.host.logs.configure", lambda *_: None)
    result = CliRunner().invoke(main, ["demo", "--folder", str(tmp_path / "demo")])
    assert (result.exit_code, result.stderr) == (2, f"{told}\n")


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_all_that_a_demo_makes_is_for_its_owner_alone_whatever_the_umask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mask: int
) -> None:
    monkeypatch.setattr("ingest.app.daemon.run", lambda *_: None)
    monkeypatch.setattr("ingest.host.logs.configure", lambda *_: None)
    before = os.umask(mask)
    try:
        assert CliRunner().invoke(main, ["demo", "--folder", str(tmp_path / "a" / "demo")]).exit_code == 0
        assert os.umask(mask) == mask
    finally:
        os.umask(before)
    made = modes_below(tmp_path)
    assert {"a/demo/dsp/stream", "a/demo/config.toml", "a/demo/dsp_key", "a/demo/labels/demo/incoming"} <= set(made)
    assert {path: mode for path, mode in made.items() if mode != ("700" if (tmp_path / path).is_dir() else "600")} == {}


def test_the_samples_are_named_for_their_own_release_date() -> None:
    for sample, name in (
        (good(), "AmaBeats_MorningLight_5034567890120"),
        (broken(), "AmaBeats_SecondLight_5034567890137"),
    ):
        assert sample.folder == f"{name}_{sample.released:%Y%m%d}"
        assert sample.released > date.today()


def test_the_dsp_of_a_demo_takes_what_is_put_there(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "demo")
    config = prepare(demo, free_port())
    with running(demo.folder, config):
        assert [step.failed for step in try_dsp(config, "stream")] == [False] * 5
        with open_transport(config.dsp["stream"]) as transport:
            transport.put_bytes("batch/marker", b"done")
    assert (demo.folder / "dsp" / "stream" / "batch" / "marker").read_bytes() == b"done"
    assert try_dsp(config, "stream")[0].failed


def test_a_demo_of_an_older_version_has_no_such_dsp(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "demo")
    config = prepare(demo, None)
    with running(demo.folder, config.model_copy(update={"dsp": {}})):
        assert try_dsp(config, "archive")[0].failed is False


def test_the_port_of_the_dsp_is_the_one_beside() -> None:
    assert [dsp_port(port) for port in (2222, 65535)] == [2223, 65534]
