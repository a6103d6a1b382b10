"""Which addresses are public: every block that is not, in each spelling of an address inside another."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from ingest.outbound.http.addresses import is_public, may_be_reached, unwrapped

PUBLIC = (
    "1.1.1.1",
    "8.8.8.8",
    "93.184.215.14",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "100.63.255.255",
    "2606:4700:4700::1111",
    "2001:4860:4860::8888",
    "2a00:1450:4001:81b::200e",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:808:808::1",
)
NOT_PUBLIC = (
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.9",
    "192.0.0.171",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::10.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::127.0.0.1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::808:808",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:a9fe:a9fe::1",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
)


@pytest.mark.parametrize("text", PUBLIC)
def test_addresses_of_the_internet_are_public(text: str) -> None:
    assert is_public(ip_address(text))
    assert may_be_reached(text, ())


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_other_addresses_are_not(text: str) -> None:
    assert not is_public(ip_address(text))
    assert not may_be_reached(text, ())


def test_an_address_inside_another_is_found() -> None:
    inner = {text: str(unwrapped(ip_address(text))) for text in ("::ffff:a00:1", "64:ff9b::7f00:1", "2002:c0a8:101::5")}
    assert inner == {"::ffff:a00:1": "10.0.0.1", "64:ff9b::7f00:1": "127.0.0.1", "2002:c0a8:101::5": "192.168.1.1"}
    assert unwrapped(ip_address("2606:4700::1")) == ip_address("2606:4700::1")


def test_a_private_network_that_is_allowed_is_reached_in_every_spelling_and_no_other_one() -> None:
    lab = [ip_network("10.1.0.0/16"), ip_network("fd00::/8")]
    tried = ("10.1.2.3", "::ffff:10.1.2.3", "fd00::7", "10.2.0.1", "127.0.0.1", "fe80::1", "nothing")
    assert [may_be_reached(text, lab) for text in tried] == [True, True, True, False, False, False, False]
