"""What one attempt at owed work came to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Done:
    """The work is done, by this attempt or by an earlier one."""


@dataclass(frozen=True, slots=True)
class Superseded:
    """Nothing was done, because the receiver already has the package of the number `by`, which is newer."""

    by: int


@dataclass(frozen=True, slots=True)
class Waits:
    """Nothing was done and nothing is wrong: it is not its turn; `reason` says what for. `until`: not before then."""

    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The attempt failed; `reason` says why in words for ops. `permanent`: no later attempt can succeed.

    Of several receivers, `reached` have it all the same, and `refused` never get it. `in_doubt`: it may have succeeded,
    so that each further attempt may be one too many.
    """

    reason: str
    permanent: bool = False
    reached: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    in_doubt: bool = False


Outcome = Done | Superseded | Waits | Failed
