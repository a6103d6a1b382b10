"""What people decide, who they are, and through which face (interface) of the program they decided it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Face(StrEnum):
    """The interfaces through which people use the program."""

    CLI = "cli"
    CONSOLE = "console"
    API = "api"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class By:
    """Who decides: the person's name as the face knows it, and the face."""

    who: str
    face: Face


class DecisionKind(StrEnum):
    """The first six are about a package, those of emails about the package or label of the email.

    The others are about a label.
    """

    APPROVE = "approve"
    REJECT = "reject"
    RETRY = "retry"
    DELIVER = "deliver"
    REDELIVER = "redeliver"
    TAKEDOWN = "takedown"
    RESEND = "resend"
    DROP_EMAIL = "drop-email"
    ADD_LABEL = "add-label"
    SET_TITLE = "set-title"
    SET_EMAILS = "set-emails"
    AGREE_DSPS = "agree-dsps"
    SET_QUOTA = "set-quota"
    SET_KEYS = "set-keys"
    RENEW_PASSWORD = "renew-password"
    ENABLE_LABEL = "enable-label"
    DISABLE_LABEL = "disable-label"
    SET_SANDBOX = "set-sandbox"
    CREATE_KEY = "create-key"
    REVOKE_KEY = "revoke-key"
    ADD_WEBHOOK = "add-webhook"
    REMOVE_WEBHOOK = "remove-webhook"
    ENABLE_WEBHOOK = "enable-webhook"
    DISABLE_WEBHOOK = "disable-webhook"
    ROTATE_WEBHOOK = "rotate-webhook"
    REPLAY_WEBHOOK = "replay-webhook"
    SEND_WEBHOOK = "send-webhook"
