"""URLs that others name, checked and taken apart once: what was checked is what the request is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, urlsplit

from ingest.config.http import Http
from ingest.outbound.http.addresses import Address, may_be_reached

LONGEST: Final = 2000
USUAL_PORTS: Final = {"https": 443, "http": 80}
_CHARACTERS: Final = re.compile(r"[!-~]+")
_LABEL: Final = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST: Final = re.compile(rf"{_LABEL}([.]{_LABEL})*")


class BadUrl(ValueError):
    """A URL that no request is made to; the message says why, as the end of a sentence about it."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL in parts. `path` has the query; `host` is without the brackets of an IPv6 address."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The value of the header Host (RFC 9110, section 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == USUAL_PORTS[self.scheme] else f"{host}:{self.port}"


def target_of(url: str, settings: Http) -> Target:
    """The parts of a URL that a request may be made to. Raises BadUrl; where its host is a name, the name is not
    looked up."""
    parts = _split(url)
    if parts.scheme not in (("https", "http") if settings.allow_plain_http else ("https",)):
        raise BadUrl("it must begin with https://" + (" or http://" if settings.allow_plain_http else ""))
    if parts.username is not None or parts.password is not None:
        raise BadUrl("it must hold no user name and no password")
    if parts.fragment or url.endswith("#"):
        raise BadUrl("it must hold no #, which is never sent")
    host, port = _host(parts), _port(parts)
    if settings.ports and port not in settings.ports:
        allowed = ", ".join(map(str, settings.ports))
        raise BadUrl(f"port {port} is not allowed; allowed: {allowed}")
    literal = _literal(host)
    if literal is not None and not may_be_reached(host, map(ip_network, settings.allow_private_networks)):
        raise BadUrl(f"{host} is not a public address")
    path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    return Target(parts.scheme, host, port, path)


def _split(url: str) -> SplitResult:
    if len(url) > LONGEST:
        raise BadUrl(f"it is longer than {LONGEST} characters")
    if not _CHARACTERS.fullmatch(url) or "\\" in url:
        raise BadUrl("it must be written in ASCII without blanks and backslashes: others as %20, hosts as xn--...")
    try:
        return urlsplit(url)
    except ValueError:
        raise BadUrl("it cannot be read as a URL") from None


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if _literal(host) is None and not (_HOST.fullmatch(host) and len(host) <= 253):
        raise BadUrl("it names no host")
    return host


def _literal(host: str) -> Address | None:
    """The address that a host is written as, if it is one; a scoped one (`fe80::1%eth0`) is none."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return None if isinstance(address, IPv6Address) and address.scope_id is not None else address


def _port(parts: SplitResult) -> int:
    try:
        port = parts.port
    except ValueError:
        raise BadUrl("its port is no number from 1 to 65535") from None
    if port == 0:
        raise BadUrl("its port is no number from 1 to 65535")
    return USUAL_PORTS[parts.scheme] if port is None else port
