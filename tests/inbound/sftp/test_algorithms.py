"""How large a window a client gets, by how far away it is."""

from __future__ import annotations

import pytest

from ingest.inbound.sftp.algorithms import window_for


@pytest.mark.parametrize("milliseconds, mebibytes", [(0, 4), (29, 4), (30, 16), (80, 16), (2000, 16)])
def test_a_client_far_away_gets_a_large_window(milliseconds: int, mebibytes: int) -> None:
    assert window_for(milliseconds / 1000) == mebibytes << 20
