"""What people decide, who they are, and through which face of the program they decided it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Face(StrEnum):
    """Where a person meets the program."""

    CLI = "cli"
    CONSOLE = "console"
    API = "api"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class By:
    """Who decides, by the name that the face knows the person by, and through which face."""

    who: str
    face: Face


class DecisionKind(StrEnum):
    """The first three are about a package, the others about a label."""

    APPROVE = "approve"
    REJECT = "reject"
    RETRY = "retry"
    ADD_LABEL = "add-label"
    SET_TITLE = "set-title"
    SET_EMAILS = "set-emails"
    AGREE_DSPS = "agree-dsps"
    SET_QUOTA = "set-quota"
    SET_KEYS = "set-keys"
    RENEW_PASSWORD = "renew-password"
    ENABLE_LABEL = "enable-label"
    DISABLE_LABEL = "disable-label"
