"""What a label may store, and how it is said that there is no more room."""

from __future__ import annotations

import pytest

from ingest.inbound.sftp.quota_limits import spelled


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1500, "1.5 kB"),
        (2 * 10**9, "2 GB"),
        (2 * 10**11, "200 GB"),
        (10**12, "1 TB"),
    ],
)
def test_bytes_are_spelled_for_people(count: int, expected: str) -> None:
    assert spelled(count) == expected
