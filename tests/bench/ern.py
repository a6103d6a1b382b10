"""CPU time of reading a 60-track message, against a bare lxml parse and validation: `python tests/bench/ern.py`."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from lxml import etree

from ingest.core.message import Message
from ingest.readers.ern import read_message
from ingest.readers.ern.schema import own_schema

EXAMPLE = Path(__file__).parents[1] / "readers" / "ern" / "genuine_example.xml"
TRACKS = 60
ROUNDS = 40


def sixty_tracks() -> str:
    """The genuine example with its second recording sixty times."""
    text = EXAMPLE.read_text("utf-8")
    start = text.index("    <SoundRecording>", text.index("</SoundRecording>"))
    end = text.index("    <Image>")
    track = text[start:end]
    more = (track.replace(">A2<", f">A{n}<").replace(">T4<", f">T{n}<") for n in range(100, 100 + TRACKS - 1))
    return text[:end] + "".join(more) + text[end:]


def cpu(run: Callable[[], object]) -> float:
    started = time.process_time()
    run()
    return time.process_time() - started


def main() -> None:
    schema = etree.XMLSchema(file=str(own_schema()))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.xml"
        path.write_text(sixty_tracks(), "utf-8")
        message = read_message(path, "m.xml")
        assert isinstance(message, Message) and not message.schema_faults
        pairs = [
            (cpu(lambda: schema.assertValid(etree.parse(str(path)))), cpu(lambda: read_message(path, "m.xml")))
            for _ in range(ROUNDS)
        ]
    ratios = sorted(ours / bare for bare, ours in pairs)
    bare, ours = (statistics.median(times) * 1000 for times in zip(*pairs, strict=True))
    print(f"bare {bare:.2f} ms, reader {ours:.2f} ms, ratio {statistics.median(ratios):.2f}", end=" ")
    print(f"({ratios[0]:.2f}-{ratios[-1]:.2f})")


if __name__ == "__main__":
    main()
