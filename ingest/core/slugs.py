"""Slugs: readable names of releases and tracks in the REST API, as `no-balance-deluxe-user-example-12ab3c`."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LONGEST_PART: Final = 60


def slug(*parts: str | None, ending: str) -> str:
    """The parts in lower case with hyphens between words, then `ending`; parts without a letter or digit are left out.

    Letters lose their accents; those of other scripts stay.
    """
    words = filter(None, (_words(part or "") for part in parts))
    return "-".join((*words, ending))


def email_parts(address: str) -> tuple[str, str]:
    """What a slug shows of an email address: the part before the `@`, and the first label of the domain."""
    local, _, domain = address.partition("@")
    return local, domain.partition(".")[0]


def _words(text: str) -> str:
    bare = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    joined = "-".join(re.findall(r"\w+", unicodedata.normalize("NFC", bare).lower().replace("_", " ")))
    return joined[:LONGEST_PART].strip("-")
