"""Passwords that an owed email carries, encrypted for as long as they are stored.

What a database once held stays readable after it was deleted: in the write-ahead log, in free pages, in backups. So it
never holds a password in clear. The key is a file of the state folder, which all workers on one database share.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ingest.host.key_file import made_key

NAME: Final = "password.key"
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12


class Unreadable(Exception):
    """A stored password cannot be decrypted: the key is gone or another one; the text says so to ops."""


@dataclass(frozen=True, slots=True)
class PasswordKey:
    """AES-256-GCM (NIST SP 800-38D) with the key of this state folder. `use` ties a ciphertext to its one place."""

    state: Path

    @property
    def path(self) -> Path:
        """The file that holds the key."""
        return self.state / NAME

    def encrypt(self, password: str, use: str) -> str:
        """The password as base64 text; the key is made at the first use. Raises OSError."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(self._made()).encrypt(nonce, password.encode(), use.encode())
        return base64.b64encode(nonce + sealed).decode()

    def decrypt(self, text: str, use: str) -> str:
        """The password that `encrypt` was given with the same `use`. Raises Unreadable."""
        try:
            stored = base64.b64decode(text)
            opened = AESGCM(self._read()).decrypt(stored[:NONCE_BYTES], stored[NONCE_BYTES:], use.encode())
        except OSError as error:
            raise Unreadable(f"the key of stored passwords cannot be read: {error.strerror} ({self.path})") from None
        except (InvalidTag, ValueError):
            raise Unreadable(f"the password was stored with another key than {self.path} holds") from None
        return opened.decode()

    def _made(self) -> bytes:
        return made_key(self.path, KEY_BYTES)

    def _read(self) -> bytes:
        return self.path.read_bytes()
