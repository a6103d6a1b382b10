"""Broken and arbitrary bytes: never an exception."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.core.message import Message, UnreadableMessage
from ingest.readers.ern.message import read_message
from tests.readers.ern.messages import GUIDE, NAME


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=st.integers(0, len(GUIDE.encode())),
    length=st.integers(0, 60),
    piece=st.binary(max_size=20)
    | st.sampled_from([b"<", b">", b"&", b"\x00", b"<!--", b"]]>", b"<!DOCTYPE x>", b"\xff"]),
)
def test_broken_bytes_never_raise(tmp_path: Path, start: int, length: int, piece: bytes) -> None:
    data = GUIDE.encode()
    path = tmp_path / NAME
    path.write_bytes(data[:start] + piece + data[start + length :])
    assert isinstance(read_message(path, NAME), Message | UnreadableMessage)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200))
def test_arbitrary_bytes_never_raise(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / NAME
    path.write_bytes(content)
    assert isinstance(read_message(path, NAME), UnreadableMessage)
