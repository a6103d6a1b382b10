"""What is withheld with each version of Landlock; `test_jail` proves it from inside a child."""

from __future__ import annotations

import ctypes
import errno
import struct

import pytest

from ingest.readers import landlock

FIRST = 0x1FFF
HANDLED = {
    1: (FIRST,),
    2: (FIRST | 0x2000,),
    3: (FIRST | 0x6000,),
    4: (FIRST | 0x6000, 3),
    5: (FIRST | 0xE000, 3),
    6: (FIRST | 0xE000, 3, 3),
    7: (FIRST | 0xE000, 3, 3),
}


@pytest.mark.parametrize("version", HANDLED)
def test_everything_that_a_version_knows_is_withheld(version: int) -> None:
    ruleset = landlock.handled(version)
    assert struct.unpack(f"{len(ruleset) // 8}Q", ruleset) == HANDLED[version]


def test_where_there_is_no_landlock_nothing_is_withheld(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*words: object) -> int:
        ctypes.set_errno(errno.ENOSYS)
        return -1

    monkeypatch.setattr(landlock._LIBC, "syscall", refuse, raising=False)
    assert landlock.version() == 0
    assert landlock.allow_reading([]) == 0
