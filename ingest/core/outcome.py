"""What one attempt at owed work came to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Done:
    """It is done; done already by an earlier attempt is done too."""


@dataclass(frozen=True, slots=True)
class Superseded:
    """Nothing was done, because the receiver has what the package of the number `by` brought, which is newer."""

    by: int


@dataclass(frozen=True, slots=True)
class Failed:
    """It failed; `reason` says why in words for ops. `permanent`: no later attempt can go better."""

    reason: str
    permanent: bool = False


Outcome = Done | Superseded | Failed
