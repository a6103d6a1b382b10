"""Errors of the disk as sentences for the label, with their SFTP status code; never the kernel's own text."""

from __future__ import annotations

import errno
from typing import Final

from ingest.inbound.backend import Gone, NoSpace, Refused
from ingest.inbound.sftp.protocol import Code

OURS: Final = "Our system had a problem. Try again in a few minutes; if it stays, write to us."

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})

_WORDS: Final[dict[int, tuple[Code, str]]] = {
    errno.ENOENT: (Code.NO_SUCH_FILE, "No such file or folder."),
    errno.ENOTDIR: (Code.NO_SUCH_FILE, "No such file or folder."),
    errno.ENAMETOOLONG: (Code.NO_SUCH_FILE, "No such file or folder: the name is too long."),
    errno.EEXIST: (Code.FAILURE, "A file or folder of this name is already there."),
    errno.ENOTEMPTY: (Code.FAILURE, "This folder is not empty."),
    errno.EISDIR: (Code.FAILURE, "This is a folder, not a file."),
    errno.EINVAL: (Code.FAILURE, "This cannot be done with this file or folder."),
    errno.ELOOP: (Code.PERMISSION_DENIED, "Links are not followed here."),
    errno.EXDEV: (Code.PERMISSION_DENIED, "Links are not followed here."),
    errno.EBADF: (Code.FAILURE, "This file is not open for that."),
    errno.ENOSPC: (Code.FAILURE, "Our disk is full at the moment. We have been told; try again later."),
    errno.EDQUOT: (Code.FAILURE, "Our disk is full at the moment. We have been told; try again later."),
}


def code_and_text(error: Refused | OSError, client: str = "") -> tuple[Code, str]:
    """The status code and text for an error; the text is `OURS` where the label did not cause it.

    `client` is the client's version line. FileZilla shows our text beside FAILURE, but beside PERMISSION_DENIED only
    "permission denied" (its engine, fzsftp 3.63), so it never gets that code.
    """
    code, text = _code_and_text(error)
    return (Code.FAILURE if code is Code.PERMISSION_DENIED and "FileZilla" in client else code), text


def _code_and_text(error: Refused | OSError) -> tuple[Code, str]:
    if isinstance(error, NoSpace):
        return Code.FAILURE, str(error)
    if isinstance(error, Gone):
        return Code.NO_SUCH_FILE, str(error)
    if isinstance(error, Refused):
        return Code.PERMISSION_DENIED, str(error)
    return _WORDS.get(error.errno or 0, (Code.FAILURE, OURS))
