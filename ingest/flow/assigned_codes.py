"""ISRCs and barcodes that we assign to releases of integrators which have none, from the configured ranges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from ingest.config import Api
from ingest.core.identifiers import barcode_check_digit
from ingest.core.release import release_key
from ingest.store.code_ranges import is_isrc_used, is_key_used, next_number

DESIGNATIONS: Final = 99_999
"""The last number of an ISRC within a year (ISO 3901: five digits)."""


class RangeUsedUp(Exception):
    """No code is left; the text says of which range."""


@dataclass(frozen=True, slots=True)
class AssignedCodes:
    """Gives out codes: none twice, and none that a release or recording has already."""

    api: Api

    def isrc(self, tx: Session, now: datetime) -> str | None:
        """The next ISRC of the year; None where no prefix is configured. Raises RangeUsedUp."""
        if not self.api.isrc_prefix:
            return None
        start = f"{self.api.isrc_prefix}{now:%y}"
        while (number := next_number(tx, f"isrc:{start}", 1)) <= DESIGNATIONS:
            if not is_isrc_used(tx, isrc := f"{start}{number:05}"):
                return isrc
        raise RangeUsedUp(f"the ISRCs {start}00001 to {start}{DESIGNATIONS}")

    def barcode(self, tx: Session) -> str | None:
        """The next barcode with its check digit; None where no range is configured. Raises RangeUsedUp."""
        if (configured := self.api.barcode_range) is None:
            return None
        first, last, digits = configured
        while (number := next_number(tx, f"barcode:{self.api.barcodes}", first)) <= last:
            bare = f"{number:0{digits}}"
            code = f"{bare}{barcode_check_digit(bare)}"
            if not is_key_used(tx, release_key(code) or code):
                return code
        raise RangeUsedUp(f"the barcodes {self.api.barcodes}")
