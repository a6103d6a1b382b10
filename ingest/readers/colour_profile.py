"""The colour space of an ICC profile (ICC.1:2022, clause 7): its signature, or the name of a wide RGB space.

Wide spaces are known by where their three primaries lie, not by the profile's words, which anybody may write.
"""

from __future__ import annotations

from typing import Final

_RGB: Final = b"RGB "
_MOST_TAGS: Final = 200
_PRIMARIES: Final = (b"rXYZ", b"gXYZ", b"bXYZ")
_WIDE: Final = {
    "Adobe RGB": ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446)),
    "ProPhoto RGB": ((0.7977, 0.2880, 0.0), (0.1352, 0.7119, 0.0), (0.0313, 0.0001, 0.8249)),
    "Display P3": ((0.5151, 0.2412, -0.0011), (0.2919, 0.6922, 0.0419), (0.1572, 0.0666, 0.7841)),
    "Rec. 2020": ((0.6734, 0.2790, -0.0019), (0.1656, 0.6753, 0.0300), (0.1251, 0.0456, 0.7970)),
}
"""Colorants of red, green and blue as profiles give them: adapted to D50."""
_NEAR: Final = 0.01


def space_of(profile: bytes) -> str:
    """`RGB`, `CMYK`, `GRAY` and the like, or the name of one of the wide RGB spaces that pictures come in."""
    signature = profile[16:20]
    found = _primaries(profile) if signature == _RGB else None
    if found is not None:
        for name, wanted in _WIDE.items():
            if all(abs(one - other) <= _NEAR for one, other in zip(found, sum(wanted, ()), strict=True)):
                return name
    return signature.decode("latin-1").strip()


def _primaries(profile: bytes) -> tuple[float, ...] | None:
    """X, Y and Z of red, green and blue; None for a profile that has tables in their place, or is cut off."""
    places: dict[bytes, int] = {}
    for at in range(132, 132 + 12 * min(int.from_bytes(profile[128:132], "big"), _MOST_TAGS), 12):
        places.setdefault(profile[at : at + 4], int.from_bytes(profile[at + 4 : at + 8], "big"))
    values: list[float] = []
    for name in _PRIMARIES:
        start = places.get(name)
        raw = b"" if start is None else profile[start : start + 20]
        if len(raw) < 20 or raw[:4] != b"XYZ ":
            return None
        values += [int.from_bytes(raw[at : at + 4], "big", signed=True) / 65536 for at in (8, 12, 16)]
    return tuple(values)
