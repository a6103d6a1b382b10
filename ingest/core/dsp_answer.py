"""What a DSP answered about a message: that it took the release, or why not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol, TypeVar

from ingest.core.dates import day


class AnswerStatus(StrEnum):
    """What an answer comes to; the values are stored."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class DspAnswer:
    """One answer. `said` is the DSP's own word for the status, `text` its explanation, `action` what it proposes.

    It is about the messages in `message_ids`; where it names none, about the release with one of `release_ids`.
    `needs_person`: somebody must look at the material before it is sent again; None where that is not said. `sent_on`
    is the day of the delivery that it is about, as written; empty where it names none.
    """

    status: AnswerStatus
    said: str
    message_ids: tuple[str, ...] = ()
    release_ids: tuple[str, ...] = ()
    text: str = ""
    action: str = ""
    needs_person: bool | None = None
    resources: tuple[str, ...] = ()
    sent_on: str = ""


@dataclass(frozen=True, slots=True)
class DspAnswers:
    """All answers of one file; none where it is no acknowledgement that can be read. `problem` then says why.

    `created` is when the DSP made it, as written.
    """

    answers: tuple[DspAnswer, ...] = ()
    problem: str = ""
    created: str = ""


ACCEPTING: Final = re.compile(r"(?i:FileOK|MessageOK|Accepted|SuccessfullyIngested\w*)")
"""The words by which a DSP says that it took a release (choreography 1.6 and 1.7)."""
REJECTING: Final = re.compile(
    r"(?i:ProcessingError\w*|Rejected\w*|\w*(Invalid|Missing|Corrupt|Rejected|Failed|NotMeetingSpecifications)"
    r"|NoDeal\w*|Unsupported\w*|Conflicting\w*|Duplicated\w*|InternalError|ArtistRoleUnknown|SignatureOrHash\w*"
    r"|OriginalReleaseDateLater\w*)"
)
"""The words by which it says that it did not: those of the standard, and others that can mean nothing else."""


def status_of(said: Sequence[str], text: str) -> AnswerStatus:
    """What the status words of an answer come to; `text` is its explanation of an error."""
    if any(REJECTING.fullmatch(word) for word in said):
        return AnswerStatus.REJECTED
    if said and all(ACCEPTING.fullmatch(word) for word in said):
        return AnswerStatus.ACCEPTED
    return AnswerStatus.REJECTED if text else AnswerStatus.UNCLEAR


def may_resend(answer: DspAnswer) -> bool:
    """Whether the DSP asks for the same once more and says that nobody must look at it before (choreography 1.7)."""
    asks = answer.action.casefold().startswith("resendxml")
    return answer.status is AnswerStatus.REJECTED and answer.needs_person is False and asks


class Sent(Protocol):
    """What `shipment_meant` needs of a shipment."""

    @property
    def message_id(self) -> str: ...
    @property
    def place(self) -> int: ...
    @property
    def sent_at(self) -> datetime | None: ...


AnyShipment = TypeVar("AnyShipment", bound=Sent)


def shipment_meant(
    answer: DspAnswer, by_message: Sequence[AnyShipment], of_release: Sequence[AnyShipment]
) -> AnyShipment | None:
    """The shipment that an answer is about: that with its message, else the newest of its release; None for neither.

    Where it names a day, later shipments are not meant. `by_message` are shipments to the DSP with one of the answer's
    messages, `of_release` those of its release that were sent.
    """
    named = [one for one in by_message if one.message_id in answer.message_ids]
    if named:
        return max(named, key=lambda one: one.place)
    if answer.message_ids:
        return None  # of a message that we did not send
    named_day = day(answer.sent_on)
    sent = [one for one in of_release if named_day is None or one.sent_at is None or one.sent_at.date() <= named_day]
    return max(sent, key=lambda one: one.place, default=None)
