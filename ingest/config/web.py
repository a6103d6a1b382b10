"""The table of the web server: where it listens, what stands in front of it, and what one client may ask of it."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from ingest.config.models import Section
from ingest.config.values import Bytes, Count, Flag, Patience, Place, Port

_PUBLIC_URL: Final = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")


def _public_url(value: str) -> str:
    if value and not _PUBLIC_URL.fullmatch(value):
        raise ValueError("this must be empty, or a scheme and a host without a path, as https://api.example.com")
    return value


def _network(value: str) -> str:
    try:
        ipaddress.ip_network(value)
    except ValueError:
        raise ValueError(f"{value!r} is no IP address or network, as 10.0.0.7 or 10.0.0.0/8") from None
    return value


def _is_loopback(host: str) -> bool:
    """Whether only programs of this machine reach an address. A name is not looked up; the empty one is all."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


PublicUrl = Annotated[str, AfterValidator(_public_url)]
Network = Annotated[str, AfterValidator(_network)]


class Web(Section):
    """The server of the REST API: address, TLS, limits in bytes, seconds and numbers."""

    enabled: Flag = False
    host: str = "127.0.0.1"
    port: Port = 8080
    public_url: PublicUrl = ""
    certificate_file: Place | None = None
    key_file: Place | None = Field(default=None, validate_default=True)
    trusted_proxies: tuple[Network, ...] = Field(default=(), validate_default=True)
    max_connections: Count = 1000
    max_connections_per_address: Count = 100
    head_seconds: Patience = 30
    max_body_bytes: Bytes = 1_000_000
    body_idle_seconds: Patience = 30
    max_requests_per_minute_per_key: Count = 3000
    max_requests_per_minute_per_address: Count = 6000

    @field_validator("key_file")
    @classmethod
    def _both_files(cls, key_file: Place | None, info: ValidationInfo) -> Place | None:
        if "certificate_file" in info.data and (key_file is None) != (info.data["certificate_file"] is None):
            raise ValueError("TLS needs both: certificate_file and key_file")
        return key_file

    @field_validator("trusted_proxies")
    @classmethod
    def _keys_are_encrypted(cls, proxies: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        data = info.data
        is_open = data.get("enabled") and not _is_loopback(data.get("host", "localhost"))
        if is_open and not proxies and "key_file" in data and data["key_file"] is None:
            raise ValueError(
                "host is reached from other machines, and keys of the API must be encrypted on the way:"
                " set certificate_file and key_file, or name the proxy here that does it"
            )
        return proxies

    @property
    def has_tls(self) -> bool:
        """Whether connections are encrypted by this server itself."""
        return self.certificate_file is not None
