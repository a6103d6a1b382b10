"""Messages to read in tests: the guide's example as printed, and a genuine ERN 3.8.2 with everything in it."""

from __future__ import annotations

from pathlib import Path

from ingest.core.message import Message, UnreadableMessage
from ingest.readers.ern.message import read_message

HERE = Path(__file__).parent
GUIDE = (HERE / "guide_example.xml").read_text("utf-8")
GENUINE = (HERE / "genuine_example.xml").read_text("utf-8")
NAME = "metadata.xml"


def changed(text: str, *changes: tuple[str, str]) -> str:
    """`text` with each first occurrence replaced; a change that finds nothing is a mistake in the test."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def read_any(folder: Path, content: str | bytes) -> Message | UnreadableMessage:
    path = folder / NAME
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return read_message(path, NAME)


def read(folder: Path, content: str | bytes) -> Message:
    message = read_any(folder, content)
    assert isinstance(message, Message), message
    return message


def refused(folder: Path, content: str | bytes) -> UnreadableMessage:
    message = read_any(folder, content)
    assert isinstance(message, UnreadableMessage)
    return message


def line_of(text: str, part: str, nth: int = 1) -> int:
    """The line on which `part` stands for the nth time, counted from 1."""
    lines = [number for number, line in enumerate(text.splitlines(), start=1) if part in line]
    return lines[nth - 1]
