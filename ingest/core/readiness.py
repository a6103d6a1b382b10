"""How complete a release folder is at present."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Short:
    """A file with fewer bytes than its own structure says; sizes are in bytes."""

    path: str
    present: int
    expected: int | None


@dataclass(frozen=True, slots=True)
class Readiness:
    """What is still missing of a release.

    `explained`: more waiting will not help, because a missing file exists under a similar name, or the message cannot
    be read. `is_whole`: nothing is missing or short. `bare` are the barcodes of releases whose message came without any
    of its files: if QC approved all of them it may be an update, and `explained_if_known` takes the place of
    `explained`. `awaits_marker`: the sender's way of delivering ends with a marker.
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
