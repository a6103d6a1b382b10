"""The words of the command line for what a person asked for and cannot have: a sentence for each code of flow."""

from __future__ import annotations

from typing import Final

from ingest.core.visible import visible
from ingest.flow.errors import Code, CodedError

WORDS: Final[dict[Code, str]] = {
    Code.PACKAGE_UNKNOWN: "there is no package {package}; `ingest packages` lists them",
    Code.LABEL_UNKNOWN: "there is no label {label!r}; `ingest label list` lists them",
    Code.DSP_UNKNOWN: "there is no DSP {dsp!r} in the configuration; known: {known}",
    Code.TRACK_UNKNOWN: "package {package} has no track {track} that was measured",
    Code.NOT_IN_NEEDS_QC: "package {package} is {status}; only a package in Needs QC can be {decision}",
    Code.TEST_NEVER_APPROVED: "package {package} is a test; a test is never approved",
    Code.NEWER_WENT_OUT: (
        "package {newer} of the same release is {status} and newer; approving package {package} would undo it"
    ),
    Code.NEWER_UPLOAD: "package {newer} is a newer upload of this release; approve that one, or say --anyway",
    Code.FILES_CHANGED: "package {package} is on hold: {changed}",
    Code.NO_DSP_AGREED: "no DSP is agreed with {label}; name one with --dsp, or agree with `label dsps`",
    Code.NOTHING_FOR_DSP: "there is nothing of package {package} to send to {dsp}: {reasons}",
    Code.NOTES_MISSING: "a rejection needs notes: the label must know what to fix",
    Code.NOTHING_FAILED: "package {package} is {status} and nothing of it failed through our fault",
    Code.STILL_TRIED: (
        "of package {package} is still tried, without a command: {tried}; there is nothing to start again yet"
    ),
    Code.EMAIL_UNKNOWN: "there is no email {email}; `ingest emails` lists them",
    Code.SHIPMENT_UNKNOWN: "there is no shipment {shipment}; `ingest show` names those of a package",
    Code.API_KEY_UNKNOWN: "{label} has no key {api-key!r}; `ingest key list {label}` lists them",
    Code.ARTIST_UNKNOWN: "there is no artist {artist!r}",
    Code.ASSET_UNKNOWN: "there is no file {asset!r}",
    Code.BARCODE_TAKEN: "the barcode {barcode} is that of another release, {release}",
    Code.BARCODE_FIXED: "DSPs know this release by its barcode {barcode}, which can no longer change",
    Code.RELEASE_LIVE: "release {release} is with DSPs: take it down first",
    Code.RELEASE_CAME_AS_PACKAGE: "release {release} came as a package; a new upload changes it",
    Code.RELEASE_HAS_ERRORS: "release {release} has errors that must be corrected first: {errors}",
    Code.RELEASE_TAKEN_DOWN: "release {release} was taken down; deliver it again to bring it back",
    Code.RELEASE_TRACK_UNKNOWN: "there is no track {release-track!r}",
    Code.JOB_UNKNOWN: "there is no delivery job {job!r}",
    Code.DSP_NOT_AGREED: "not agreed with this label: {dsps}",
    Code.FILE_UNKNOWN: "{field} names no file of this account",
    Code.NOT_MEDIA: "the file is neither audio nor a JPEG or PNG picture",
    Code.TOO_MANY_TRACKS: "a release has at most {most} tracks",
    Code.RELEASE_UNKNOWN: "there is no release {release!r}: name it by its barcode, its id, or the name of its folder",
    Code.RELEASE_AMBIGUOUS: "several releases are called {release!r}; name one by its id: {candidates}",
    Code.NOT_DELIVERABLE: "nothing of this release is approved or waits for QC: package {package} is {status}",
    Code.DELIVERY_UNDER_WAY: (
        "a delivery of package {package} to {dsp} is under way; `ingest deliveries {package}` says how it stands"
    ),
    Code.DSP_HAS_IT: "{dsp} has this release already; `ingest redeliver` sends what has changed since",
    Code.DSP_HAS_IT_NOT: "{dsp} was never sent this release; `ingest deliver` does that",
    Code.NOTHING_CHANGED: "nothing has changed since it was sent; `--whole` sends all of it once more",
    Code.NOT_AT_A_DSP: "no DSP has this release, nor is any to get it",
    Code.NO_TAKEDOWN_MESSAGE: (
        "{dsps} gets packages as received, so that no takedown can be written: tell them, then name them with --told"
    ),
    Code.REASON_MISSING: "a takedown needs a reason: the label must know why",
    Code.EMAIL_NOT_GIVEN_UP: "email {email} was not given up: it is {state}",
    Code.NO_EMAIL_GIVEN_UP: "no email was given up",
    Code.PASSWORD_FORGOTTEN: (
        "email {email} does not hold the password any more; `ingest label password {label}` makes and sends a new one"
    ),
    Code.PACKAGE_UNREAD: "package {package} has not been read yet",
    Code.FILES_REMOVED: "the files of package {package} have been removed",
    Code.NO_SUCH_FILES: "package {package} has no files to copy: {part}",
    Code.FILES_NOT_SHOWN: "package {package} is not shown: {changed}",
    Code.PATH_REFUSED: "{reason}",
    Code.TRACK_UNDRAWABLE: "track {track} could not be drawn: {reason}",
    Code.LABEL_EXISTS: "there is a label {label} already",
    Code.LABEL_NAME_REFUSED: "a user name has lower-case letters, digits, - and _ only",
    Code.ADDRESS_MISSING: "a label needs an email address",
    Code.ADDRESS_REFUSED: "{address!r} is no email address",
    Code.KEY_REFUSED: "a key is one line with an OpenSSH public key",
    Code.PASSWORD_REFUSED: "a password is one line of {least} to {most} characters",
    Code.PASSWORD_UNSENDABLE: (
        "some programs could not log in with this password: choose one without emoji, and without right-to-left"
        " letters mixed with others or ending in a digit"
    ),
    Code.LOGIN_MISSING: "a label without a password needs a key, else nobody can log in",
    Code.QUOTA_REFUSED: "a quota is a number from 0 to {most}",
    Code.NOT_A_SANDBOX: (
        "{label} is no sandbox, and a test key must never act on real releases: make an account for tests with"
        " `ingest label add NAME --sandbox`, and the key for that one"
    ),
    Code.DSP_IS_SANDBOX: "{dsp} is for trying things out, and {label} is no sandbox: its releases do not go there",
    Code.DSP_IS_LIVE: "{label} is a sandbox: its releases go to DSPs with sandbox = true only, and {dsp} has it not",
    Code.LABEL_HAS_RELEASES: (
        "{label} has releases already: whether an account is a sandbox stays as it is from the first one on; add"
        " another with `ingest label add NAME --sandbox`"
    ),
    Code.API_KEY_NAME_REFUSED: "the name of a key has at most {most} printable characters",
    Code.API_USER_REFUSED: "the id of a user has 1 to {most} printable characters",
    Code.API_TOKEN_TIME_REFUSED: "a token is valid for {least} to {most} seconds",
    Code.ENDPOINT_UNKNOWN: "there is no endpoint {endpoint!r}; `ingest webhook list` names them",
    Code.WEBHOOK_UNKNOWN: "there is no webhook {webhook!r}; `ingest webhook log` names those of an endpoint",
    Code.URL_REFUSED: "the URL cannot be used: {reason}",
    Code.EVENT_REFUSED: "there is no event {event!r}; there are {known}",
    Code.TOO_MANY_ENDPOINTS: "{label} has {most} endpoints, which is the most; `ingest webhook remove` removes one",
    Code.ENDPOINT_DISABLED: "endpoint {endpoint} is disabled; `ingest webhook enable` lets it get webhooks again",
    Code.WEBHOOK_STILL_OWED: "webhook {webhook} is still tried, without a command",
    Code.SECRET_UNREADABLE: "the secret of endpoint {endpoint} cannot be read: {reason}",
    Code.PAYOUT_REFUSED: "the payout cannot be told: {reason}",
    Code.NOBODY_LISTENS: "no endpoint of {label} gets {event}, or all were told of this already",
}

LONGEST: Final = 5000
"""Characters of a value that are shown: the path of a file may be 4096 long."""


def words(error: CodedError, sentence: str = "") -> str:
    """One line: the sentence of the error's code, or another `sentence` with its values.

    What labels wrote among the values is made visible; an empty tuple is `none`.
    """
    said = {name: _said(value) for name, value in error.values.items()}
    return (sentence or WORDS[error.code]).format_map(said)


def _said(value: object) -> object:
    if isinstance(value, tuple):
        return visible(", ".join(map(str, value)), LONGEST) or "none"
    return visible(value, LONGEST) if isinstance(value, str) else value
