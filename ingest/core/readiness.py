"""How complete a release folder is, as it lies there now."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Short:
    """A file that is shorter than it says it is; bytes."""

    path: str
    present: int
    expected: int | None


@dataclass(frozen=True, slots=True)
class Readiness:
    """What is still missing of a release.

    `explained` is True when more waiting will not help: the missing file stands there under a near name, or the
    message itself cannot be read. `is_whole` is True when nothing is missing or short. `bare` are the barcodes of
    releases whose message came without any of its files: where all are known, it may be an update, and `explained`
    is what `explained_if_known` says. `awaits_marker`: the sender's way of delivering ends in a marker.
    """

    has_message: bool
    unreadable: str | None
    missing: tuple[str, ...]
    short: tuple[Short, ...]
    has_cover: bool
    has_marker: bool
    explained: bool
    bare: tuple[str, ...] = ()
    explained_if_known: bool = False
    awaits_marker: bool = False

    @property
    def is_whole(self) -> bool:
        return self.has_message and not self.missing and not self.short and self.has_cover

    def wanting(self) -> tuple[str, ...]:
        """What is missing, as sentences for the label."""
        told = [] if self.has_message else [_no_message(self.unreadable)]
        told += [f"{name} has not arrived." for name in self.missing]
        told += [_short(one) for one in self.short]
        if not self.has_cover:
            told.append("The cover artwork (a JPEG or PNG file) has not arrived.")
        return tuple(told)


def _no_message(unreadable: str | None) -> str:
    if unreadable in (None, "missing"):
        return "The XML file (metadata.xml) has not arrived."
    return "The XML file is not complete, or cannot be read."


def _short(one: Short) -> str:
    if one.expected is None:
        return f"{one.path} is not complete: {one.present:,} bytes have arrived."
    return f"{one.path} is not complete: {one.present:,} of {one.expected:,} bytes have arrived."
