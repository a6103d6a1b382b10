"""Signed addresses of files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from ingest.flow.asset_addresses import AssetAddresses

NOW = datetime(2026, 3, 23, 12, tzinfo=UTC)
OURS = AssetAddresses("https://api.example.com", lambda: b"k" * 32, timedelta(hours=1))
FILE = "file_01M8R05S24MMHF9DJP21869SQA"


def values(address: str) -> tuple[str, str]:
    query = parse_qs(urlsplit(address).query)
    return query["expires"][0], query["signature"][0]


def test_an_address_holds_for_its_time_and_for_its_file_only() -> None:
    expires, signature = values(OURS.address(FILE, ".wav", NOW))
    assert OURS.is_valid(FILE, expires, signature, NOW)
    assert OURS.is_valid(FILE, expires, signature, NOW + timedelta(hours=1))
    assert not OURS.is_valid(FILE, expires, signature, NOW + timedelta(hours=1, seconds=1))
    assert not OURS.is_valid("file_OTHER", expires, signature, NOW)
    assert not OURS.is_valid(FILE, str(int(expires) + 1), signature, NOW)
    other = AssetAddresses(OURS.base, lambda: b"o" * 32, OURS.lifetime)
    assert not other.is_valid(FILE, expires, signature, NOW)


@pytest.mark.parametrize("expires", ["", "x", "-1", "1e9", "٣", "9" * 400])
@pytest.mark.parametrize("signature", ["", "x", "é", "\ud800"])
def test_nonsense_is_not_valid(expires: str, signature: str) -> None:
    assert not OURS.is_valid(FILE, expires, signature, NOW)


def test_our_addresses_are_known_by_their_file_and_others_are_not() -> None:
    assert OURS.asset_at(OURS.address(FILE, ".wav", NOW)) == FILE
    assert OURS.asset_at(f"https://api.example.com/files/{FILE}") == FILE
    for other in (f"https://evil.example.com/files/{FILE}", "https://api.example.com/files/../x", FILE, ""):
        assert OURS.asset_at(other) is None
