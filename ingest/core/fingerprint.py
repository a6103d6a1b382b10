"""The fingerprint of a sealed folder, made from what the kernel says of its files without reading them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """`digest` is a SHA-256 in hex over path, inode, size, mtime and ctime of all that lies in a folder.

    Nothing can be written, made, removed or renamed in it without a change of the digest: the kernel sets the ctime.
    `bytes` is the size of all files.
    """

    digest: str
    bytes: int
