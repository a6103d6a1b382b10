"""The server's own keys: made once, and the same for every process."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import asyncssh
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from ingest.config import load
from ingest.inbound.sftp import make_host_keys
from ingest.inbound.sftp.host_keys import host_keys


def test_host_keys_are_made_once_and_stay(tmp_path: Path) -> None:
    first = make_host_keys(tmp_path / "keys")
    before = [path.read_bytes() for path in first]
    assert [path.name for path in first] == ["ssh_host_ed25519_key", "ssh_host_rsa_key", "ssh_host_ecdsa_key"]
    assert [stat.S_IMODE(path.stat().st_mode) for path in first] == [0o600] * 3
    rsa = serialization.load_ssh_private_key(before[1], None)
    assert isinstance(rsa, RSAPrivateKey) and rsa.key_size == 3072
    assert make_host_keys(tmp_path / "keys") == first
    assert [path.read_bytes() for path in first] == before
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == [
        "ssh_host_ecdsa_key",
        "ssh_host_ecdsa_key.pub",
        "ssh_host_ed25519_key",
        "ssh_host_ed25519_key.pub",
        "ssh_host_rsa_key",
        "ssh_host_rsa_key.pub",
    ]


@pytest.mark.slow
def test_processes_that_start_at_once_agree_on_the_host_keys(tmp_path: Path) -> None:
    command = "import sys, pathlib; from ingest.inbound.sftp import make_host_keys as m; m(pathlib.Path(sys.argv[1]))"
    starting = [subprocess.Popen([sys.executable, "-c", command, str(tmp_path / "keys")]) for _ in range(4)]
    assert [process.wait(60) for process in starting] == [0] * 4
    paths = make_host_keys(tmp_path / "keys")
    assert sorted(path.name for path in (tmp_path / "keys").iterdir() if path.name.startswith(".")) == []
    for path in paths:
        public = asyncssh.read_public_key(path.with_name(path.name + ".pub"))
        assert asyncssh.read_private_key(path).convert_to_public() == public


def test_configured_keys_take_the_place_of_our_own_which_are_made_at_the_first_need(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[paths]\ndata = "."\n')
    ours = list(host_keys(load(tmp_path / "config.toml")))
    assert ours == make_host_keys(tmp_path / "state" / "host-keys")
    (tmp_path / "config.toml").write_text('[paths]\ndata = "other"\n[sftp]\nhost_keys = ["keys/one"]\n')
    assert list(host_keys(load(tmp_path / "config.toml"))) == [tmp_path / "keys" / "one"]
    assert not (tmp_path / "other").exists()
