"""Every valid message is accepted, whatever its author chose; a broken one is told of where it is broken."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.core.finding import Severity
from ingest.core.message import Dialect, Message
from ingest.readers.ern.message import read_message
from tests.ern.generate import Generated, messages
from tests.ern.judged import NAME, judge
from tests.ern.mutants import verdicts

SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def read(folder: Path, written: Generated) -> Message:
    path = folder / NAME
    path.write_bytes(written.data)
    message = read_message(path, NAME)
    assert isinstance(message, Message), message
    return message


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(written=st.booleans().flatmap(lambda guide: messages(guide=guide)))
def test_a_valid_message_has_no_schema_fault_and_no_error(tmp_path: Path, written: Generated) -> None:
    message = read(tmp_path, written)
    assert message.schema_faults == ()
    assert [finding for finding in judge(message) if finding.severity is Severity.ERROR] == []


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(written=st.booleans().flatmap(lambda guide: messages(guide=guide)))
def test_a_message_is_read_as_its_author_meant_it(tmp_path: Path, written: Generated) -> None:
    message, plan = read(tmp_path, written), written.plan
    recordings = [message.recording_of(track) for track in message.tracks]
    release = message.main_release
    assert release is not None
    assert release.barcode is not None
    assert message.release_date is not None
    assert (release.barcode.value, message.release_date.value) == (plan.barcode, str(plan.released))
    assert [kind.value for kind in release.types] == [plan.type]
    assert [(one.isrc and one.isrc.value, one.duration_seconds) for one in recordings] == [
        (track.isrc, float(track.seconds)) for track in plan.tracks
    ]
    assert [one.technical_details[0].files[0].name.value for one in recordings] == [track.file for track in plan.tracks]
    assert [[artist.name and artist.name.value for artist in one.display_artists] for one in recordings] == [
        [name for name in (track.artist, track.guest) if name is not None] for track in plan.tracks
    ]


@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@given(written=messages(guide=False, most=8))
def test_genuine_messages_are_read_without_rewriting(tmp_path: Path, written: Generated) -> None:
    message = read(tmp_path, written)
    assert (message.dialect, message.rewrites) == (Dialect.ERN, ())


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_what_a_change_broke_is_named_on_or_next_to_the_change(tmp_path: Path, seed: int) -> None:
    rejected = [verdict for verdict in verdicts(Random(seed), 250, tmp_path) if verdict.is_rejected]
    assert len(rejected) > 125
    assert sum(verdict.is_near for verdict in rejected) >= 0.93 * len(rejected)
    assert sum(verdict.is_single for verdict in rejected) >= 0.93 * len(rejected)
