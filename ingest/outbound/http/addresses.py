"""Which addresses are public, whatever they are written as.

`is_global` of the standard library is wrong about several blocks in the versions of Python that we run on, and knows
nothing of IPv4 addresses inside IPv6 ones. Sources: the IANA registries of special-purpose addresses; RFC 6052 (NAT64),
RFC 3056 (6to4), RFC 4291 (mapped and compatible addresses).
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LAST_FOUR: Final = tuple(map(IPv6Network, ("::ffff:0:0/96", "64:ff9b::/96", "::/96")))
"""Networks whose last four bytes are an IPv4 address."""
SIX_TO_FOUR: Final = IPv6Network("2002::/16")
UNICAST: Final = IPv6Network("2000::/3")
"""The only IPv6 addresses that are assigned to machines of the Internet."""
REFUSED: Final = tuple(
    map(
        ip_network,
        ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "3fff::/20", "64:ff9b:1::/48", "fec0::/10"),
    )
)
"""Networks that are not public although some versions of Python say so."""


def unwrapped(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one that stands for it; any other address as it is."""
    if not isinstance(address, IPv6Address):
        return address
    number = int(address)
    if any(address in network for network in LAST_FOUR):
        return IPv4Address(number & 0xFFFFFFFF)
    if address in SIX_TO_FOUR:
        return IPv4Address(number >> 80 & 0xFFFFFFFF)
    return address


def is_public(address: Address) -> bool:
    """Whether the address is one of the Internet: not of this machine, a private network, a group, or reserved."""
    inner = unwrapped(address)
    if isinstance(inner, IPv6Address) and inner not in UNICAST:
        return False
    return inner.is_global and not inner.is_multicast and not any(inner in network for network in REFUSED)


def may_be_reached(text: str, private: Iterable[Network]) -> bool:
    """Whether a connection to this address may be made: it is public, or in one of the networks `private`.

    False for a text that is no address.
    """
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return is_public(address) or any(one in network for network in private for one in (address, unwrapped(address)))
