"""Framing: from any chunks of bytes to the same requests, and hostile bytes."""

from __future__ import annotations

import struct
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.inbound.sftp.framing import MAX_PIECES, Framing
from ingest.inbound.sftp.protocol import MAX_PACKET, Kind, ProtocolError, Request, Write
from tests.inbound.sftp.packets import Pair, framed, pairs
from tests.inbound.sftp.raw import packet, string, write


@settings(max_examples=150, deadline=None)
@given(st.lists(pairs(), max_size=6), st.lists(st.integers(0, 5000), max_size=12))
def test_any_packets_in_any_chunking_parse_to_their_requests(made: list[Pair], cuts: list[int]) -> None:
    assert framed(b"".join(packed for packed, _ in made), cuts) == [request for _, request in made]


@settings(max_examples=40, deadline=None)
@given(st.lists(pairs(), min_size=1, max_size=3))
def test_packets_arriving_byte_by_byte_parse_to_their_requests(made: list[Pair]) -> None:
    stream = b"".join(packed for packed, _ in made)
    assert framed(stream, range(len(stream))) == [request for _, request in made]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=5))
def test_random_bytes_end_in_requests_or_a_protocol_error(stream: bytes, cuts: list[int]) -> None:
    with suppress(ProtocolError):
        framed(stream, cuts)


@settings(max_examples=300, deadline=None)
@given(pairs(), st.integers(0, 200), st.integers(0, 255))
def test_a_mutated_packet_followed_by_a_good_one_never_crashes(made: Pair, at: int, byte: int) -> None:
    stream = bytearray(made[0])
    stream[at % len(stream)] = byte
    with suppress(ProtocolError):
        framed(bytes(stream) + packet(Kind.STAT, 1, string(b"/")))


@pytest.mark.parametrize("length", [0, 4, MAX_PACKET + 1, 2**31, 2**32 - 1])
def test_a_length_that_no_packet_may_have_ends_the_session(length: int) -> None:
    with pytest.raises(ProtocolError):
        framed(struct.pack(">IBI", length, Kind.STAT, 1))


def test_a_write_in_one_byte_chunks_is_held_in_few_pieces() -> None:
    taken: list[Request] = []
    framing = Framing(taken.append)
    body = bytes(range(256)) * 20
    for byte in write(1, b"h", 0, body):
        framing.feed(bytes([byte]))
    (request,) = taken
    assert isinstance(request, Write)
    assert len(request.pieces) <= MAX_PIECES
    assert b"".join(request.pieces) == body
