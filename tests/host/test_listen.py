"""Listening sockets: on one address, or on all of both kinds."""

from __future__ import annotations

import socket

import pytest

from ingest.host.listen import listen


def reaches(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=2):
            return True
    except OSError:
        return False


@pytest.mark.parametrize(
    ("host", "reached"),
    [("127.0.0.1", {"127.0.0.1"}), ("::1", {"::1"}), ("", {"127.0.0.1", "127.0.0.2", "::1"})],
)
def test_an_address_is_listened_on_and_no_other(host: str, reached: set[str]) -> None:
    with listen(host, 0) as there:
        port = there.getsockname()[1]
        assert {one for one in ("127.0.0.1", "127.0.0.2", "::1") if reaches(one, port)} == reached


def test_a_port_that_is_taken_is_an_error() -> None:
    with listen("127.0.0.1", 0) as there, pytest.raises(OSError, match="in use"):
        listen("127.0.0.1", there.getsockname()[1])
