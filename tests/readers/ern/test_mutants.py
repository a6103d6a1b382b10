"""One node of a good message changed at random: never an exception, and faults that lie where the change was made."""

from __future__ import annotations

import copy
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from ingest.core.message import Message, UnreadableMessage
from ingest.readers.ern import read_message
from ingest.readers.ern.document import source_line
from tests.readers.ern.messages import GENUINE, GUIDE, NAME

OPERATIONS = ("delete", "duplicate", "move", "rename", "retype", "attribute")
WORDS = ("", "abc", "-1", "2026-99-99", "\u0661", "PT", "9" * 50, "A1", "true", "#unknown#", "\U0001f3b5")


def mutate(rng: random.Random) -> tuple[bytes, set[int]]:
    """A changed message, and the lines on which the change shows."""
    root = etree.fromstring(rng.choice((GUIDE, GENUINE)).encode("utf-8"))
    nodes: list[Any] = [node for node in root.iter("*") if node is not root]
    node = rng.choice(nodes)
    parent = node.getparent()
    operation = rng.choice(OPERATIONS)
    shown = [node]
    if operation == "delete":
        shown = [*parent.iter("*")]
        parent.remove(node)
    elif operation == "duplicate":
        node.addnext(copy.deepcopy(node))
        shown = [node, node.getnext()]
    elif operation == "move":
        parent.remove(node)
        parent.insert(rng.randrange(len(parent) + 1), node)
    elif operation == "rename":
        node.tag = rng.choice((node.tag + "x", rng.choice(nodes).tag))
    elif operation == "retype":
        node.text = rng.choice(WORDS)
    else:
        node.set(rng.choice(("x", "IsEan", "SequenceNumber", "Namespace", "UserDefinedValue")), rng.choice(WORDS))
    return etree.tostring(root, encoding="utf-8", xml_declaration=True), _lines(root, shown)


def _lines(root: Any, shown: list[Any]) -> set[int]:
    """The lines of nodes after writing and reading the message again."""
    again = etree.fromstring(etree.tostring(root, encoding="utf-8", xml_declaration=True))
    order = {id(node): number for number, node in enumerate(root.iter())}
    wanted = {order[id(node)] for node in shown if id(node) in order}
    return {source_line(node) for number, node in enumerate(again.iter()) if number in wanted}


@pytest.mark.parametrize("seed", range(4))
def test_faults_lie_on_or_next_to_what_was_changed(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    path = tmp_path / NAME
    rejected = near = 0
    for _ in range(200):
        content, lines = mutate(rng)
        path.write_bytes(content)
        message = read_message(path, NAME)
        assert isinstance(message, Message)
        if message.schema_faults:
            rejected += 1
            near += any(abs(fault.line - line) <= 1 for fault in message.schema_faults for line in lines)
    assert rejected > 80
    assert near / rejected >= 0.9


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
