"""The rule by which a release folder counts as settled."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ingest.config import Intake
from ingest.core.readiness import Readiness, Short
from ingest.inbound.settle import Act, Decision, View, decide

START = datetime(2026, 3, 23, 12, 0, tzinfo=UTC)
RULE = Intake()
WHOLE = Readiness(True, None, (), (), has_cover=True, has_marker=False, explained=False)
LACKING = replace(WHOLE, missing=("02_Second.wav",))
VIEW = View(
    is_empty=False,
    is_archive=False,
    touched=START,
    writing=False,
    interrupted=False,
    temporary=False,
    connected=True,
    told=False,
    readiness=WHOLE,
)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_a_whole_release_is_sealed_after_thirty_seconds_of_quiet_though_the_client_stays_connected() -> None:
    assert decide(VIEW, RULE, after(29.9)) == Decision(Act.HOLD, after(30))
    assert decide(VIEW, RULE, after(30)) == Decision(Act.SEAL)


def test_a_marker_shortens_the_quiet_to_five_seconds() -> None:
    marked = replace(VIEW, readiness=replace(WHOLE, has_marker=True))
    assert decide(marked, RULE, after(4)) == Decision(Act.HOLD, after(5))
    assert decide(marked, RULE, after(5)) == Decision(Act.SEAL)


def test_a_folder_is_looked_at_once_it_was_quiet_for_five_seconds() -> None:
    unseen = replace(VIEW, readiness=None)
    assert decide(unseen, RULE, after(2)) == Decision(Act.HOLD, after(5))
    assert decide(unseen, RULE, after(6)) == Decision(Act.LOOK)


def test_an_empty_folder_is_given_an_hour_while_its_label_is_connected_and_else_a_quarter() -> None:
    empty = replace(VIEW, is_empty=True, readiness=None)
    assert decide(empty, RULE, after(3599)) == Decision(Act.HOLD, after(3600))
    assert decide(empty, RULE, after(3600)) == Decision(Act.SEAL)
    alone = replace(empty, connected=False)
    assert decide(alone, RULE, after(899)) == Decision(Act.HOLD, after(900))
    assert decide(alone, RULE, after(900)) == Decision(Act.SEAL)


def test_an_archive_is_taken_as_soon_as_it_is_whole_although_its_uploader_is_connected() -> None:
    archive = replace(VIEW, is_archive=True, readiness=None)
    assert decide(archive, RULE, after(29)) == Decision(Act.HOLD, after(30))
    assert decide(archive, RULE, after(30)) == Decision(Act.SEAL)
    assert decide(replace(archive, writing=True), RULE, after(99_999)) == Decision(Act.HOLD)
    assert decide(replace(archive, interrupted=True), RULE, after(30)) == Decision(Act.LOOK)


def test_a_folder_that_is_written_to_is_left_alone() -> None:
    assert decide(replace(VIEW, writing=True), RULE, after(99_999)) == Decision(Act.HOLD)


def test_a_release_with_a_file_missing_is_told_of_once_while_its_uploader_is_connected() -> None:
    lacking = replace(VIEW, readiness=LACKING)
    assert decide(lacking, RULE, after(100)) == Decision(Act.HOLD, after(240))
    assert decide(lacking, RULE, after(240)) == Decision(Act.TELL)
    assert decide(replace(lacking, told=True), RULE, after(241)) == Decision(Act.HOLD, after(3600))
    assert decide(replace(lacking, told=True), RULE, after(3600)) == Decision(Act.SEAL)


def test_an_incomplete_release_is_sealed_within_five_minutes_once_nobody_uploads_any_more() -> None:
    left = replace(VIEW, connected=False, readiness=LACKING)
    assert decide(left, RULE, after(240)) == Decision(Act.SEAL)


def test_a_missing_file_that_stands_there_under_a_near_name_is_judged_within_five_minutes() -> None:
    explained = replace(VIEW, readiness=replace(LACKING, explained=True))
    assert decide(explained, RULE, after(240)) == Decision(Act.SEAL)


def test_a_torn_upload_of_a_whole_file_waits_for_its_resumption_before_it_is_judged() -> None:
    interrupted = replace(VIEW, interrupted=True)
    assert decide(interrupted, RULE, after(30)) == Decision(Act.HOLD, after(240))
    assert decide(interrupted, RULE, after(240)) == Decision(Act.SEAL)


@given(
    quiet=st.floats(0, 10_000),
    writing=st.booleans(),
    interrupted=st.booleans(),
    temporary=st.booleans(),
    connected=st.booleans(),
    told=st.booleans(),
    missing=st.booleans(),
    short=st.booleans(),
    explained=st.booleans(),
)
def test_nothing_is_sealed_early_and_nothing_is_held_for_ever(
    quiet: float,
    writing: bool,
    interrupted: bool,
    temporary: bool,
    connected: bool,
    told: bool,
    missing: bool,
    short: bool,
    explained: bool,
) -> None:
    readiness = replace(
        WHOLE,
        missing=("a.wav",) if missing else (),
        short=(Short("b.wav", 10, 20),) if short else (),
        explained=explained and (missing or short),
    )
    view = View(False, False, START, writing, interrupted, temporary, connected, told, readiness)
    decision = decide(view, RULE, after(quiet))
    whole = not (missing or short or interrupted or temporary)
    if decision.act is Act.SEAL:
        assert not writing
        assert quiet >= (30 if whole else 240)
    if not writing and quiet >= 3600:
        assert decision.act is Act.SEAL or (decision.act is Act.TELL and not told)
    if decision.act is Act.HOLD and not writing:
        assert decision.again is not None and decision.again > after(quiet)


def test_a_batch_whose_marker_is_yet_to_come_is_given_time_to_grow() -> None:
    waiting = replace(VIEW, readiness=replace(WHOLE, awaits_marker=True))
    assert decide(waiting, RULE, after(239)) == Decision(Act.HOLD, after(240))
    assert decide(waiting, RULE, after(240)) == Decision(Act.SEAL)


def test_a_message_of_a_known_release_that_came_alone_is_taken_though_its_client_is_connected() -> None:
    bare = replace(VIEW, readiness=replace(LACKING, explained=True))
    assert decide(bare, RULE, after(239)) == Decision(Act.HOLD, after(240))
    assert decide(bare, RULE, after(240)) == Decision(Act.SEAL)
