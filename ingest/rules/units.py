"""Measured values as text for people."""

from __future__ import annotations

from typing import Final

_READ_OUT: Final = ("11", "18", "8", "A", "E", "HT", "I", "MP", "RF", "SVG")
"""Beginnings of names that are pronounced with a vowel first, and so take `an`."""


def kilohertz(rate: float) -> str:
    """44100 -> `44.1 kHz`."""
    return f"{rate / 1000:g} kHz"


def decibels(level: float, unit: str) -> str:
    """-0.049 -> `-0.05 dBTP`; never `-0.00`."""
    return f"{level:z.2f} {unit}"


def over(value: float, limit: float) -> str:
    """A value with enough digits to differ from its limit: 1.5 and 1 -> `1.50`, 1.00045 and 1 -> `1.0005`."""
    written = (f"{value:z.{digits}f}" for digits in range(2, 7))
    return next((text for text in written if float(text) > limit), f"{value:g}")


def clock(seconds: float) -> str:
    """A length or position in a track: `0:07`, `3:42`, `1:02:03`; less than a second: `0.5 seconds`."""
    if 0 < seconds < 0.001:
        return "less than a thousandth of a second"
    if 0 < seconds < 0.95:
        return f"{seconds:.2g} seconds"
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def iso_duration(seconds: float) -> str:
    """A length in ISO 8601, as in the message: `PT3M42S`, `PT1H2M3S`; less than a second: `PT0.5S`."""
    if 0 < seconds < 0.95:
        return f"PT{max(seconds, 0.01):.2f}".rstrip("0") + "S"
    hours, rest = divmod(round(seconds), 3600)
    return f"PT{hours}H{rest // 60}M{rest % 60}S" if hours else f"PT{rest // 60}M{rest % 60}S"


def moment(seconds: float) -> str:
    """A position in a track to a tenth of a second: `1:23.4`."""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    return f"{minutes}:{rest // 10:02}.{rest % 10}"


def an(name: str) -> str:
    """A format with its article, by pronunciation: `a WAV`, `an AIFF-C`, `an RF64`, `an 18-bit file`."""
    return f"{'an' if name.startswith(_READ_OUT) else 'a'} {name}"


def spell(count: int, one: str, many: str | None = None) -> str:
    """`1 track`, `2 tracks`."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def listed(values: list[str], limit: int = 8) -> str:
    """`a, b and c`; with more than `limit` values `a, b, … and 4 more`."""
    if len(values) > limit:
        return f"{', '.join(values[:limit])} and {len(values) - limit} more"
    return f"{', '.join(values[:-1])} and {values[-1]}" if len(values) > 1 else "".join(values)
