"""Numbers of the protocol, as other implementations have them (draft-ietf-secsh-filexfer-02)."""

from __future__ import annotations

import asyncssh.constants
import paramiko.sftp
import pytest

from ingest.inbound.sftp.protocol import Code, Kind, OpenFlag, Wanted

SHORTER = {"CREATE": "CREAT", "TRUNCATE": "TRUNC", "EXCLUSIVE": "EXCL"}


def test_packets_have_the_numbers_that_paramiko_knows() -> None:
    theirs = vars(paramiko.sftp)
    assert {kind.name: theirs.get(f"CMD_{kind.name}") for kind in Kind} == {kind.name: kind.value for kind in Kind}


def test_codes_and_flags_have_the_numbers_that_asyncssh_knows() -> None:
    theirs = vars(asyncssh.constants)
    assert {code.name: theirs.get(f"FX_{code.name}") for code in Code} == {code.name: code.value for code in Code}
    flags = {flag.name: theirs.get(f"FXF_{SHORTER.get(flag.name, flag.name)}") for flag in OpenFlag}
    assert flags == {flag.name: flag.value for flag in OpenFlag}


@pytest.mark.parametrize(
    ("wanted", "is_so"),
    [
        (Wanted(), True),
        (Wanted(5), True),
        (Wanted(4), False),
        (Wanted(5, (1, 7)), True),
        (Wanted(None, (1, 7)), True),
        (Wanted(None, (7, 8)), False),
        (Wanted(6, (1, 7)), False),
    ],
)
def test_a_file_of_five_bytes_of_second_seven_is_what_was_asked_for(wanted: Wanted, is_so: bool) -> None:
    assert wanted.is_so(5, 7) is is_so
