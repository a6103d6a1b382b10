"""Mutated headers of sounds and pictures through the sandboxed readers: `python -m tests.fuzz.media [COUNT [SEED]]`.

Whatever the bytes, facts must come back: no crash, no hang, no memory over the limit. A file for which none came is
kept beside, and the exit status is 1.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from ingest.readers.fork_client import Answer, Failure, Limits, Request
from ingest.readers.pool import Pool
from tests import signals
from tests.readers.test_artwork import saved, scene

LIMITS: Final = Limits(memory_bytes=1_000_000_000, cpu_seconds=10, wall_seconds=60)
COUNT: Final = 20_000
AT_ONCE: Final = 200
HEADER: Final = 128
EDGES: Final = (0, 1, 0x7F, 0x80, 0xFE, 0xFF)
NUMBERS: Final = (0, 1, 2, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)


@cache
def originals() -> dict[str, bytes]:
    """Good files by name, short enough that most of a file is its header."""
    note, small = signals.music(0.05, 44100), scene(48)
    return {
        "16.wav": signals.wav(note),
        "24.wav": signals.wav(note, bits=24),
        "float.wav": signals.float_wav(note),
        "rf64.wav": signals.rf64(note),
        "plain.aiff": signals.aiff(note),
        "sowt.aifc": signals.aiff(note, kind=b"sowt"),
        "blocks.flac": signals.flac(note, blocks=(192, 576)),
        "24.flac": signals.flac(note, bits=24),
        "baseline.jpg": saved(small, "JPEG"),
        "progressive.jpg": saved(small, "JPEG", progressive=True),
        "cmyk.jpg": saved(small.convert("CMYK"), "JPEG"),
        "colour.png": saved(small, "PNG"),
        "palette.png": saved(small.convert("P"), "PNG"),
    }


def mutated(data: bytes, chance: random.Random) -> bytes:
    """A few bytes or whole numbers of the header changed; sometimes cut, doubled, shortened or lengthened too."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(min(HEADER, len(changed)))
        if chance.random() < 0.3:
            width, order = chance.choice((2, 4, 8)), chance.choice(("big", "little"))
            number = chance.choice(NUMBERS) % (1 << 8 * width)
            changed[place : place + width] = number.to_bytes(width, "big" if order == "big" else "little")
        else:
            changed[place] = chance.choice((*EDGES, chance.randrange(256)))
    kind, place = chance.randrange(8), chance.randrange(len(changed))
    if kind == 0:
        del changed[place:]
    elif kind == 1:
        del changed[place : place + chance.randint(1, 9)]
    elif kind == 2:
        changed[place:place] = chance.randbytes(chance.randint(1, 9))
    elif kind == 3:
        changed += changed[: chance.randint(1, HEADER)]
    return bytes(changed)


def requests(folder: Path, seeds: range) -> Iterator[Request]:
    """One mutant for each seed, written below `folder`."""
    for seed in seeds:
        chance = random.Random(seed)
        name, data = chance.choice(list(originals().items()))
        path = folder / f"{seed}-{name}"
        path.write_bytes(mutated(data, chance))
        request = {"path": str(path), "name": path.name}
        if path.suffix in (".jpg", ".png"):
            yield {"read": "artwork", "max_pixels": 1_000_000, **request}
        else:
            yield {"read": "audio", "silence_level": -60.0, "max_duration": 43_200.0, "hashes": ["sha256"], **request}


def run(pool: Pool, folder: Path, seeds: range) -> dict[Path, Answer]:
    """What the readers answered for each mutant of these seeds."""
    asked = list(requests(folder, seeds))
    return dict(zip((Path(one["path"]) for one in asked), pool.read(asked, LIMITS), strict=True))


def outcome(answer: Answer) -> str:
    """What became of a mutant: the damages found, `whole`, or the failure."""
    if isinstance(answer, Failure):
        return f"FAILURE {answer.reason.strip().splitlines()[-1]}"
    damages = answer.get("damages", [answer["damage"]] if answer.get("damage") else [])
    return str(damages[0]["kind"] if isinstance(damages[0], dict) else damages[0]) if damages else "no damage"


def main(count: int = COUNT, first: int = 0) -> int:
    pool, seen, failed, started = Pool(), Counter[str](), 0, time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        for start in range(first, first + count, AT_ONCE):
            for path, answer in run(pool, Path(name), range(start, min(start + AT_ONCE, first + count))).items():
                seen[outcome(answer)] += 1
                if isinstance(answer, Failure):
                    failed += 1
                    kept = Path(f"mutant-{path.name}")
                    kept.write_bytes(path.read_bytes())
                    print(f"{kept}: {answer.reason}", flush=True)
                path.unlink()
    pool.close()
    for what, times in seen.most_common():
        print(f"{times:>7} {what}")
    print(f"{count} mutants in {time.monotonic() - started:.0f} s, {failed} without facts")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in sys.argv[1:3])))
