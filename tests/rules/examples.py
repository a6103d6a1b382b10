"""The examples of `docs/rules.md`, from the broken packages: `python -m tests.rules.examples [CODE...]`.

Without a code those are written that are missing; codes that are gone are dropped.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import pytest

from ingest.core.finding import Finding
from ingest.rulebook import FILE, Example, examples
from ingest.rules import RULES
from tests.packages import BROKEN
from tests.rules.reading import findings_after, read_here

PATH = Path(__file__).parent.parent.parent / "templates" / FILE


def example_of(finding: Finding) -> Example:
    return Example(finding.text, finding.fix, finding.found, finding.expected)


def is_like(one: Example, other: Example | None) -> bool:
    """The same but for numbers: what is measured may differ in its last digit from one machine to the next."""
    return other is not None and _shape(one) == _shape(other)


def _shape(example: Example) -> list[str]:
    return [re.sub(r"[0-9]+", "0", value or "") for value in asdict(example).values()]


def main(codes: list[str]) -> None:
    known = {code: one for code, one in (examples() if PATH.exists() else {}).items() if code in RULES}
    with pytest.MonkeyPatch.context() as patch:
        read_here(patch)
        for code in codes or sorted(set(BROKEN) - set(known)):
            with tempfile.TemporaryDirectory() as place:
                known[code] = example_of(findings_after(Path(place), BROKEN[code])[0])
    written = {code: {k: v for k, v in asdict(known[code]).items() if v is not None} for code in sorted(known)}
    PATH.write_text(json.dumps(written, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
