"""What a DSP answered about a message: that it took the release, or why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol, TypeVar


class AnswerStatus(StrEnum):
    """What an answer comes to; the values are stored."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class DspAnswer:
    """One answer. `said` is the DSP's own word for the status, `text` its explanation, `action` what it proposes.

    It is about the messages in `message_ids`; where it names none, about the release with one of `release_ids`.
    `needs_person`: somebody must look at the material before it is sent again; None where that is not said.
    """

    status: AnswerStatus
    said: str
    message_ids: tuple[str, ...] = ()
    release_ids: tuple[str, ...] = ()
    text: str = ""
    action: str = ""
    needs_person: bool | None = None
    resources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DspAnswers:
    """All answers of one file; none where it is no acknowledgement that can be read. `problem` then says why."""

    answers: tuple[DspAnswer, ...] = ()
    problem: str = ""


ACCEPTING: Final = ("FileOK", "SuccessfullyIngested", "MessageOK")
"""How the words begin by which a DSP says that it took a release (choreography 1.6 and 1.7)."""
REJECTING: Final = ("Invalid", "Error", "Missing", "Corrupt", "NotMeeting", "Wrong", "Unknown", "Rejected", "NoDeal")
"""What stands in the words by which a DSP says that it did not."""


def status_of(said: Sequence[str], text: str) -> AnswerStatus:
    """What the status words of an answer come to; `text` is its explanation of an error."""
    if any(mark in word for word in said for mark in REJECTING):
        return AnswerStatus.REJECTED
    if said and all(word.startswith(ACCEPTING) for word in said):
        return AnswerStatus.ACCEPTED
    return AnswerStatus.REJECTED if text else AnswerStatus.UNCLEAR


class Sent(Protocol):
    """What `shipment_meant` needs of a shipment."""

    @property
    def message_id(self) -> str: ...
    @property
    def place(self) -> int: ...


AnyShipment = TypeVar("AnyShipment", bound=Sent)


def shipment_meant(
    answer: DspAnswer, by_message: Sequence[AnyShipment], of_release: Sequence[AnyShipment]
) -> AnyShipment | None:
    """The shipment that an answer is about: that with its message, else the newest of its release; None for neither.

    `by_message` are shipments to the DSP with one of the answer's messages, `of_release` those of its release.
    """
    named = [one for one in by_message if one.message_id in answer.message_ids]
    if named:
        return max(named, key=lambda one: one.place)
    if answer.message_ids:
        return None  # of a message that we did not send
    return max(of_release, key=lambda one: one.place, default=None)
