"""What a person must look at on the cover, because no program can judge it (guide, "Content rules" for artwork)."""

from __future__ import annotations

from typing import Final

CHECKLIST: Final[tuple[str, ...]] = (
    "The cover shows no explicit sexual imagery.",
    "It carries no third-party logo, social media icon or watermark.",
    "It carries no URL or website address.",
    "It is not pixelated, blurry or stretched.",
    "Its text can still be read when the cover is shown small.",
    "It does not mislead about the artist or the content.",
)
