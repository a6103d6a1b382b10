"""URLs that others name: taken apart once, and refused for what is wrong with them."""

from __future__ import annotations

import pytest

from ingest.config.http import Http
from ingest.outbound.http.target import BadUrl, Target, target_of

USUAL = Http()
LAB = Http(ports=(), allow_plain_http=True, allow_private_networks=("127.0.0.0/8", "::1/128"))
ASCII = "it must be written in ASCII without blanks and backslashes: others as %20, hosts as xn--..."


def test_a_url_is_taken_apart() -> None:
    assert target_of("https://Hooks.Example.com/in/x?key=a%20b&c", USUAL) == Target(
        "https", "hooks.example.com", 443, "/in/x?key=a%20b&c"
    )
    assert target_of("HTTPS://hooks.example.com", USUAL) == Target("https", "hooks.example.com", 443, "/")
    assert target_of("http://127.0.0.1:8080/x", LAB) == Target("http", "127.0.0.1", 8080, "/x")


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("https://a.example/", "a.example"),
        ("https://a.example:443/", "a.example"),
        ("https://a.example:8443/", "a.example:8443"),
        ("http://[::1]:80/", "[::1]"),
        ("http://[::1]:81/", "[::1]:81"),
    ],
)
def test_the_header_host_names_the_port_only_where_it_is_not_the_usual_one(url: str, authority: str) -> None:
    assert target_of(url, LAB).authority == authority


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", ASCII),
        ("hooks.example.com", "it must begin with https://"),
        ("http://hooks.example.com/", "it must begin with https://"),
        ("ftp://hooks.example.com/", "it must begin with https://"),
        ("file:///etc/passwd", "it must begin with https://"),
        ("https://", "it names no host"),
        ("https:///x", "it names no host"),
        ("https://a..b/", "it names no host"),
        ("https://-a.example/", "it names no host"),
        ("https://a.example./", "it names no host"),
        (f"https://{'a' * 64}.example/", "it names no host"),
        (f"https://{'a.' * 130}example/", "it names no host"),
        ("https://a%2eexample/", "it names no host"),
        ("https://[fe80::1%25eth0]/", "it names no host"),
        ("https://[::1/", "it cannot be read as a URL"),
        ("https://me@a.example/", "it must hold no user name and no password"),
        ("https://me:secret@a.example/", "it must hold no user name and no password"),
        ("https://a.example/#part", "it must hold no #, which is never sent"),
        ("https://a.example/#", "it must hold no #, which is never sent"),
        ("https://a.example:22/", "port 22 is not allowed; allowed: 443"),
        ("https://a.example:0/", "its port is no number from 1 to 65535"),
        ("https://a.example:65536/", "its port is no number from 1 to 65535"),
        ("https://a.example:x/", "its port is no number from 1 to 65535"),
        ("https://a.example/a b", ASCII),
        ("https://a.example\\@b.example/", ASCII),
        ("https://a.example/\r\nX: y", ASCII),
        ("https://ä.example/", ASCII),
        ("https://①②⑦.⓪.⓪.①/", ASCII),
        (f"https://a.example/{'x' * 2000}", "it is longer than 2000 characters"),
        ("https://127.0.0.1/", "127.0.0.1 is not a public address"),
        ("https://169.254.169.254/latest/meta-data/", "169.254.169.254 is not a public address"),
        ("https://[::1]/", "::1 is not a public address"),
        ("https://[::ffff:127.0.0.1]/", "::ffff:127.0.0.1 is not a public address"),
    ],
)
def test_what_no_request_is_made_to_is_refused_with_the_reason(url: str, why: str) -> None:
    with pytest.raises(BadUrl) as refused:
        target_of(url, USUAL)
    assert str(refused.value) == why


def test_other_spellings_of_addresses_are_left_to_the_resolver() -> None:
    spelt = ("127.1", "0x7f000001", "2130706433", "017700000001", "localhost")
    assert [target_of(f"https://{host}/", USUAL).host for host in spelt] == list(spelt)
