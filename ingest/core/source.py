"""Which addresses count as one source: whoever has one IPv6 address has the 2^64 others of its network, too."""

from __future__ import annotations

import ipaddress
from typing import Final

IPV6_PREFIX: Final = 64
_TRANSLATED: Final = ipaddress.IPv6Network("64:ff9b::/96")
"""IPv4 clients behind a translator (RFC 6052, section 2.1): each has its own address in the last 32 bits."""


def source_of(address: str) -> str:
    """The IPv4 address itself, also where it is written as an IPv6 one; of IPv6 the network of 64 bits.

    A text that is no IP address is its own source.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    if found in _TRANSLATED:
        return str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF))
    return str(ipaddress.IPv6Network((found, IPV6_PREFIX), strict=False))
