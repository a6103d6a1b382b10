"""What reading and judging the XML of a 60-track message costs beside a bare lxml parse and schema validation of the
same file, interleaved; then time and memory of messages up to 10 MB, each in a process of its own.

`python -m tests.bench.ern`; media are stubbed. Ratios are ours over bare.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from lxml import etree

from ingest.core.finding import Severity
from ingest.core.message import Message
from ingest.readers.ern.message import read_message
from ingest.readers.ern.schema import own_schema
from ingest.rules import check
from tests.ern.judged import NAME, judge, stubbed
from tests.messages import Sheet, ern_xml
from tests.rules.dossiers import POLICY

TRACKS = 60
ROUNDS = 60
SIZES = (1_000_000, 2_500_000, 5_000_000, 10_000_000)


def album(tracks: int) -> str:
    """A genuine ERN message with a release per track, groups, references and deals."""
    titles = tuple(f"Song {number} of the night" for number in range(1, tracks + 1))
    return ern_xml(Sheet(title="Night", type="Album", tracks=titles))


def read(path: Path) -> Message:
    message = read_message(path, NAME)
    assert isinstance(message, Message), message
    return message


def cpu(run: Callable[[], object]) -> float:
    started = time.process_time()
    run()
    return time.process_time() - started


def side_by_side(path: Path) -> None:
    schema = etree.XMLSchema(file=str(own_schema()))
    assert schema.validate(etree.parse(str(path)))
    dossier = stubbed(read(path))
    assert {finding.severity for finding in check(dossier, POLICY)} <= {Severity.INFO}
    rounds = [
        (
            cpu(lambda: schema.assertValid(etree.parse(str(path)))),
            cpu(lambda: read(path)),
            cpu(lambda: check(dossier, POLICY)),
        )
        for _ in range(ROUNDS)
    ]
    bare, reading, judging = (statistics.median(times) * 1000 for times in zip(*rounds, strict=True))
    ratios = statistics.quantiles([(ours + more) / least for least, ours, more in rounds], n=20)
    print(
        f"{TRACKS} tracks, {path.stat().st_size / 1000:.0f} KB: bare {bare:.2f} ms, reading {reading:.2f} ms,", end=" "
    )
    print(f"judging {judging:.2f} ms: {statistics.median(ratios):.2f} times", end=" ")
    print(f"(nine rounds of ten between {ratios[0]:.2f} and {ratios[-1]:.2f})")


def alone(path: Path) -> None:
    """In a process of its own: seconds of CPU and the peak of memory in MB, as JSON."""
    before = time.process_time()
    findings = judge(read(path))
    used = time.process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"cpu": used, "peak": peak, "findings": len(findings)}))


def grown(folder: Path) -> None:
    per_track = len(album(200)) / 200
    for size in SIZES:
        path = folder / f"{size}.xml"
        path.write_text(album(int(size / per_track)), "utf-8")
        command = [sys.executable, "-m", "tests.bench.ern", str(path)]
        told = subprocess.run(command, capture_output=True, text=True, check=True)
        one, megabytes = json.loads(told.stdout), path.stat().st_size / 1e6
        print(f"{megabytes:5.2f} MB: {one['cpu']:.2f} s, {one['cpu'] / megabytes:.3f} s per MB,", end=" ")
        print(f"peak {one['peak']:.0f} MB, {one['findings']} findings")


def main() -> None:
    if len(sys.argv) > 1:
        alone(Path(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "sixty.xml"
        path.write_text(album(TRACKS), "utf-8")
        side_by_side(path)
        grown(folder)


if __name__ == "__main__":
    main()
