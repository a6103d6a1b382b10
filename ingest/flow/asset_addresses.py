"""The addresses of files: signed, for a while, so that whoever is given one needs no key."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

PATH: Final = re.compile(r"/files/(file_[0-9A-Za-z]{1,40})(\.[a-z0-9]{1,5})?")
LENGTH: Final = 32
"""Hexadecimal digits of a signature that an address carries: 128 bits."""


@dataclass(frozen=True, slots=True)
class AssetAddresses:
    """Signs and checks addresses below `base`, our public address, with what `secret` returns and nobody else knows."""

    base: str
    secret: Callable[[], bytes]
    lifetime: timedelta

    def address(self, asset: str, suffix: str, now: datetime) -> str:
        """The address of a file, valid for `lifetime`; `suffix` is how its name ends, as `.wav`."""
        expires = int((now + self.lifetime).timestamp())
        return f"{self.base}/files/{asset}{suffix}?expires={expires}&signature={self._signature(asset, expires)}"

    def is_valid(self, asset: str, expires: str, signature: str, now: datetime) -> bool:
        """Whether we made an address with these values that still holds."""
        if not (expires.isdecimal() and expires.isascii() and len(expires) < 12):
            return False
        known = self._signature(asset, int(expires))
        return (
            hmac.compare_digest(known.encode(), signature.encode("utf-8", "replace"))
            and int(expires) >= now.timestamp()
        )

    def asset_at(self, address: str) -> str | None:
        """The id of the file that an address of ours leads to; None for any other text."""
        if not address.startswith(f"{self.base}/"):
            return None
        found = PATH.fullmatch(urlsplit(address).path)
        return None if found is None else found[1]

    def _signature(self, asset: str, expires: int) -> str:
        return hmac.new(self.secret(), f"{asset} {expires}".encode(), sha256).hexdigest()[:LENGTH]
