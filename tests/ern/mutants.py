"""One node of a valid message changed at random, and whether what the rules say lies where the change was made.

`python -m tests.ern.mutants [COUNT] [SEED]` runs many and tells the figures; `make fuzz` does.
"""

from __future__ import annotations

import copy
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from lxml import etree

from ingest.core.finding import Finding, Severity
from ingest.readers.ern.message import read_message
from tests.ern.generate import generate
from tests.ern.judged import NAME, judge

OPERATIONS = ("delete", "duplicate", "move", "rename", "retype")
WORDS = ("", "abc", "-1", "2026-99-99", "\u0661", "PT", "9" * 50, "A1", "true", "#unknown#", "\U0001f3b5", "Tom & J.")
PER_MESSAGE = 25
TRACKS = (1, 1, 2, 3, 5)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed message: what was done to which element, and the lines at which that shows."""

    data: bytes
    operation: str
    element: str
    lines: frozenset[int]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say beyond what they said of the unchanged message; `near` means on or next to the change."""

    mutant: Mutant
    findings: tuple[Finding, ...]

    @property
    def is_rejected(self) -> bool:
        return bool(self.findings)

    @property
    def is_single(self) -> bool:
        return len(self.findings) == 1

    @property
    def is_near(self) -> bool:
        places = [finding.line for finding in self.findings if finding.line is not None]
        return any(abs(place - line) <= 1 for place in places for line in self.mutant.lines)


def mutate(rng: Random, data: bytes) -> Mutant:
    """Change one node below the root."""
    root: Any = etree.fromstring(data, etree.XMLParser(remove_comments=True, remove_pis=True))
    nodes = [node for node in root.iter("*") if node is not root]
    node, operation = rng.choice(nodes), rng.choice(OPERATIONS)
    name = str(node.tag).rpartition("}")[2]
    shown = list(_apply(rng, operation, node, nodes))
    return Mutant(_write(root), operation, name, frozenset(_lines(root, shown)))


def _apply(rng: Random, operation: str, node: Any, nodes: list[Any]) -> Iterator[Any]:
    """Make the change; yields the elements at which it shows."""
    if operation in ("delete", "move"):
        yield from _around(node)
        parent, tail = node.getparent(), node.tail
        parent.remove(node)
        if operation == "move":
            inside = set(node.iter())
            target = rng.choice((parent, parent, rng.choice([other for other in nodes if other not in inside])))
            node.tail = tail
            target.insert(rng.randrange(len(target) + 1), node)
            yield from (node, *_around(node))
    elif operation == "duplicate":
        node.addnext(copy.deepcopy(node))
        yield from (node, node.getnext())
    elif operation == "rename":
        space = "".join(str(node.tag).rpartition("}")[:2])
        other = str(rng.choice(nodes).tag).rpartition("}")[2]
        node.tag = space + rng.choice((str(node.tag).rpartition("}")[2] + "x", other))
        yield node
    else:
        node.text = rng.choice(WORDS)
        yield node


def _around(node: Any) -> list[Any]:
    """The elements next to a node: parent, elder and younger sibling."""
    return [other for other in (node.getparent(), node.getprevious(), node.getnext()) if other is not None]


def _write(root: Any) -> bytes:
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True))


def _lines(root: Any, shown: list[Any]) -> set[int]:
    """The first and last lines of elements, as they stand in the written message."""
    again: Any = etree.fromstring(_write(root))
    twins = dict(zip(root.iter(), again.iter(), strict=True))
    found = [twins[element] for element in shown if element in twins]
    return {line for element in found for line in (element.sourceline, [*element.iter()][-1].sourceline)}


def verdicts(rng: Random, count: int, folder: Path) -> Iterator[Verdict]:
    """`count` mutants of messages of both dialects, read and judged; whatever they raise is raised."""
    path = folder / NAME

    def judged(data: bytes) -> tuple[Finding, ...]:
        path.write_bytes(data)
        return judge(read_message(path, NAME))

    for number in range(count):
        if number % PER_MESSAGE == 0:
            message = generate(rng, guide=number // PER_MESSAGE % 2 == 0, tracks=rng.choice(TRACKS)).data
            known = Counter(map(_gist, judged(message)))
        mutant = mutate(rng, message)
        left = Counter(known)
        yield Verdict(mutant, tuple(finding for finding in judged(mutant.data) if _is_new(finding, left)))


def _gist(finding: Finding) -> tuple[str, str | None, str | None]:
    return finding.code, finding.found, finding.expected


def _is_new(finding: Finding, left: Counter[tuple[str, str | None, str | None]]) -> bool:
    """Whether a finding is more than an info, and not one that the unchanged message had."""
    gist = _gist(finding)
    left[gist] -= 1
    return left[gist] < 0 and finding.severity is not Severity.INFO


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
    rng = Random(int(sys.argv[2]) if len(sys.argv) > 2 else 2)
    with tempfile.TemporaryDirectory() as name:
        all_of_them = list(verdicts(rng, count, Path(name)))
    rejected = [verdict for verdict in all_of_them if verdict.is_rejected]
    near = [verdict for verdict in rejected if verdict.is_near]
    for operation in OPERATIONS:
        ours = [verdict for verdict in rejected if verdict.mutant.operation == operation]
        print(f"{operation:10} {len(ours):5} rejected, {_shares(ours)}")
    print(f"{count} mutants: {len(rejected)} rejected, {_shares(rejected)}")
    _show_worst(rejected)
    if len(near) < 0.95 * len(rejected):
        sys.exit("fewer than 95 of 100 faults are named where they are")
    if sum(verdict.is_single for verdict in rejected) < 0.95 * len(rejected):
        sys.exit("fewer than 95 of 100 faults give one finding")


def _shares(rejected: list[Verdict]) -> str:
    near, single = (
        sum(marks) / max(len(rejected), 1) for marks in zip(*((v.is_near, v.is_single) for v in rejected), strict=True)
    )
    return f"{near:.1%} named in place, {single:.1%} with one finding"


def _show_worst(rejected: list[Verdict]) -> None:
    """The changes that most often give several findings, or one elsewhere."""
    several = Counter(
        (v.mutant.operation, v.mutant.element, " ".join(sorted({f.code for f in v.findings})))
        for v in rejected
        if not v.is_single or not v.is_near
    )
    for (operation, element, codes), times in several.most_common(25):
        print(f"{times:5} {operation} {element}: {codes}")


if __name__ == "__main__":
    main()
