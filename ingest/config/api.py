"""The table of the REST API: what becomes of releases that integrators send."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator, ValidationInfo, field_validator

from ingest.config.dsp_values import Models, Uses
from ingest.config.models import Section
from ingest.config.values import Bytes, Flag, Seconds, WholeSeconds

_PREFIX: Final = re.compile(r"[A-Z]{2}[A-Z0-9]{3}")
_BARCODES: Final = re.compile(r"([0-9]{11})-([0-9]{11})|([0-9]{12})-([0-9]{12})")


def _prefix(value: str) -> str:
    if value and not _PREFIX.fullmatch(value):
        raise ValueError(f"{value!r} is no prefix of ISRCs: two letters and three letters or digits, as QZABC")
    return value


def _barcodes(value: str) -> str:
    """Barcodes without their check digit, from the first to the last."""
    if not value:
        return value
    if not _BARCODES.fullmatch(value):
        raise ValueError(f"{value!r} is no range of barcodes: two of 11 or 12 digits, as 50345678900-50345678999")
    first, _, last = value.partition("-")
    if int(first) > int(last):
        raise ValueError(f"{value!r} ends before it begins")
    return value


IsrcPrefix = Annotated[str, AfterValidator(_prefix)]
Barcodes = Annotated[str, AfterValidator(_barcodes)]


class Api(Section):
    """Releases of the REST API. `compose_seconds` after its last change a release is put together and checked."""

    compose_seconds: Seconds = 60
    isrc_prefix: IsrcPrefix = ""
    barcodes: Barcodes = ""
    models: Models = ("SubscriptionModel", "AdvertisementSupportedModel", "PayAsYouGoModel")
    uses: Uses = ("OnDemandStream", "NonInteractiveStream", "PermanentDownload")
    slug_names_user: Flag = True
    max_file_bytes: Bytes = 4_000_000_000
    url_seconds: WholeSeconds = 86_400

    @field_validator("uses")
    @classmethod
    def _something_is_offered(cls, uses: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if not uses or not info.data.get("models", ("",)):
            raise ValueError("models and uses must each name at least one: releases are offered on these terms")
        return uses

    @property
    def barcode_range(self) -> tuple[int, int, int] | None:
        """The first and last barcode that we assign, without check digits, and how many digits they have."""
        if not self.barcodes:
            return None
        first, _, last = self.barcodes.partition("-")
        return int(first), int(last), len(first)
