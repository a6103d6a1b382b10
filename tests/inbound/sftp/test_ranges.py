"""Ranges of bytes that grow together, against a plain set."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.inbound.sftp.ranges import Ranges


@settings(max_examples=200)
@given(
    st.integers(0, 5),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 10), st.integers(0, 5).map(bool)), max_size=20),
)
def test_spans_know_what_a_set_of_bytes_knows(start: int, steps: list[tuple[int, int, bool]]) -> None:
    ranges, present = Ranges(start), set(range(start))
    for offset, length, adds in steps:
        if adds:
            ranges.add(offset, offset + length)
            present |= set(range(offset, offset + length))
        else:
            ranges.cut(offset)
            present -= set(range(offset, 60))
    for size in range(52):
        assert ranges.covers(size) == (set(range(size)) <= present)
    assert len(ranges) == sum(1 for byte in present if byte - 1 not in present)
