"""The login: through a jump host whose key is pinned too, and never by what the machine's own SSH is set up with."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import asyncssh
import pytest

from ingest.config import SftpLogin
from ingest.outbound.dsp.sftp_transport import SftpTransport
from ingest.outbound.dsp.transport import TransportError
from tests.outbound.dsp.servers import openssh, target_of


def test_a_dsp_is_reached_through_its_jump_host(tmp_path: Path) -> None:
    for name in ("dsp", "jump"):
        (tmp_path / name).mkdir()
    with openssh(tmp_path / "dsp") as dsp, openssh(tmp_path / "jump") as jump:
        through = SftpLogin(**jump.target.model_dump(include=set(SftpLogin.model_fields)))
        target = dsp.target.model_copy(update={"jump": through})
        with closing(SftpTransport(target)) as transport:
            transport.put_bytes("a", b"1")
        assert (dsp.root / "a").read_bytes() == b"1"

        other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
        wrong = through.model_copy(update={"host_keys": (other,)})
        with pytest.raises(TransportError, match=f"127.0.0.1:{jump.target.port} has another host key"):
            SftpTransport(target.model_copy(update={"jump": wrong}))


def test_a_name_that_nobody_knows_is_told(tmp_path: Path) -> None:
    with openssh(tmp_path) as running:
        target = target_of(tmp_path, running.target.port, host="no-such-host.invalid")
    with pytest.raises(TransportError) as caught:
        SftpTransport(target)
    assert caught.value.reason.startswith(f"no-such-host.invalid:{target.port} cannot be reached: ")
    assert caught.value.cure == "Check the host's name and our network"
