"""Files made for DSPs, each in one child and proved by another.

What is guaranteed: a child reaches one file to read and one to write, so whatever a hostile file does to the child that
it is parsed in is done to the file made of it alone. Digests are those that another child tells before it parses that
file. The same child decodes it, with another decoder than wrote it, and has never seen the source: as long as the first
one did its work, equal MD5s prove that the samples are those of the source. One that was taken over may write other
sound, but only into the file made of the source that took it over, and only as a whole FLAC or JPEG of the right shape.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from ingest.core.conversion import Conversion, Converted, Form, NotConverted
from ingest.core.facts import ArtworkFacts
from ingest.core.sent_file import SentAudio, SentImage
from ingest.readers.answers import WrongAnswer
from ingest.readers.claims import sha256_of
from ingest.readers.conversion.answers import Made, Sound
from ingest.readers.dossier import ReaderSettings
from ingest.readers.fork_client import Failure, Hashes, Request
from ingest.readers.json_values import from_answer
from ingest.readers.sealed import CHANGED, stamp_of
from ingest.readers.turns import Share

DIGESTS: Final = {"md5": 32, "sha1": 40, "sha256": 64}
PIXEL: Final = 6
"""Bytes of a written cover for each pixel, at the most."""
COST: Final = {Form.FLAC: 2.0, Form.SRGB_JPEG: 40.0}
"""How much longer a byte takes than one of a WAV that is read."""

LEAST_OF_TRACK: Final = 1 << 20
"""Bytes that a written track may have, however short it is."""

Result = Converted | NotConverted


def convert(reading: ReaderSettings, conversions: Sequence[Conversion]) -> list[Result]:
    """Make the files, in the order of `conversions`; what a file is made into may be FLAC or SRGB_JPEG.

    Raises PoolClosed.
    """
    made = _make(reading, conversions)
    results: dict[int, Result] = {at: one for at, one in enumerate(made) if isinstance(one, NotConverted)}
    todo = [(at, conversions[at], *one) for at, one in enumerate(made) if not isinstance(one, NotConverted)]
    results |= _prove(reading, todo)
    return [results[at] for at in range(len(conversions))]


_Todo = tuple[int, Conversion, Made, str]


def _make(reading: ReaderSettings, conversions: Sequence[Conversion]) -> list[tuple[Made, str] | NotConverted]:
    """What a child says of each file that it wrote, and the SHA-256 of the source from before it parsed that."""

    def accept(_: int, answer: Any, hashes: Hashes) -> tuple[Made, str]:
        return from_answer(Made, answer), sha256_of(hashes.get("sha256"))

    requests = [_request(one, reading) for one in conversions]
    costs = [one.stamp[2] * COST[one.form] for one in conversions]
    answers = reading.pool.read(requests, reading.limits, accept=accept, share=Share(reading.label, costs))
    return [_outcome(one, answer) for one, answer in zip(conversions, answers, strict=True)]


def _request(one: Conversion, reading: ReaderSettings) -> Request:
    is_track = one.form is Form.FLAC
    most = most_of_track(one.stamp[2]) if is_track else int(PIXEL * reading.max_pixels)
    return {
        "read": "flac" if is_track else "cover",
        "path": one.source,
        "name": one.name,
        "stamp": one.stamp,
        "hashes": ["sha256"],
        "max_pixels": reading.max_pixels,
        "out": one.target,
        "most_bytes": most,
    }


def most_of_track(size: int) -> int:
    """Bytes of the FLAC made of a source of `size`: noise takes a little more than its samples, never twice as much."""
    return max(2 * size, LEAST_OF_TRACK)


def _outcome(one: Conversion, answer: Any) -> tuple[Made, str] | NotConverted:
    if isinstance(answer, Failure):
        reason = f"{one.name}: {answer.reason.removeprefix(f'{one.name} ')}"
        return NotConverted(reason, answer.is_final, is_crash=not answer.is_final)
    made, digest = answer
    if made.refused:
        return NotConverted(f"{one.name}: {made.refused}", permanent=True)
    if made.unwritten:
        return NotConverted(f"{one.target} could not be written: {made.unwritten}", permanent=False)
    return made, digest


def _prove(reading: ReaderSettings, todo: list[_Todo]) -> dict[int, Result]:
    """Have the written files hashed and decoded by children that know nothing of their sources."""
    requests = [_proof(one, reading) for _, one, _, _ in todo]

    def accept(index: int, answer: Any, hashes: Hashes) -> tuple[Sound | ArtworkFacts, Hashes]:
        kind: type[Sound] | type[ArtworkFacts] = Sound if todo[index][1].form is Form.FLAC else ArtworkFacts
        return from_answer(kind, answer), _digests(hashes)

    costs = [float(request["stamp"][2]) for request in requests]
    answers = reading.pool.read(requests, reading.limits, accept=accept, share=Share(reading.label, costs))
    return {
        at: _proved(one, made, digest, request, answer)
        for (at, one, made, digest), request, answer in zip(todo, requests, answers, strict=True)
    }


def _proof(one: Conversion, reading: ReaderSettings) -> Request:
    stamp = stamp_of(Path(one.target).stat(follow_symlinks=False))
    place = {"path": one.target, "name": one.name, "stamp": stamp, "hashes": list(DIGESTS)}
    if one.form is Form.FLAC:
        return {"read": "flac-proof", **place}
    return {"read": "artwork", "max_pixels": reading.max_pixels, **place}


def _digests(hashes: Hashes) -> Hashes:
    if hashes.keys() != DIGESTS.keys():
        raise WrongAnswer
    if not all(re.fullmatch(f"[0-9a-f]{{{DIGESTS[kind]}}}", digest) for kind, digest in hashes.items()):
        raise WrongAnswer
    return hashes


def _proved(one: Conversion, made: Made, digest: str, request: Request, answer: Any) -> Result:
    if isinstance(answer, Failure):
        reason = f"what was made of {one.name} {CHANGED}" if CHANGED in answer.reason else answer.reason
        return NotConverted(f"{one.name}, decoded again: {reason}", answer.is_final, is_crash=not answer.is_final)
    found, hashes = answer
    result = Converted(digest, request["stamp"][2], hashes["md5"], hashes["sha1"], hashes["sha256"])
    if isinstance(found, Sound):
        if fault := found.fault or _difference(made, found):
            return NotConverted(f"{one.name}, decoded again: {fault}", permanent=True)
        seconds = found.frames / found.sample_rate
        sound = SentAudio("FLAC", found.sample_rate, found.bits, found.channels, seconds)
        return replace(result, audio=sound)
    if not _is_plain(found) or (found.width, found.height) != (made.width, made.height):
        return NotConverted(f"{one.name}, decoded again: it is no plain JPEG of the same size", permanent=True)
    return replace(result, image=SentImage("JPEG", made.width, made.height))


def _difference(made: Made, found: Sound) -> str:
    is_same = (found.samples, found.frames) == (made.samples, made.frames)
    return "" if is_same and found.sample_rate > 0 else "its samples are not those of the source"


def _is_plain(facts: ArtworkFacts) -> bool:
    """Whether it is an upright baseline JPEG of 8 bits in three colours, without a profile, and whole."""
    form = (facts.format, facts.mode, facts.depth, facts.orientation in (None, 1), facts.damage)
    odd = (facts.has_icc, facts.is_progressive, facts.is_mpo, facts.is_transparent)
    return form == ("JPEG", "RGB", 8, True, None) and not any(odd)
