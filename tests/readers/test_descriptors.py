"""Closing what was left open: in a process of its own, with the call of new kernels and without it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

CLOSE = """
import json, os, sys
from unittest.mock import patch
from ingest.readers import descriptors
for number in (3, 4, 7, 50, 900):
    os.dup2(0, number)
kept, is_old = json.loads(sys.argv[1])
with patch.object(descriptors, "CLOSE_RANGE", 100_000 if is_old else descriptors.CLOSE_RANGE):
    descriptors.keep_only(*kept)
held = []
for number in range(1000):
    try:
        os.fstat(number)
        held.append(number)
    except OSError:
        pass
print(held)
"""


@pytest.mark.parametrize("is_old", [False, True])
@pytest.mark.parametrize("kept", [[2], [3], [7], [900], [4, 7], [900, 50]])
def test_the_standard_descriptors_and_those_named_stay(kept: list[int], is_old: bool) -> None:
    command = [sys.executable, "-c", CLOSE, json.dumps([kept, is_old])]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=60)
    assert json.loads(done.stdout) == sorted({0, 1, 2, *kept})
