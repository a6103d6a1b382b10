"""Identifiers of recordings, releases and works: syntax and check digits.

Sources: ISO 3901 (ISRC), GS1 General Specifications 7.9 (barcodes), IFPI GRid Handbook, ISO 15707 (ISWC), ISO 27729
(ISNI).
"""

from __future__ import annotations

import re
from typing import Final

from stdnum.iso7064 import mod_11_2, mod_37_36

ISRC: Final = re.compile(r"[A-Za-z]{2}[A-Za-z0-9]{3}[0-9]{7}")
GRID: Final = re.compile(r"[A-Za-z0-9]{18}")
ISNI: Final = re.compile(r"[0-9]{15}[0-9Xx]")
ISWC: Final = re.compile(r"[Tt][0-9]{10}")
PARTY_ID: Final = re.compile(r"PADPIDA[0-9]{10}[0-9A-Z]")
BARCODE: Final = re.compile(r"[0-9]{12,13}")
_WRITTEN_BARCODE: Final = re.compile(r"(?<![0-9])[0-9]{12,13}(?![0-9])")

LONGEST_IDENTIFIER: Final = 200
"""Characters of an identifier that are stored: whatever a label wrote, it must fit into an index of the database."""


def compact(value: str) -> str:
    """The identifier without blanks, hyphens and dots, with which people separate its parts."""
    return re.sub(r"[\s.\-\u2010-\u2015]", "", value)


def is_isrc(value: str) -> bool:
    """Two letters, three letters or digits, seven digits; the prefix is not looked up (ISO 3901)."""
    return ISRC.fullmatch(value) is not None


def canonical_isrc(value: str) -> str:
    """The ISRC as it is stored and compared, whatever its syntax: compact, in capitals, at most LONGEST_IDENTIFIER."""
    return compact(value).upper()[:LONGEST_IDENTIFIER]


def is_barcode(value: str) -> bool:
    """12 digits (UPC) or 13 (EAN), as the guide asks ("Required XML fields")."""
    return BARCODE.fullmatch(value) is not None and value.isascii()


def barcode_check_digit(digits: str) -> int:
    """The GS1 check digit for `digits`, which are given without it."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return -total % 10


def barcode_check_fits(value: str) -> bool:
    """Whether the value is a barcode whose last digit fits the others."""
    return is_barcode(value) and barcode_check_digit(value[:-1]) == int(value[-1])


def barcodes_in(name: str) -> list[str]:
    """What is written like a barcode in the name of a folder or file."""
    return _WRITTEN_BARCODE.findall(name)


def is_grid(value: str) -> bool:
    """18 letters and digits, apart from hyphens and the `GRID:` prefix."""
    return GRID.fullmatch(compact(value.removeprefix("GRID:"))) is not None


def canonical_grid(value: str) -> str:
    """The same text for all spellings of one GRid."""
    return compact(value.removeprefix("GRID:")).upper()


def grid_check_fits(value: str) -> bool:
    """ISO 7064 mod 37,36 over a GRid whose syntax is right."""
    return bool(mod_37_36.is_valid(compact(value.removeprefix("GRID:")).upper()))


def is_party_id(value: str) -> bool:
    """A DDEX Party Id: `PADPIDA`, ten digits and the check character of ISO 7064 mod 37,36 over all of it."""
    return PARTY_ID.fullmatch(value) is not None and bool(mod_37_36.is_valid(value))


def is_iswc(value: str) -> bool:
    """A `T` and ten digits, apart from the usual points and hyphens."""
    return ISWC.fullmatch(compact(value)) is not None


def iswc_check_fits(value: str) -> bool:
    """The check digit of an ISWC whose syntax is right (ISO 15707: weights 1 to 9, plus one, modulo ten)."""
    digits = [int(digit) for digit in compact(value)[1:]]
    return (-(1 + sum(weight * digit for weight, digit in enumerate(digits[:9], 1)))) % 10 == digits[9]


def is_isni(value: str) -> bool:
    """15 digits and a check character, apart from blanks and the address of isni.org."""
    return ISNI.fullmatch(_bare_isni(value)) is not None


def isni_check_fits(value: str) -> bool:
    """ISO 7064 mod 11-2 over an ISNI whose syntax is right."""
    return bool(mod_11_2.is_valid(_bare_isni(value).upper()))


def _bare_isni(value: str) -> str:
    return compact(value.rsplit("/", 1)[-1].removeprefix("ISNI").lstrip(":"))
