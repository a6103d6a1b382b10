"""How alike two words are, by the slips of the pen that lie between them."""

from __future__ import annotations

from typing import Final

LONGEST: Final = 80
"""Letters that are compared; no name or value of the standard is longer."""
LETTERS_PER_SLIP: Final = 4


def is_alike(one: str, other: str) -> bool:
    """Whether one word is the other with a slip: other capitals, or one slip in four letters."""
    first, second = one.casefold()[:LONGEST], other.casefold()[:LONGEST]
    most = max(1, min(len(first), len(second)) // LETTERS_PER_SLIP)
    return first == second or (abs(len(first) - len(second)) <= most and slips(first, second) <= most)


def slips(one: str, other: str) -> int:
    """The fewest letters to insert, delete, replace or swap with the next to make one word of the other."""
    rows = [list(range(len(other) + 1))]
    for index, letter in enumerate(one, 1):
        row = [index]
        for at, wanted in enumerate(other, 1):
            ways = [rows[-1][at] + 1, row[-1] + 1, rows[-1][at - 1] + (letter != wanted)]
            if index > 1 and at > 1 and (letter, one[index - 2]) == (other[at - 2], wanted):
                ways.append(rows[-2][at - 2] + 1)
            row.append(min(ways))
        rows.append(row)
    return rows[-1][-1]
