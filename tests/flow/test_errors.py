"""Errors as codes and values: which there are, and what is written of them into a log."""

from __future__ import annotations

from typing import Literal

import pytest

from ingest.flow.errors import Code, CodedError, Conflict, NotFound, Refused

CODES = [
    "package-unknown",
    "label-unknown",
    "dsp-unknown",
    "track-unknown",
    "email-unknown",
    "shipment-unknown",
    "api-key-unknown",
    "endpoint-unknown",
    "webhook-unknown",
    "release-unknown",
    "artist-unknown",
    "asset-unknown",
    "job-unknown",
    "release-track-unknown",
    "barcode-taken",
    "barcode-fixed",
    "release-live",
    "release-came-as-package",
    "release-has-errors",
    "release-taken-down",
    "too-many-tracks",
    "not-media",
    "file-unknown",
    "dsp-not-agreed",
    "release-ambiguous",
    "not-in-needs-qc",
    "test-never-approved",
    "newer-went-out",
    "newer-upload",
    "files-changed",
    "no-dsp-agreed",
    "nothing-for-dsp",
    "notes-missing",
    "nothing-failed",
    "not-deliverable",
    "delivery-under-way",
    "dsp-has-it",
    "dsp-has-it-not",
    "nothing-changed",
    "not-at-a-dsp",
    "no-takedown-message",
    "reason-missing",
    "still-tried",
    "email-not-given-up",
    "no-email-given-up",
    "password-forgotten",
    "package-unread",
    "files-removed",
    "no-such-files",
    "files-not-shown",
    "path-refused",
    "track-undrawable",
    "label-exists",
    "label-name-refused",
    "address-missing",
    "address-refused",
    "key-refused",
    "password-refused",
    "password-unsendable",
    "login-missing",
    "quota-refused",
    "not-a-sandbox",
    "dsp-is-sandbox",
    "dsp-is-live",
    "label-has-releases",
    "api-key-name-refused",
    "api-user-refused",
    "api-token-time-refused",
    "url-refused",
    "event-refused",
    "too-many-endpoints",
    "endpoint-disabled",
    "webhook-still-owed",
    "secret-unreadable",
    "payout-refused",
    "nobody-listens",
]
"""Programs compare them: one may be added, none may change."""


def test_every_code_is_the_one_that_programs_know() -> None:
    assert [code.value for code in Code] == CODES


@pytest.mark.parametrize("what", ["package", "label", "dsp", "track"])
def test_what_is_not_found_is_named_by_its_kind(what: Literal["package", "label", "dsp", "track"]) -> None:
    error = NotFound(what, "x", more=1)
    assert (error.code.value, dict(error.values)) == (f"{what}-unknown", {what: "x", "more": 1})


@pytest.mark.parametrize("kind", [Conflict, Refused])
def test_an_error_is_written_as_its_code_and_values(kind: type[CodedError]) -> None:
    assert str(kind(Code.NOTES_MISSING)) == "notes-missing"
    error = kind(Code.DSP_UNKNOWN, dsp="a\nb", known=("x", "y"))
    assert str(error) == "dsp-unknown: dsp='a\\nb', known=('x', 'y')"
    assert (isinstance(error, CodedError), isinstance(error, NotFound)) == (True, False)
