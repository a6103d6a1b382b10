"""Replies: their bytes are those of the draft."""

from __future__ import annotations

import stat
import struct

from ingest.inbound.sftp import replies
from ingest.inbound.sftp.protocol import Code
from ingest.inbound.sftp.replies import Attributes
from tests.inbound.sftp.raw import string


def test_replies_have_the_bytes_of_the_draft() -> None:
    assert replies.ok(7) == struct.pack(">IBII", 17, 101, 7, 0) + bytes(8)
    assert replies.status(7, Code.FAILURE, "no") == struct.pack(">IBII", 21, 101, 7, 4) + string(b"no") + string(b"en")
    assert replies.handle(7, b"abc") == struct.pack(">IBI", 12, 102, 7) + string(b"abc")
    assert replies.data(7, b"abc") == struct.pack(">IBI", 12, 103, 7) + string(b"abc")
    assert replies.name(7, b"/a") == struct.pack(">IBII", 25, 104, 7, 1) + string(b"/a") * 2 + bytes(4)
    found = Attributes(size=5, mode=stat.S_IFREG | 0o644, modified=1_700_000_000, accessed=1)
    packed = struct.pack(">IQIIIII", 15, 5, 0, 0, 0o100644, 1, 1_700_000_000)
    assert replies.attrs(7, found) == struct.pack(">IBI", 37, 105, 7) + packed
    assert replies.limits(7, 64)[9:] == struct.pack(">QQQQ", 263168, 261120, 261120, 64)
    assert replies.version().startswith(struct.pack(">IBI", len(replies.version()) - 4, 2, 3))


def test_a_long_listing_is_packed_into_pages_that_fit() -> None:
    found = Attributes(size=1, mode=stat.S_IFREG | 0o644, modified=0, accessed=0)
    pages = list(replies.pages((b"n" * 200, found) for _ in range(1000)))
    assert sum(int.from_bytes(page[:4], "big") for page in pages) == 1000
    assert max(map(len, pages)) < 32_000
