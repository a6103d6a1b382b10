"""One release from the upload to the DSP, under several umasks: the modes of all that is made on the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemons import CONFIG, FAST, Daemon, Look, client, put, wait_for
from tests.modes import modes_below
from tests.packages import Good, write_good
from tests.ports import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

LONG_PASSWORD = "correct horse battery"


def others(home: Path, made: dict[str, str]) -> Iterator[str]:
    """Whatever has another mode than it should; what a DSP gets and what is sealed have their own."""
    for path, mode in made.items():
        is_folder = (home / path).is_dir()
        allowed = {"700"} if is_folder else {"600"}
        if path.startswith("dsp/alpha/"):
            allowed = {"755"} if is_folder else {"644"}
        elif path.startswith("data/spool/") and not is_folder:
            allowed = {"440"}
        if mode not in allowed:
            yield f"{path} {mode}"


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_what_commands_and_daemon_make_is_for_its_owner_alone_but_for_deliveries(tmp_path: Path, mask: int) -> None:
    home = tmp_path / "home"
    (home / "dsp" / "alpha").mkdir(parents=True)
    source = write_good(tmp_path / "label", Good.SINGLE)
    daemon = Daemon(home, free_port(), umask=mask)
    text = CONFIG.format(port=daemon.port, database="", intake=FAST, max_starts=3, sftp="")
    daemon.config_path.write_text(text, "utf-8")
    (home / "log-w1").touch()
    before = set(modes_below(home))
    added = ("label", "add", "anna", "--email", "anna@label.example", "--dsp", "alpha", "--password-stdin")
    daemon.start()
    try:
        daemon.wait_until_ready()
        daemon.ingest(*added, given=LONG_PASSWORD)
        with client(daemon, LONG_PASSWORD) as sftp:
            put(sftp, source, source.name)
            package = Look(daemon).wait_for_status(source.name, ["Needs QC"])
            daemon.ingest("draw", str(package.id), "1", "--output", str(home / "picture.png"))
            daemon.ingest("approve", str(package.id))
            Look(daemon).wait_for_status(source.name, ["Delivered to DSPs"])
            sftp.mkdir("/incoming/Next")
            wait_for(lambda: "status.txt" in sftp.listdir(f"/reports/{source.name}"), 60, "the report")
            wait_for(lambda: len(list((home / "maildir" / "new").iterdir())) >= 4, 60, "the emails")
            daemon.ingest("doctor", check=False)
            made = {path: mode for path, mode in modes_below(home).items() if path not in before}
    finally:
        daemon.kill()
    assert {"data/labels/anna", "data/labels/anna/incoming/Next", "picture.png"} <= set(made)
    assert any(path.startswith("dsp/alpha/") for path in made)
    assert any(path.startswith("data/spool/anna/") for path in made)
    assert list(others(home, made)) == []
