"""The catalogue as Markdown: the whole page, and one rule."""

from __future__ import annotations

from pathlib import Path

from ingest.rulebook import page, rule_markdown
from ingest.rules import RULES

PAGE = Path(__file__).parent.parent.parent / "docs/rules.md"


def test_the_page_of_rules_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: make docs"


def test_one_rule_reads_as_on_the_page() -> None:
    assert rule_markdown(RULES["ART-001"]) == (
        "### ART-001 (error)\n\n"
        "* Finds: {file} is {width} × {height} pixels. Cover artwork must be at least {side} × {side}.\n"
        "* Why: Stores shrink covers for every screen but never enlarge them.\n"
        "* Fix: Export the artwork again at {side} × {side} pixels. Enlarging the small file does not help.\n"
        "* Example: artwork.jpg is 2000 × 2000 pixels. Cover artwork must be at least 3000 × 3000.\n"
        "* Found: 2000 × 2000\n"
        "* Expected: 3000 × 3000\n"
        "* Cure: Export the artwork again at 3000 × 3000 pixels. Enlarging the small file does not help.\n"
        "* Source: Guide, Artwork Requirements\n"
        "* DDEX: FileStatus ResourceNotMeetingSpecifications"
    )
