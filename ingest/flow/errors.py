"""What a person asked for and cannot have, as a code with values; each face of the program words it for its own user.

A value is a number, a text, or a tuple of texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal


class Code(StrEnum):
    """Why something cannot be done. Codes are stable: programs compare them."""

    PACKAGE_UNKNOWN = "package-unknown"
    LABEL_UNKNOWN = "label-unknown"
    DSP_UNKNOWN = "dsp-unknown"
    TRACK_UNKNOWN = "track-unknown"
    EMAIL_UNKNOWN = "email-unknown"
    SHIPMENT_UNKNOWN = "shipment-unknown"
    API_KEY_UNKNOWN = "api-key-unknown"
    ENDPOINT_UNKNOWN = "endpoint-unknown"
    WEBHOOK_UNKNOWN = "webhook-unknown"
    RELEASE_UNKNOWN = "release-unknown"
    ARTIST_UNKNOWN = "artist-unknown"
    ASSET_UNKNOWN = "asset-unknown"
    JOB_UNKNOWN = "job-unknown"
    RELEASE_TRACK_UNKNOWN = "release-track-unknown"

    BARCODE_TAKEN = "barcode-taken"
    BARCODE_FIXED = "barcode-fixed"
    RELEASE_LIVE = "release-live"
    RELEASE_CAME_AS_PACKAGE = "release-came-as-package"
    RELEASE_HAS_ERRORS = "release-has-errors"
    RELEASE_TAKEN_DOWN = "release-taken-down"
    TOO_MANY_TRACKS = "too-many-tracks"
    NOT_MEDIA = "not-media"
    FILE_UNKNOWN = "file-unknown"
    DSP_NOT_AGREED = "dsp-not-agreed"
    RELEASE_AMBIGUOUS = "release-ambiguous"

    NOT_IN_NEEDS_QC = "not-in-needs-qc"
    TEST_NEVER_APPROVED = "test-never-approved"
    NEWER_WENT_OUT = "newer-went-out"
    NEWER_UPLOAD = "newer-upload"
    FILES_CHANGED = "files-changed"
    NO_DSP_AGREED = "no-dsp-agreed"
    NOTHING_FOR_DSP = "nothing-for-dsp"
    NOTES_MISSING = "notes-missing"
    NOTHING_FAILED = "nothing-failed"

    NOT_DELIVERABLE = "not-deliverable"
    DELIVERY_UNDER_WAY = "delivery-under-way"
    DSP_HAS_IT = "dsp-has-it"
    DSP_HAS_IT_NOT = "dsp-has-it-not"
    NOTHING_CHANGED = "nothing-changed"
    NOT_AT_A_DSP = "not-at-a-dsp"
    NO_TAKEDOWN_MESSAGE = "no-takedown-message"
    REASON_MISSING = "reason-missing"
    STILL_TRIED = "still-tried"

    EMAIL_NOT_GIVEN_UP = "email-not-given-up"
    NO_EMAIL_GIVEN_UP = "no-email-given-up"
    PASSWORD_FORGOTTEN = "password-forgotten"

    PACKAGE_UNREAD = "package-unread"
    FILES_REMOVED = "files-removed"
    NO_SUCH_FILES = "no-such-files"
    FILES_NOT_SHOWN = "files-not-shown"
    PATH_REFUSED = "path-refused"
    TRACK_UNDRAWABLE = "track-undrawable"

    LABEL_EXISTS = "label-exists"
    LABEL_NAME_REFUSED = "label-name-refused"
    ADDRESS_MISSING = "address-missing"
    ADDRESS_REFUSED = "address-refused"
    KEY_REFUSED = "key-refused"
    PASSWORD_REFUSED = "password-refused"
    PASSWORD_UNSENDABLE = "password-unsendable"
    LOGIN_MISSING = "login-missing"
    QUOTA_REFUSED = "quota-refused"

    NOT_A_SANDBOX = "not-a-sandbox"
    DSP_IS_SANDBOX = "dsp-is-sandbox"
    DSP_IS_LIVE = "dsp-is-live"
    LABEL_HAS_RELEASES = "label-has-releases"
    API_KEY_NAME_REFUSED = "api-key-name-refused"
    API_USER_REFUSED = "api-user-refused"
    API_TOKEN_TIME_REFUSED = "api-token-time-refused"
    URL_REFUSED = "url-refused"
    EVENT_REFUSED = "event-refused"
    TOO_MANY_ENDPOINTS = "too-many-endpoints"
    ENDPOINT_DISABLED = "endpoint-disabled"
    WEBHOOK_STILL_OWED = "webhook-still-owed"
    SECRET_UNREADABLE = "secret-unreadable"
    PAYOUT_REFUSED = "payout-refused"
    NOBODY_LISTENS = "nobody-listens"


class CodedError(Exception):
    """A code with the values that its sentence needs; raised as one of the three classes below.

    Its text is for logs.
    """

    def __init__(self, code: Code, **values: object) -> None:
        super().__init__(code, values)
        self.code = code
        self.values: Mapping[str, object] = values

    def __str__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self.values.items())
        return f"{self.code}: {values}" if values else self.code.value


Asked = (
    Literal["package", "label", "dsp", "track", "email", "shipment"]
    | Literal["api-key", "endpoint", "webhook", "release", "artist", "asset", "job", "release-track"]
)


class NotFound(CodedError):
    """There is none of this number, id or name; the value `what` is what was asked for."""

    def __init__(self, what: Asked, which: object, **values: object) -> None:
        super().__init__(Code(f"{what}-unknown"), **{what: which}, **values)


class Conflict(CodedError):
    """It cannot be done in the present state, but may be possible later."""


class Refused(CodedError):
    """It can never be done as it was asked for."""
