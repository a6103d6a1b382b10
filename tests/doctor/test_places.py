"""The places of an installation: folders, host keys, the disk, DSPs and the schema, each by its own line."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from ingest.doctor import Outcome, places
from ingest.host.data_files import data_dir
from tests.config.dsps import BATCH
from tests.doctor.installation import CONFIG, NOBODY, Home, as_nobody, checks, edit, turned


@pytest.mark.parametrize("name", ["labels", "spool"])
def test_a_file_in_the_place_of_a_folder_fails_its_line(home: Home, name: str) -> None:
    (home / name).rmdir()
    (home / name).touch()

    assert turned(home) == {f"{name} folder": Outcome.FAIL}


@pytest.mark.parametrize("mode", [0o555, 0o000])
def test_an_unwritable_spool_fails_its_line(open_home: Home, mode: int) -> None:
    turned(open_home)
    (open_home / "spool").chmod(mode)

    assert as_nobody(lambda: turned(open_home)) == repr({"spool folder": Outcome.FAIL})


@pytest.mark.parametrize(("name", "line"), [("spool", "spool folder"), ("shop", "dsp shop")])
def test_root_sees_what_the_owner_could_not_write(home: Home, name: str, line: str) -> None:
    (home / name).chmod(0o555)

    assert turned(home) == {line: Outcome.FAIL}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives folders away")
def test_no_cure_is_a_command_on_a_folder_above_ours(open_home: Home) -> None:
    above = open_home / "above"
    above.mkdir(mode=0o555)
    check = as_nobody(lambda: places.folder("spool folder", above / "spool", ""))
    assert f"install -d -o ingest -g ingest -m 700 {above}/spool." in check
    assert f"{above}/spool does not exist, and {above} cannot be written by this user" in check
    assert "chown" not in check


def test_a_folder_of_another_user_is_a_warning(home: Home) -> None:
    os.chown(home / "spool", NOBODY, NOBODY)

    assert turned(home) == {"spool folder": Outcome.WARN}


def test_a_disk_that_takes_no_bytes_fails_the_line(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    check = places.folder("spool folder", home / "spool", "")
    assert (check.outcome, check.text) == (
        Outcome.FAIL,
        f"{home / 'spool'} cannot be written: no space left on device",
    )


def test_folders_that_the_daemon_will_make_are_a_warning(home: Home) -> None:
    (home / "spool").rmdir()
    (home / "labels").rmdir()

    assert turned(home) == {"labels folder": Outcome.WARN, "spool folder": Outcome.WARN}


@pytest.fixture
def other_disk() -> Iterator[Path]:
    shared = Path("/dev/shm")
    if not os.access(shared, os.W_OK) or shared.stat().st_dev == Path(tempfile.gettempdir()).stat().st_dev:
        pytest.skip("there is no second file system here")
    place = Path(tempfile.mkdtemp(dir=shared))
    yield place
    shutil.rmtree(place)


def test_a_spool_on_another_file_system_fails_its_line(home: Home, other_disk: Path) -> None:
    edit(home, 'data = "."', f'data = "."\nspool = "{other_disk}"')

    assert turned(home) == {"one filesystem": Outcome.FAIL}


def test_two_mounts_of_one_disk_are_told_apart_by_a_rename(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> Path:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(Path, "rename", refuse)

    assert turned(home) == {"one filesystem": Outcome.FAIL}
    assert list((home / "labels").iterdir()) == []


def test_a_host_key_that_its_user_may_not_read_fails_its_line(open_home: Home) -> None:
    turned(open_home)
    (open_home / "state/host-keys/ssh_host_rsa_key").chmod(0)

    assert as_nobody(lambda: turned(open_home)) == repr({"host keys": Outcome.FAIL})


def _others_may_read(key: Path) -> None:
    key.chmod(0o640)


def _is_a_folder(key: Path) -> None:
    key.unlink()
    key.mkdir(mode=0o700)


def _is_cut_off(key: Path) -> None:
    os.truncate(key, 100)


def _is_gone(key: Path) -> None:
    key.unlink()


@pytest.mark.parametrize("breaking", [_others_may_read, _is_a_folder, _is_cut_off, _is_gone])
@pytest.mark.parametrize("name", ["ssh_host_ed25519_key", "ssh_host_rsa_key"])
def test_a_host_key_that_cannot_be_used_fails_its_line(home: Home, name: str, breaking: Callable[[Path], None]) -> None:
    breaking(home / "state/host-keys" / name)

    assert turned(home) == {"host keys": Outcome.FAIL}
    assert name in checks(home)["host keys"].text


def test_configured_host_keys_are_looked_at_instead_of_our_own(home: Home) -> None:
    edit(home, "port = 0", 'port = 0\nhost_keys = ["elsewhere/key"]')
    assert turned(home) == {"host keys": Outcome.FAIL}

    (home / "elsewhere").mkdir()
    shutil.copy(home / "state/host-keys/ssh_host_rsa_key", home / "elsewhere/key")
    shutil.rmtree(home / "state/host-keys")
    assert turned(home) == {}


def test_before_the_first_start_there_are_no_host_keys_and_that_is_a_warning(home: Home) -> None:
    shutil.rmtree(home / "state/host-keys")

    assert turned(home) == {"host keys": Outcome.WARN}


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.mark.parametrize(("free", "outcome"), [(999, Outcome.FAIL), (1999, Outcome.WARN), (2000, None)])
def test_free_space_is_measured_against_what_uploads_need(
    home: Home, monkeypatch: pytest.MonkeyPatch, free: int, outcome: Outcome | None
) -> None:
    edit(home, "min_free_bytes = 1", "min_free_bytes = 1000")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10_000, 10_000 - free, free))

    assert turned(home) == ({} if outcome is None else {"disk": outcome})


def test_a_missing_dsp_folder_fails_the_line_of_that_dsp(home: Home) -> None:
    (home / "radio").mkdir()
    (home / "config.toml").write_text(CONFIG + '[dsp.radio]\npath = "radio"\n')
    assert turned(home) == {}

    (home / "shop").rmdir()
    assert turned(home) == {"dsp shop": Outcome.FAIL}


def test_a_dsp_that_this_version_cannot_deliver_to_is_told(home: Home) -> None:
    (home / "config.toml").write_text(CONFIG + BATCH)
    assert turned(home) == {"dsp one": Outcome.WARN}


def test_a_dsp_folder_that_cannot_be_written_fails_its_line(open_home: Home) -> None:
    turned(open_home)
    (open_home / "shop").chmod(0o555)

    assert as_nobody(lambda: turned(open_home)) == repr({"dsp shop": Outcome.FAIL})


def test_without_a_dsp_approved_packages_go_nowhere(home: Home) -> None:
    edit(home, '[dsp.shop]\npath = "shop"\n', "")
    with sqlite3.connect(home / "state/ingest.db") as connection:
        connection.execute("UPDATE labels SET dsps = '[]'")
    connection.close()

    assert turned(home) == {"dsp": Outcome.WARN}


def test_an_own_schema_is_tried_with_what_it_imports(home: Home) -> None:
    (home / "ddex").mkdir()
    (home / "config.toml").write_text(CONFIG + '[ern]\nschema = "ddex/own.xsd"\n')
    assert turned(home) == {"schema": Outcome.FAIL}

    shutil.copy(data_dir("schemas") / "ern382.xsd", home / "ddex/own.xsd")
    assert turned(home) == {"schema": Outcome.FAIL}

    shutil.copy(data_dir("schemas") / "avs.xsd", home / "ddex")
    assert turned(home) == {}
    assert checks(home)["schema"].text == str(home / "ddex/own.xsd")


def test_a_schema_of_something_else_fails_its_line(home: Home) -> None:
    shutil.copy(data_dir("schemas") / "avs.xsd", home)
    (home / "config.toml").write_text(CONFIG + '[ern]\nschema = "avs.xsd"\n')

    assert turned(home) == {"schema": Outcome.FAIL}
    assert checks(home)["schema"].text.endswith("it has no element NewReleaseMessage")
