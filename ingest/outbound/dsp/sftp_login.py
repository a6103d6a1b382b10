"""Logging in at a DSP's SFTP server: nothing of the machine's own SSH configuration counts, and its key is pinned.

asyncssh would by itself ask an agent, read ~/.ssh (configuration, keys and known hosts) and try GSS; none of that is
wanted in a daemon.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncssh

from ingest.config import SftpLogin, SftpTarget
from ingest.outbound.dsp.transport import TransportError

CONNECT_SECONDS: Final = 30.0
LOGIN_SECONDS: Final = 60.0
FASTEST_FIRST: Final = "^aes128-gcm@openssh.com,aes256-gcm@openssh.com"
"""AES-GCM costs a fraction of asyncssh's first choice wherever the processor has instructions for it."""
KEEPALIVES: Final = 4
"""Unanswered keepalives after which a connection counts as lost."""


@asynccontextmanager
async def connected(target: SftpTarget) -> AsyncIterator[asyncssh.SFTPClient]:
    """An SFTP session at the DSP, through its jump host if it has one. Raises TransportError while it is made."""
    opened: list[asyncssh.SSHClientConnection] = []
    try:
        tunnel = None
        if target.jump is not None:
            tunnel = await _login(target.jump, target.keepalive_seconds, None)
            opened.append(tunnel)
        connection = await _login(target, target.keepalive_seconds, tunnel)
        opened.append(connection)
        try:
            client = await connection.start_sftp_client()
        except (asyncssh.Error, OSError) as error:
            raise TransportError(
                f"{target.host} opens no SFTP session: {error}", "Ask the DSP whether SFTP is allowed"
            ) from error
        yield client
    finally:
        for one in reversed(opened):
            one.abort()


async def _login(
    login: SftpLogin, keepalive: float, tunnel: asyncssh.SSHClientConnection | None
) -> asyncssh.SSHClientConnection:
    where = f"{login.host}:{login.port}"
    options = _options(login, keepalive)
    try:
        return await asyncssh.connect(login.host, login.port, tunnel=tunnel or (), **options)
    except asyncssh.HostKeyNotVerifiable as error:
        raise TransportError(
            f"{where} has another host key than the one in the configuration, so nothing was sent",
            "Ask the DSP by another way whether its key changed; only if it did, put the new one into host_keys",
            permanent=True,
        ) from error
    except asyncssh.PermissionDenied as error:
        raise TransportError(
            f"{where} refuses the login of {login.user}", "Check the user, the key file and the password with the DSP"
        ) from error
    except (asyncssh.Error, OSError, TimeoutError) as error:
        raise _unreached(where, error) from error


def _options(login: SftpLogin, keepalive: float) -> dict[str, Any]:
    return {
        "config": [],
        "known_hosts": asyncssh.import_known_hosts("".join(f"* {key}\n" for key in login.host_keys)),
        "username": login.user,
        "password": _password(login),
        "client_keys": _keys(login),
        "agent_path": None,
        "agent_forwarding": False,
        "gss_host": None,
        "compression_algs": ["none"],
        "encryption_algs": FASTEST_FIRST,
        "keepalive_interval": keepalive,
        "keepalive_count_max": KEEPALIVES,
        "connect_timeout": CONNECT_SECONDS,
        "login_timeout": LOGIN_SECONDS,
        "host_based_auth": False,
        "x509_trusted_certs": None,
    }


def _password(login: SftpLogin) -> str | None:
    if login.password_file is None:
        return login.password.get_secret_value() or None
    try:
        return login.password_file.read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise TransportError(
            f"the password file {login.password_file} cannot be read", "Let the service user read it"
        ) from error


def _keys(login: SftpLogin) -> list[asyncssh.SSHKey] | None:
    """The one key to log in with; None for none: of an empty list asyncssh makes the keys in ~/.ssh."""
    if login.key_file is None:
        return None
    try:
        return [asyncssh.read_private_key(str(login.key_file))]
    except OSError as error:
        raise TransportError(f"the key file {login.key_file} cannot be read", "Let the service user read it") from error
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        raise TransportError(
            f"the key file {login.key_file} holds no private key that can be used without a passphrase",
            "Make one with `ssh-keygen -t ed25519 -N ''` and give the DSP its public half",
            permanent=True,
        ) from error


def _unreached(where: str, error: Exception) -> TransportError:
    """Why a server was not reached, told apart by what failed."""
    reason = str(error) or type(error).__name__
    if isinstance(error, asyncio.TimeoutError | TimeoutError):
        return TransportError(f"{where} does not answer", "Check host, port and firewall with the DSP")
    if isinstance(error, ConnectionRefusedError):
        return TransportError(f"{where} takes no connections", "Ask the DSP whether its server is up")
    if isinstance(error, OSError):
        return TransportError(f"{where} cannot be reached: {reason}", "Check the host's name and our network")
    return TransportError(f"{where} ended the connection: {reason}", "Ask the DSP what its server saw")
