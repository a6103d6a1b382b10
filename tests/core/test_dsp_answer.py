"""What answers of DSPs come to, and which shipment each is about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from ingest.core.dsp_answer import AnswerStatus, DspAnswer, shipment_meant, status_of
from ingest.core.file_status import FileStatus


@dataclass(frozen=True)
class Sent:
    message_id: str
    place: int
    sent_at: datetime | None = None


FIRST, SECOND = Sent("M-1", 1, datetime(2026, 3, 20, tzinfo=UTC)), Sent("M-2", 2, datetime(2026, 3, 23, tzinfo=UTC))


WORDS = [status.value for status in FileStatus if status.value not in ("FileOK", "UserDefined")]


@pytest.mark.parametrize("word", WORDS)
def test_every_other_word_of_the_standard_is_a_rejection(word: str) -> None:
    assert status_of([word], "") is AnswerStatus.REJECTED


@pytest.mark.parametrize(
    ("said", "text", "status"),
    [
        (["FileOK"], "", AnswerStatus.ACCEPTED),
        (["SuccessfullyIngestedByReleaseDistributor"], "", AnswerStatus.ACCEPTED),
        (["SuccessfullyIngestedByReleaseDistributor", "FileOK"], "", AnswerStatus.ACCEPTED),
        (["ResourceMissing"], "", AnswerStatus.REJECTED),
        (["ProcessingErrorAtReleaseDistributor"], "", AnswerStatus.REJECTED),
        (["FileOK", "ResourceCorrupt"], "", AnswerStatus.REJECTED),
        (["ReceivedByReleaseDistributor"], "", AnswerStatus.UNCLEAR),
        (["UserDefined"], "the cover is too small", AnswerStatus.REJECTED),
        ([], "", AnswerStatus.UNCLEAR),
        (["NoErrorFound"], "", AnswerStatus.UNCLEAR),
        (["ErrorFree"], "", AnswerStatus.UNCLEAR),
        (["FileOKButLate"], "", AnswerStatus.UNCLEAR),
        (["rejected"], "", AnswerStatus.REJECTED),
        (["fileok"], "", AnswerStatus.ACCEPTED),
        (["ResouceBinariesMissing"], "", AnswerStatus.REJECTED),
    ],
)
def test_status_words_are_understood(said: list[str], text: str, status: AnswerStatus) -> None:
    assert status_of(said, text) is status


def answer(*messages: str, releases: tuple[str, ...] = ("5034567890120",)) -> DspAnswer:
    return DspAnswer(AnswerStatus.ACCEPTED, "FileOK", messages, releases)


def test_an_answer_is_about_its_message_else_about_the_newest_of_its_release() -> None:
    both = (FIRST, SECOND)
    assert shipment_meant(answer("M-1"), both, both) == FIRST
    assert shipment_meant(answer("M-1", "M-2"), both, both) == SECOND
    assert shipment_meant(answer(), (), both) == SECOND
    assert shipment_meant(answer("M-9"), (), both) is None
    assert shipment_meant(answer(), (), ()) is None


def test_an_answer_to_a_delivery_of_one_day_is_not_about_a_later_one() -> None:
    dated = [replace(answer(), sent_on=day) for day in ("2026-03-22", "2026-03-23", "2026-03-19", "yesterday")]
    assert [shipment_meant(one, (), (FIRST, SECOND)) for one in dated] == [FIRST, SECOND, None, SECOND]
