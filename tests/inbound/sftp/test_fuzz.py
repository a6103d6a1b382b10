"""A short run of the fuzzer with seeds of its own; `make fuzz` plays others for minutes."""

from __future__ import annotations

import pytest

from tests.fuzz.sftp import fuzz


@pytest.mark.slow
def test_random_and_mutated_packets_let_no_exception_escape_and_hold_little_memory() -> None:
    assert fuzz(20_260_401, rounds=250) == 250
