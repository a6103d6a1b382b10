"""Faults of the disk in words for the label, and the code that its program makes the most of."""

from __future__ import annotations

import errno

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.inbound.backend import Gone, NoSpace, Refused, Revoked
from ingest.inbound.sftp.protocol import Code
from ingest.inbound.sftp.refusals import FULL, OURS, code_and_text

OPENSSH, FILEZILLA = "SSH-2.0-OpenSSH_9.2p1", "SSH-2.0-FileZilla_3.63.0"
KINDS = [
    (NoSpace, Code.FAILURE, Code.FAILURE),
    (Gone, Code.NO_SUCH_FILE, Code.NO_SUCH_FILE),
    (Refused, Code.PERMISSION_DENIED, Code.FAILURE),
    (Revoked, Code.PERMISSION_DENIED, Code.FAILURE),
]


@pytest.mark.parametrize(("kind", "code", "for_filezilla"), KINDS)
def test_a_refusal_keeps_its_sentence_and_filezilla_gets_the_code_beside_which_it_shows_it(
    kind: type[Refused], code: Code, for_filezilla: Code
) -> None:
    assert code_and_text(kind("Why."), OPENSSH) == code_and_text(kind("Why.")) == (code, "Why.")
    assert code_and_text(kind("Why."), FILEZILLA) == (for_filezilla, "Why.")


@given(st.sampled_from(sorted(errno.errorcode)), st.text(max_size=20))
def test_no_fault_of_the_disk_shows_the_words_of_the_kernel_or_a_path(number: int, secret: str) -> None:
    code, text = code_and_text(OSError(number, f"kernel {secret}", f"/var/lib/{secret}"))
    assert code in (Code.NO_SUCH_FILE, Code.FAILURE, Code.PERMISSION_DENIED)
    assert "kernel" not in text and "/var" not in text
    assert text.endswith((".", ": the name is too long."))
    assert code_and_text(OSError(number, ""), FILEZILLA)[0] is not Code.PERMISSION_DENIED


@pytest.mark.parametrize(
    ("number", "code", "text"),
    [
        (errno.ENOENT, Code.NO_SUCH_FILE, "No such file or folder."),
        (errno.EEXIST, Code.FAILURE, "A file or folder of this name is already there."),
        (errno.ENOTEMPTY, Code.FAILURE, "This folder is not empty."),
        (errno.ELOOP, Code.PERMISSION_DENIED, "Links are not followed here."),
        (errno.EIO, Code.FAILURE, OURS),
        (None, Code.FAILURE, OURS),
    ],
)
def test_what_the_label_did_is_told_apart_from_what_is_our_fault(number: int | None, code: Code, text: str) -> None:
    fault = OSError("no number") if number is None else OSError(number, "x")
    assert code_and_text(fault) == (code, text)


def test_a_full_disk_has_the_same_words_whether_it_or_a_quota_of_it_is_full() -> None:
    told = {code_and_text(OSError(number, "x")) for number in FULL}
    assert told == {(Code.FAILURE, "Our disk is full at the moment. We have been told; try again later.")}
