"""What single emails say in special cases."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from ingest.core.notice import NoticeKind
from ingest.outbound.email.headers import wire
from ingest.outbound.email.render import render
from tests.outbound.email.samples import FOLDER_NAME, OPERATOR, PACKAGE, SENDER, USUAL, html_of, text_of

TITLED = replace(PACKAGE, label_title="Good Vibes")


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_a_renewed_password_has_words_of_its_own() -> None:
    usual = USUAL[NoticeKind.CREDENTIALS]
    message = render(replace(usual, details={**usual.details, "renewed": "yes"}), OPERATOR, SENDER)
    text = flat(text_of(message))
    assert message["Subject"] == "Your new SFTP password for InterSpace"
    assert text.startswith("Your password for InterSpace has changed This is your new password. The old one no longer")
    assert "Password: wIde-7Ember-quiet_Lamp" in text and "Host key: SHA256:" in text
    assert "Your account is ready" not in text and "WHAT TO UPLOAD" not in text
    assert "The old one no longer works" in html_of(message)


@pytest.mark.parametrize("kind", [NoticeKind.INVALID, NoticeKind.DELIVERED])
def test_the_footer_names_the_label_as_people_write_it(kind: NoticeKind) -> None:
    message = render(replace(USUAL[kind], package=TITLED), OPERATOR, SENDER)
    for text in (text_of(message), html_of(message)):
        assert "because the label Good Vibes delivers releases to InterSpace" in flat(text)
    assert message["List-Id"] == "<label-good-vibes.interspacemusic.com>"


def test_without_a_package_the_footer_takes_the_title_from_the_details() -> None:
    usual = USUAL[NoticeKind.CREDENTIALS]
    text = text_of(render(replace(usual, details={**usual.details, "title": "Good Vibes"}), OPERATOR, SENDER))
    assert "because the label Good Vibes delivers" in flat(text)
    assert "User name:     good-vibes" in text


def test_labels_read_where_the_report_lies() -> None:
    message = render(replace(USUAL[NoticeKind.INVALID], report="Lagos <b>Nights</b>"), OPERATOR, SENDER)
    assert "can always be read under /reports/Lagos <b>Nights</b>/, beside /incoming/ on our server." in flat(
        text_of(message)
    )
    assert "/reports/Lagos &lt;b&gt;Nights&lt;/b&gt;/" in html_of(message)
    assert "/reports/" not in text_of(render(USUAL[NoticeKind.INVALID], OPERATOR, SENDER))


def test_reviewers_read_whose_release_it_is() -> None:
    message = render(replace(USUAL[NoticeKind.REVIEW], package=TITLED), OPERATOR, SENDER)
    assert text_of(message).startswith("A release of Good Vibes waits for review\n")
    assert str(message["Subject"]).startswith("Review · Good Vibes · Amara – Lagos Nights")


def test_a_release_without_warnings_passed_without_a_word_on_warnings() -> None:
    text = flat(text_of(render(replace(USUAL[NoticeKind.REVIEW], findings=(FOLDER_NAME,)), OPERATOR, SENDER)))
    assert "passed the automatic checks. The label was promised a decision within 1–2 business days." in text
    assert "0 warning" not in text


@pytest.mark.parametrize(
    "title", ["Ọ̀rọ̀ àti Ìlù", "Nuit" * 20, "Lagos Nights (Deluxe Edition) [Remastered 2026 by the Original Band]"]
)
def test_a_subject_in_a_maildir_stands_on_the_line_of_its_name(title: str) -> None:
    notice = replace(USUAL[NoticeKind.INVALID], package=replace(PACKAGE, title=title))
    message = render(notice, OPERATOR, SENDER)
    head = wire(message, utf8=True).split(b"\n\n")[0].decode()
    assert f"\nSubject: {message['Subject']}\n" in head
    assert not re.search(r"^[A-Za-z-]+:\s*$", head, re.MULTILINE)


@pytest.mark.parametrize("kind", [NoticeKind.TESTED, NoticeKind.INVALID])
def test_nobody_reviews_what_a_test_is_warned_of(kind: NoticeKind) -> None:
    notice = replace(USUAL[kind], package=replace(PACKAGE, kind="test"))
    text = flat(text_of(render(notice, OPERATOR, SENDER)))
    assert "These would not stop the release; correct what is a mistake, leave what is meant." in text
    assert "our reviewers see them too" not in text


@pytest.mark.parametrize("kind", [NoticeKind.TESTED, NoticeKind.INVALID, NoticeKind.NEEDS_QC, NoticeKind.QC_REJECTED])
def test_a_release_of_no_known_title_is_named_by_its_folder_once(kind: NoticeKind) -> None:
    nameless = replace(PACKAGE, artist=None, title=None, barcode=None)
    told = flat(text_of(render(replace(USUAL[kind], package=nameless), OPERATOR, SENDER)))
    known = flat(text_of(render(USUAL[kind], OPERATOR, SENDER)))
    assert ("uploaded as" in told, "uploaded as" in known) == (False, True)
