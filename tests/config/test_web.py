"""The table of the web server: what is a mistake in it, and what its defaults leave closed."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.config import Config, Web
from tests.config.loading import loaded, mistakes

OPEN = "[web]\nenabled = true\n"
UNENCRYPTED = (
    "web.trusted_proxies: host is reached from other machines, and keys of the API must be encrypted on the way:"
    " set certificate_file and key_file, or name the proxy here that does it"
)


def test_nothing_listens_unless_it_is_switched_on_and_then_on_this_machine_only(tmp_path: Path) -> None:
    assert (Config().web.enabled, Config().web.host, Config().web.has_tls) == (False, "127.0.0.1", False)
    assert loaded(tmp_path, OPEN).web == Web(enabled=True)


@pytest.mark.parametrize("host", ["", "0.0.0.0", "::", "192.0.2.1", "api.example.com"])
def test_an_address_of_other_machines_needs_tls_or_a_proxy(tmp_path: Path, host: str) -> None:
    (told,) = mistakes(tmp_path, f'{OPEN}host = "{host}"\n')
    assert told.split(": ", 1)[1] == UNENCRYPTED
    assert loaded(tmp_path, f'{OPEN}host = "{host}"\ntrusted_proxies = ["10.0.0.0/8", "::1"]\n').web.host == host
    assert loaded(tmp_path, f'{OPEN}host = "{host}"\ncertificate_file = "a"\nkey_file = "b"\n').web.has_tls
    assert not loaded(tmp_path, f'[web]\nhost = "{host}"\n').web.enabled


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "::1", "localhost"])
def test_an_address_of_this_machine_needs_none(tmp_path: Path, host: str) -> None:
    assert loaded(tmp_path, f'{OPEN}host = "{host}"\n').web.host == host


def test_files_of_tls_are_both_there_and_count_from_the_folder_of_the_file(tmp_path: Path) -> None:
    web = loaded(tmp_path, '[web]\ncertificate_file = "tls/chain.pem"\nkey_file = "/etc/key.pem"\n').web
    assert (web.certificate_file, web.key_file) == (tmp_path / "tls/chain.pem", Path("/etc/key.pem"))
    for lone in ("certificate_file", "key_file"):
        (told,) = mistakes(tmp_path, f'[web]\n{lone} = "x.pem"\n')
        assert told.endswith("web.key_file: TLS needs both: certificate_file and key_file")


@pytest.mark.parametrize("url", ["https://api.example.com", "http://localhost:8080", "https://[2001:db8::1]:8443", ""])
def test_the_public_address_is_a_scheme_and_a_host(tmp_path: Path, url: str) -> None:
    assert loaded(tmp_path, f'[web]\npublic_url = "{url}"\n').web.public_url == url


@pytest.mark.parametrize(
    ("line", "told"),
    [
        *(
            (
                f'public_url = "{url}"',
                "public_url: this must be empty, or a scheme and a host without a path, as https://api.example.com",
            )
            for url in ("api.example.com", "https://a.example/v1", "https://a.example/", "ftp://a.example")
        ),
        *(
            (
                f'trusted_proxies = ["{name}"]',
                f"trusted_proxies.0: '{name}' is no IP address or network, as 10.0.0.7 or 10.0.0.0/8",
            )
            for name in ("*", "proxy", "10.0.0.1/8", "")
        ),
        ("max_connections = 0", "max_connections: this must be greater than or equal to 1; it is 0"),
        ("body_idle_seconds = 0", "body_idle_seconds: this must be greater than 0; it is 0"),
        ("port = 65536", "port: this must be less than or equal to 65535; it is 65536"),
    ],
)
def test_a_mistake_says_what_is_wanted(tmp_path: Path, line: str, told: str) -> None:
    assert mistakes(tmp_path, f"[web]\n{line}\n") == [f"config.toml:2: web.{told}"]
