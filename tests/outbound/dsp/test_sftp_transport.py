"""The SFTP transport against OpenSSH's and asyncssh's servers: whole files, resumed files, and every refusal told."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from ingest.config import SftpTarget
from ingest.outbound.dsp.send import send
from ingest.outbound.dsp.sftp_transport import IN_FLIGHT, SftpTransport
from ingest.outbound.dsp.transport import TransportError
from tests.outbound.dsp.servers import Server, asyncssh_server, openssh
from tests.outbound.dsp.shipments import FOLDER, landed, shipment, wanted


@pytest.fixture(params=[openssh, asyncssh_server], ids=["openssh", "asyncssh"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    with request.param(tmp_path) as running:
        yield running


def with_keys(target: SftpTarget, **keys: Any) -> SftpTarget:
    """The same server with other keys of the configuration."""
    return target.model_copy(update=keys)


def refusal(target: SftpTarget, tmp_path: Path) -> TransportError:
    """What is told when a small shipment cannot be sent."""
    with pytest.raises(TransportError) as caught, closing(SftpTransport(target)) as transport:
        send(transport, shipment(tmp_path / "shipment", (300_000,)), lambda size: None)
    return caught.value


@pytest.mark.parametrize("part_names", [False, True])
def test_a_shipment_lands_whole(server: Server, tmp_path: Path, part_names: bool) -> None:
    placed, sent = shipment(tmp_path / "shipment", (5_000_001, 0, 70_000)), list[int]()
    with closing(SftpTransport(with_keys(server.target, part_names=part_names))) as transport:
        assert send(transport, placed, sent.append)
        assert landed(server.root) == wanted(placed)
        assert sum(sent) == 5_070_011
        assert not send(transport, placed, sent.append)
        assert sum(sent) == 5_070_011


def test_a_file_that_is_there_in_part_is_continued_before_its_end(server: Server, tmp_path: Path) -> None:
    placed, sent = shipment(tmp_path / "shipment", (20_000_000,)), list[int]()
    path, local = next(iter(placed.files.items()))
    begun = server.root / path
    begun.parent.mkdir(parents=True)
    begun.write_bytes(local.read_bytes()[: 12_000_000 - IN_FLIGHT] + bytes(IN_FLIGHT))
    with closing(SftpTransport(server.target)) as transport:
        send(transport, placed, sent.append)
    assert landed(server.root) == wanted(placed)
    found, *put = sent
    assert (found, sum(put)) == (12_000_000 - IN_FLIGHT, 8_000_000 + IN_FLIGHT + len(b"<message/>"))


def test_a_file_that_is_longer_than_ours_is_put_anew(server: Server, tmp_path: Path) -> None:
    placed = shipment(tmp_path / "shipment", (100_000,))
    for path in placed.files:
        (server.root / path).parent.mkdir(parents=True, exist_ok=True)
        (server.root / path).write_bytes(bytes(200_000))
    with closing(SftpTransport(server.target)) as transport:
        send(transport, placed, lambda size: None)
    assert landed(server.root) == wanted(placed)


def test_small_files_are_listed_read_and_removed(server: Server) -> None:
    folder = server.root / "acknowledgements"
    with closing(SftpTransport(server.target)) as transport:
        assert (transport.names("acknowledgements"), transport.sizes("acknowledgements")) == ([], {})
        transport.put_bytes("acknowledgements/ACK_2.xml", b"<ack/>")
        transport.put_bytes("acknowledgements/ACK_1.xml", b"")
        (folder / "elsewhere").symlink_to("/etc/passwd")
        (folder / "inner").mkdir()
        assert transport.names("acknowledgements") == ["ACK_1.xml", "ACK_2.xml"]
        assert transport.sizes("acknowledgements") == {"acknowledgements/ACK_1.xml": 0, "acknowledgements/ACK_2.xml": 6}
        assert transport.read("acknowledgements/ACK_2.xml", 4) == b"<ack"
        for _ in range(2):
            transport.remove("acknowledgements/ACK_2.xml")
        assert transport.names("acknowledgements") == ["ACK_1.xml"]


def test_another_host_key_stops_everything(server: Server, tmp_path: Path) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    told = refusal(with_keys(server.target, host_keys=(other,)), tmp_path)
    assert told.reason == (
        f"127.0.0.1:{server.target.port} has another host key than the one in the configuration, so nothing was sent"
    )
    assert told.permanent
    assert landed(server.root) == {}


def test_a_login_that_is_refused_is_told(server: Server, tmp_path: Path) -> None:
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(str(tmp_path / "other"))
    told = refusal(with_keys(server.target, key_file=tmp_path / "other"), tmp_path)
    assert told.reason.startswith(f"127.0.0.1:{server.target.port} refuses the login of ")
    assert not told.permanent


def test_a_server_that_is_down_is_told(tmp_path: Path) -> None:
    with openssh(tmp_path) as running:
        target = running.target
    told = refusal(target, tmp_path)
    assert (told.reason, told.cure) == (
        f"127.0.0.1:{target.port} takes no connections",
        "Ask the DSP whether its server is up",
    )


def test_a_folder_that_is_gone_is_told_and_not_made_anew(server: Server, tmp_path: Path) -> None:
    server.root.rmdir()
    told = refusal(server.target, tmp_path)
    assert told.reason.startswith("127.0.0.1 has no such folder any more: ")
    assert told.cure == "Ask the DSP where our folder is"
    assert not server.root.exists()


def test_a_key_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    with openssh(tmp_path) as running:
        absent = refusal(with_keys(running.target, key_file=tmp_path / "none"), tmp_path)
        (tmp_path / "nonsense").write_text("no key")
        nonsense = refusal(with_keys(running.target, key_file=tmp_path / "nonsense"), tmp_path)
    assert absent.reason == f"the key file {tmp_path / 'none'} cannot be read"
    assert nonsense.permanent and "holds no private key" in nonsense.reason


class Refusing(asyncssh.SFTPServer):
    """Refuses to open files for writing, as `error`."""

    error: Any = asyncssh.SFTPFailure

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        raise self.error("no")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (asyncssh.SFTPPermissionDenied, "127.0.0.1 does not let us write there: no"),
        (asyncssh.SFTPNoSuchFile, "127.0.0.1 has no such folder any more: no"),
        (asyncssh.SFTPFailure, "127.0.0.1 refuses: no"),
    ],
)
def test_what_a_server_refuses_is_told_with_its_cure(
    tmp_path: Path, error: type[asyncssh.SFTPError], reason: str
) -> None:
    factory = type("Refuses", (Refusing,), {"error": error})
    with asyncssh_server(tmp_path, factory) as running:
        told = refusal(running.target, tmp_path)
    assert told.reason == reason
    assert told.cure


class Lying(asyncssh.SFTPServer):
    """Lists names that lead elsewhere."""

    def scandir(self, path: bytes) -> Any:
        async def listed() -> Any:
            attributes = asyncssh.SFTPAttrs(type=asyncssh.FILEXFER_TYPE_REGULAR, size=1, permissions=0o100644)
            for name in (b"..", b".", b"../../etc/passwd", b"a/b", b"fine"):
                yield asyncssh.SFTPName(name, attrs=attributes)

        return listed()


def test_names_that_lead_elsewhere_are_left_out(tmp_path: Path) -> None:
    with asyncssh_server(tmp_path, Lying) as running, closing(SftpTransport(running.target)) as transport:
        assert transport.names("acknowledgements") == ["fine"]
        assert transport.sizes(FOLDER) == {f"{FOLDER}/fine": 1}


def test_a_connection_that_is_lost_is_told_and_the_next_one_goes_on(tmp_path: Path) -> None:
    placed = shipment(tmp_path / "shipment", (3_000_000,))
    with openssh(tmp_path) as running:
        with closing(SftpTransport(running.target)) as transport:
            running.kill()
            with pytest.raises(TransportError, match=r"lost|failed"):
                send(transport, placed, lambda size: None)
        with closing(SftpTransport(running.target)) as transport:
            send(transport, placed, lambda size: None)
        assert landed(running.root) == wanted(placed)


def test_a_password_file_logs_in_as_well(tmp_path: Path) -> None:
    class Passwords(asyncssh.SSHServer):
        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return password == "geheim"

    (tmp_path / "password").write_text("geheim\n")
    with asyncssh_server(tmp_path, server=Passwords) as running:
        keys = {"key_file": None, "password_file": tmp_path / "password"}
        with closing(SftpTransport(with_keys(running.target, **keys))) as transport:
            transport.put_bytes("a", b"1")
        assert landed(running.root) == {"a": b"1"}
        (tmp_path / "password").write_text("wrong")
        assert "refuses the login" in refusal(with_keys(running.target, **keys), tmp_path).reason


def test_nothing_of_the_machines_own_configuration_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "config").write_text("Host *\n  HostName 192.0.2.1\n  ProxyJump 192.0.2.2\n")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "no-agent"))
    with openssh(tmp_path) as running, closing(SftpTransport(running.target)) as transport:
        transport.put_bytes("a", b"1")
    assert [path.name for path in running.root.iterdir()] == ["a"]


def test_a_login_by_password_offers_no_key_of_the_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offered = list[str]()

    class Curious(asyncssh.SSHServer):
        def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
            offered.append(key.get_fingerprint())
            return False

        def public_key_auth_supported(self) -> bool:
            return True

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return password == "geheim"

    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    for kind in ("ed25519", "rsa"):
        asyncssh.generate_private_key(f"ssh-{kind}").write_private_key(str(home / ".ssh" / f"id_{kind}"))
    monkeypatch.setenv("HOME", str(home))
    (tmp_path / "password").write_text("geheim\n")
    with asyncssh_server(tmp_path, server=Curious) as running:
        target = with_keys(running.target, key_file=None, password_file=tmp_path / "password")
        with closing(SftpTransport(target)) as transport:
            transport.put_bytes("a", b"1")
    assert offered == []


class Silent(asyncssh.SFTPServer):
    """Never answers a request to open a file, while the connection answers keepalives."""

    async def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        await asyncio.sleep(60)
        raise asyncssh.SFTPFailure("late")


def test_a_server_that_answers_no_request_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.outbound.dsp.sftp_transport.ANSWER_SECONDS", 1.0)
    monkeypatch.setattr("ingest.outbound.dsp.sftp_transport.LOOK_SECONDS", 0.1)
    with asyncssh_server(tmp_path, Silent) as running:
        told = refusal(running.target, tmp_path)
    assert told.reason == "127.0.0.1 answers nothing for 1 seconds"
    assert not told.permanent


class Endless(asyncssh.SFTPServer):
    """Lists nothing but folders in folders."""

    asked = 0

    def scandir(self, path: bytes) -> Any:
        type(self).asked += 1

        async def listed() -> Any:
            attributes = asyncssh.SFTPAttrs(type=asyncssh.FILEXFER_TYPE_DIRECTORY, permissions=0o40755)
            for number in range(10):
                yield asyncssh.SFTPName(str(number).encode(), attrs=attributes)

        return listed()


def test_folders_without_end_are_not_followed_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.outbound.dsp.sftp_transport.MOST_FILES", 200)
    with asyncssh_server(tmp_path, Endless) as running, closing(SftpTransport(running.target)) as transport:
        assert transport.sizes(FOLDER) == {}
    assert Endless.asked == 20


class Full(asyncssh.SFTPServer):
    """Has room for nothing, and says so as OpenSSH's server does: with a general failure."""

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_there_is_told(tmp_path: Path) -> None:
    with asyncssh_server(tmp_path, Full) as running:
        told = refusal(running.target, tmp_path)
    assert (told.reason, told.cure) == (
        "127.0.0.1 refuses: No space left on device",
        "Often its disk or quota is full; ask the DSP",
    )
