"""Every kind of notice as the label, QC and ops get it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.core.checklist import CHECKLIST
from ingest.core.finding import Severity
from ingest.core.notice import NoticeKind
from ingest.host.data_files import data_dir
from ingest.outbound.email.headers import wire
from ingest.outbound.email.render import render
from tests.outbound.email.samples import (
    CREATED,
    HOSTILE,
    INVALID,
    NO_GENRE,
    OPERATOR,
    PACKAGE,
    PASSED,
    SENDER,
    USUAL,
    finding,
    full_of,
    html_of,
    loud,
    notice,
    smallest,
    text_of,
)

GOLDEN = Path(__file__).parent / "golden"
KINDS = list(NoticeKind)


@pytest.mark.parametrize("kind", [NoticeKind.INVALID, NoticeKind.CREDENTIALS, NoticeKind.REVIEW])
def test_the_whole_text_is_as_it_was_agreed(kind: NoticeKind) -> None:
    assert text_of(render(USUAL[kind], OPERATOR, SENDER)) == (GOLDEN / f"{kind.value}.txt").read_text("utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_with_nothing_optional_in_it_still_renders(kind: NoticeKind) -> None:
    message = render(smallest(kind), replace(OPERATOR, guide_url=""), SENDER)
    assert "None" not in text_of(message) + html_of(message)
    assert str(message["Subject"]).strip(" ·")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_names_its_release_in_text_and_html(kind: NoticeKind) -> None:
    message = render(USUAL[kind], OPERATOR, SENDER)
    package = USUAL[kind].package
    named = "good-vibes" if package is None else package.folder
    assert named in text_of(message)
    assert named in html_of(message)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_template(kind: NoticeKind) -> None:
    assert (data_dir("templates") / "email" / f"{kind.value}.j2").is_file()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_string_of_a_label_leaves_its_place(kind: NoticeKind, hostile: str) -> None:
    message = render(full_of(kind, hostile), OPERATOR, SENDER)
    names = {name.lower() for name in message.keys()}  # noqa: SIM118
    assert names == {name.lower() for name in render(full_of(kind, "x"), OPERATOR, SENDER).keys()}  # noqa: SIM118
    assert message["To"] == "label@example.com"
    html, text = html_of(message), text_of(message)
    assert not re.search(r"<(script|img|a)\b(?! href=\"https://interspacemusic\.com/guide\")", html)
    assert html.count("</body>") == html.count("</html>") == 1
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\x85\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
    assert "49" not in text.replace("G49", "")
    assert b"\nBcc" not in wire(message).split(b"\n\n")[0]


@given(st.text(st.characters(exclude_categories=()), max_size=60), st.sampled_from(KINDS))
@settings(max_examples=40, deadline=None)
def test_any_string_at_all_can_be_written_and_sent(text: str, kind: NoticeKind) -> None:
    message = render(full_of(kind, text), OPERATOR, SENDER)
    assert wire(message) and wire(message, utf8=True) and wire(message, seven_bit=True).isascii()


def test_the_first_email_of_a_thread_is_its_root() -> None:
    message = render(USUAL[NoticeKind.INCOMING], OPERATOR, SENDER)
    assert dict(message.items()) | {"Content-Type": ""} == {
        "From": "InterSpace <delivery@interspacemusic.com>",
        "To": "label@example.com",
        "Reply-To": "InterSpace <support@interspacemusic.com>",
        "Subject": "Incoming · Amara_Lagos-Nights_5034567890123_20260501",
        "Date": "Mon, 23 Mar 2026 10:04:05 +0000",
        "Message-ID": "<123.incoming@interspacemusic.com>",
        "List-Id": "<label-good-vibes.interspacemusic.com>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "X-Ingest-Kind": "incoming",
        "X-Ingest-Package": "123",
        "X-Ingest-Status": "Incoming",
        "MIME-Version": "1.0",
        "Content-Type": "",
    }


def test_later_emails_refer_to_the_root() -> None:
    message = render(USUAL[NoticeKind.INVALID], OPERATOR, ("Ingest Desk", "desk@example.com"))
    assert message["Message-ID"] == "<123.invalid@interspacemusic.com>"
    assert message["In-Reply-To"] == message["References"] == "<123.incoming@interspacemusic.com>"
    assert message["From"] == "Ingest Desk <desk@example.com>"


def test_a_long_message_id_stays_whole_on_the_wire() -> None:
    long = f"{'9' * 40}.1@{'mail-relay.' * 8}example.com"
    message = render(replace(USUAL[NoticeKind.INVALID], message_id=long, thread_root="r" + long), OPERATOR, SENDER)
    for data in (wire(message), wire(message, utf8=True)):
        head = re.sub(rb"\r?\n[ \t]", b" ", data.replace(b"\r\n", b"\n").split(b"\n\n")[0])
        assert f"Message-ID: <{long}>".encode() in re.sub(rb": +", b": ", head)
        assert f"References: <r{long}>".encode() in re.sub(rb": +", b": ", head)


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        (NoticeKind.WAITING, "Incoming · Amara – Lagos Nights (5034567890123) · 3 things still missing"),
        (NoticeKind.NEEDS_QC, "Needs QC · Amara – Lagos Nights (5034567890123) · 2 things worth knowing"),
        (NoticeKind.INVALID, "Invalid · Amara – Lagos Nights (5034567890123) · 4 things to fix"),
        (NoticeKind.QC_APPROVED, "QC Approved · Amara – Lagos Nights (5034567890123)"),
        (NoticeKind.QC_REJECTED, "QC Rejected · Amara – Lagos Nights (5034567890123) · see the notes"),
        (NoticeKind.DELIVERED, "Delivered to DSPs · Amara – Lagos Nights (5034567890123)"),
        (NoticeKind.CREDENTIALS, "Your SFTP access to InterSpace"),
        (NoticeKind.STRAY_FILES, "3 files in /incoming/ are not in a release folder · good-vibes"),
        (NoticeKind.WEBHOOK_DISABLED, "Your webhooks are switched off · good-vibes"),
        (NoticeKind.REVIEW, "Review · good-vibes · Amara – Lagos Nights (5034567890123) · 2 warnings"),
        (NoticeKind.ALARM, "Alarm · A file could not be read: the reader ran out of time."),
    ],
)
def test_the_subject_says_the_status_and_the_release(kind: NoticeKind, subject: str) -> None:
    assert render(USUAL[kind], OPERATOR, SENDER)["Subject"] == subject


def test_a_long_title_leaves_room_for_the_count() -> None:
    message = render(
        replace(USUAL[NoticeKind.INVALID], package=replace(PACKAGE, title="Night " * 90)), OPERATOR, SENDER
    )
    assert len(message["Subject"]) <= 200
    assert message["Subject"].endswith(" · 4 things to fix")


def test_one_thing_is_one_thing() -> None:
    message = render(replace(USUAL[NoticeKind.INVALID], findings=INVALID[:1]), OPERATOR, SENDER)
    assert message["Subject"].endswith(" · 1 thing to fix")
    assert text_of(message).startswith("Your release needs correcting\n")


def test_many_places_are_shortened() -> None:
    many = tuple(loud(track, "+0.5") for track in range(1, 25))
    message = render(replace(USUAL[NoticeKind.INVALID], findings=many), OPERATOR, SENDER)
    assert "10_Track.wav" in text_of(message) and "11_Track.wav" not in text_of(message)
    assert "    - and 14 more\n" in text_of(message)
    assert "and 14 more" in html_of(message)


def test_notes_reach_the_label_line_by_line() -> None:
    text = text_of(render(USUAL[NoticeKind.QC_REJECTED], OPERATOR, SENDER))
    assert "    Track 4 is cut off: it stops in the middle of a word at 2:31.\n    The cover shows" in text
    assert "\n\n    Everything else is fine, thank you!\n" in text


def test_reviewers_get_the_checklist_and_the_commands() -> None:
    text = text_of(render(USUAL[NoticeKind.REVIEW], OPERATOR, SENDER))
    assert [line for line in text.splitlines() if line.startswith("[ ]")] == [f"[ ] {point}" for point in CHECKLIST]
    assert "    ingest show 123\n    ingest approve 123\n    ingest reject 123 --notes " in text


def test_a_label_with_a_key_gets_no_password_line() -> None:
    message = render(
        replace(USUAL[NoticeKind.CREDENTIALS], details={"user": "good-vibes", "port": "2222", "host": "h.example"}),
        OPERATOR,
        SENDER,
    )
    assert "Password" not in text_of(message)
    assert "    sftp -P 2222 good-vibes@h.example\n" in text_of(message)


def test_a_password_is_written_exactly_in_both_parts() -> None:
    message = render(
        replace(USUAL[NoticeKind.CREDENTIALS], details={"user": "u", "password": "a<b>&\"'{{x}}  é"}), OPERATOR, SENDER
    )
    assert "a<b>&\"'{{x}}  é\n" in text_of(message)
    assert "a&lt;b&gt;&amp;" in html_of(message)


def test_the_times_are_those_that_the_guide_promises() -> None:
    told = " ".join(text_of(render(USUAL[kind], OPERATOR, SENDER)) for kind in (NoticeKind.INVALID, *KINDS))
    flat = re.sub(r"\s+", " ", told)
    assert "within 5 minutes" in flat
    assert "1–2 business days" in flat
    assert "within 1–7 business days" in flat


def test_the_html_knows_dark_mode_and_fetches_nothing() -> None:
    html = html_of(render(USUAL[NoticeKind.INVALID], OPERATOR, SENDER))
    assert "@media (prefers-color-scheme: dark)" in html
    assert 'style="' in html
    assert not re.search(r"<link|<img|@import|url\(|<script", html)


def test_the_text_part_comes_first_and_is_plain_utf_8() -> None:
    message = render(USUAL[NoticeKind.NEEDS_QC], OPERATOR, SENDER)
    types = [part.get_content_type() for part in message.walk()]
    assert types == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "application/json"]
    assert "1–2 business days".encode() in wire(message)


def test_a_very_long_word_does_not_break_the_line_limit_of_smtp() -> None:
    message = render(replace(USUAL[NoticeKind.QC_REJECTED], notes="ä" * 3000), OPERATOR, SENDER)
    assert max(len(row) for row in wire(message).splitlines()) <= 998
    assert "ä" * 3000 in text_of(message)


def test_every_date_is_that_of_the_letter() -> None:
    assert render(USUAL[NoticeKind.ALARM], OPERATOR, SENDER)["Date"].datetime == CREATED


def test_warnings_of_a_passed_release_do_not_block() -> None:
    text = text_of(render(replace(USUAL[NoticeKind.NEEDS_QC], findings=PASSED), OPERATOR, SENDER))
    assert "WORTH KNOWING, NOT BLOCKING" in text
    assert "WHAT MUST BE CORRECTED" not in text


@pytest.mark.parametrize("kind", [NoticeKind.QC_APPROVED, NoticeKind.QC_REJECTED])
def test_a_label_is_not_told_who_reviewed(kind: NoticeKind) -> None:
    message = render(replace(USUAL[kind], reviewer="ngozi-login"), OPERATOR, SENDER)
    assert b"ngozi-login" not in wire(message)


@pytest.mark.parametrize(
    ("days", "is_named"), [(-400, False), (0, False), (11, False), (12, True), (400, True), (None, False)]
)
def test_a_release_of_a_later_day_is_not_missed_before_it(days: int | None, is_named: bool) -> None:
    street = None if days is None else CREATED.date() + timedelta(days=days)
    details = {} if street is None else {"street_date": street.isoformat()}
    for kind in (NoticeKind.DELIVERED, NoticeKind.QC_APPROVED):
        text = " ".join(text_of(render(replace(USUAL[kind], details=details), OPERATOR, SENDER)).split())
        assert ("within 1–7 business days" in text) is not is_named
        assert (street is not None and f"{street:%-d %B %Y}" in text) is is_named


@pytest.mark.parametrize(
    ("names", "subject", "said"),
    [
        ("a.wav\nb.wav", "2 files in /incoming/ are not in a release folder", "make one folder for each release"),
        ("a.zip", "1 archive in /incoming/ cannot be opened", "Unpack a.zip on your computer."),
        ("a.zip\nb.RAR", "2 archives in /incoming/ cannot be opened", "Unpack them on your computer."),
        ("a.wav\nb.zip", "2 files in /incoming/ are not in a release folder", "Unpack b.zip on your computer first"),
    ],
)
def test_archives_outside_any_folder_are_to_be_unpacked(names: str, subject: str, said: str) -> None:
    details = {"user": "good-vibes", "title": "Good Vibes", "names": names}
    message = render(replace(USUAL[NoticeKind.STRAY_FILES], details=details), OPERATOR, SENDER)
    assert message["Subject"] == f"{subject} · Good Vibes"
    text = " ".join(text_of(message).split())
    assert said in text and "of Good Vibes directly in /incoming/" in text


def test_remarks_do_not_belong_into_an_email_that_asks_for_corrections() -> None:
    assert "ALSO NOTICED" not in text_of(render(USUAL[NoticeKind.INVALID], OPERATOR, SENDER))
    assert "ALSO NOTICED" in text_of(render(USUAL[NoticeKind.NEEDS_QC], OPERATOR, SENDER))


def test_a_label_sees_what_was_read_and_a_reviewer_what_was_measured() -> None:
    label = text_of(render(USUAL[NoticeKind.NEEDS_QC], OPERATOR, SENDER))
    assert "  Amara – Lagos Nights, out on 2026-05-01\n   1. Welcome, 3:42\n   2. Feel (feat. Ade), 2:58\n" in label
    assert "dBTP" not in label
    review = unescape(html_of(render(USUAL[NoticeKind.REVIEW], OPERATOR, SENDER)))
    assert all(word in review for word in ("Welcome", "GBDUM2600001", "-0.9\u00a0dBTP", "-9.8\u00a0LUFS", "and 9 more"))


def test_an_upload_that_is_not_complete_waits_for_files() -> None:
    message = render(USUAL[NoticeKind.WAITING], OPERATOR, SENDER)
    assert ">Waiting for files</span>" in html_of(message)
    assert message["X-Ingest-Status"] == "Incoming"


def test_no_line_ends_within_a_number_and_its_unit() -> None:
    page = unescape(html_of(render(USUAL[NoticeKind.INVALID], OPERATOR, SENDER)))
    for told in ("2000\u00a0×\u00a02000\u00a0pixels", "-0.3\u00a0dBTP", "1–\u20602\u00a0business\u00a0days"):
        assert told in page
    text = text_of(render(USUAL[NoticeKind.INVALID], OPERATOR, SENDER))
    assert not re.search("[\u00a0\u2060\ue000\ue001]", text)
    assert "\n    3000 × 3000. [ART-001]" in text


def test_credentials_stand_in_letters_that_differ_and_the_fingerprint_is_whole() -> None:
    page = html_of(render(USUAL[NoticeKind.CREDENTIALS], OPERATOR, SENDER))
    assert re.search(r'class="mono"[^>]*monospace[^>]*>wIde-7Ember-quiet_Lamp<', page)
    assert re.search(r'class="mono long"[^>]*nowrap[^>]*>SHA256:', page)


def test_an_alarm_leaves_out_what_is_empty() -> None:
    alarm = replace(USUAL[NoticeKind.ALARM], details={"what": "The disk is full.", "where": "/srv", "detail": ""})
    text = text_of(render(alarm, OPERATOR, SENDER))
    assert "WHERE\n\n    /srv\n" in text
    assert "DETAIL" not in text


@pytest.mark.parametrize(
    ("outlook", "subject", "said", "command"),
    [
        ("news", "Alarm · ", "somebody should look at this", ""),
        ("retried", "Alarm · ", "tries this again by itself", "To see how it stands:\n\n    ingest show 3\n"),
        ("waits", "Alarm · ", "it waits for a person", "When the cause is gone:\n\n    ingest show 3\n"),
        ("over", "All clear · ", "is over. There is nothing to do.", ""),
    ],
)
def test_an_alarm_says_what_becomes_of_its_cause(outlook: str, subject: str, said: str, command: str) -> None:
    details = {"what": "it broke", "outlook": outlook, "commands": "ingest show 3" if command else ""}
    message = render(replace(USUAL[NoticeKind.ALARM], details=details), OPERATOR, SENDER)
    text = text_of(message)
    assert str(message["Subject"]).removeprefix("[").startswith(subject)
    assert said in " ".join(text.split()) and command in text and ("    ingest" in text) == bool(command)
    assert "OUTLOOK" not in text and "COMMANDS" not in text


def test_a_domain_in_another_script_goes_out_in_ascii() -> None:
    operator = replace(OPERATOR, support_email="hilfe@müsik.example", maildomain="müsik.example")
    written = replace(notice(NoticeKind.QC_APPROVED), message_id="<1@müsik.example>", thread_root="<0@müsik.example>")
    message = render(written, operator, ("", "ingest@müsik.example"))
    assert wire(message).split(b"\n\n")[0].isascii()
    assert message["References"] == "<0@xn--msik-0ra.example>"
    assert message["List-Id"] == "<label-good-vibes.xn--msik-0ra.example>"


def test_a_remark_names_its_place_once_and_says_what_to_do() -> None:
    named = finding(
        "AUD-012",
        Severity.INFO,
        "metadata.xml, line 15 (track 1): the track is marked ExplicitContentEdited.",
        "Nothing needs to be done if this is the clean version.",
        file="metadata.xml",
        line=15,
        track=1,
        isrc="GBDUM2600001",
    )
    bare = replace(named, code="AUD-013", text="The date is early.", fix="Check it.")
    message = render(replace(USUAL[NoticeKind.NEEDS_QC], findings=(named, bare)), OPERATOR, SENDER)
    first = f"{named.text} {named.fix}"
    second = "metadata.xml, line 15, track 1, ISRC GBDUM2600001: The date is early. Check it."
    flat = re.sub(r"\s+", " ", text_of(message))
    assert f" - {first} - {second} " in flat
    listed = re.sub(r"\s+", " ", html_of(message))
    assert first in listed
    assert second in listed


def test_a_logo_stands_at_the_top_in_place_of_the_name() -> None:
    logo = b"\x89PNG\r\n\x1a\n" + b"x" * 20
    with_cover = replace(USUAL[NoticeKind.REVIEW], cover=b"\xff\xd8\xff" + b"y" * 20)

    message = render(with_cover, replace(OPERATOR, logo=logo), SENDER)

    pictures = [part for part in message.walk() if part.get_content_maintype() == "image"]
    assert [(part["Content-ID"], part.get_content_type(), part.get_filename()) for part in pictures] == [
        ("<cover@ingest>", "image/jpeg", "cover.jpg"),
        ("<logo@ingest>", "image/png", "logo.png"),
    ]
    assert pictures[1].get_content() == logo
    html = html_of(message)
    assert '<img class="logo" height="32" src="cid:logo@ingest" alt="InterSpace"' in html
    assert "logo@ingest" not in html_of(render(with_cover, OPERATOR, SENDER))


def test_the_xml_of_a_finding_stands_under_its_cure_with_its_indentation() -> None:
    snippet = "<Genre>\n  <GenreText>Afrobeats</GenreText>\n</Genre>"
    notice = replace(USUAL[NoticeKind.INVALID], findings=(NO_GENRE,), snippets={NO_GENRE.code: snippet})

    message = render(notice, OPERATOR, SENDER)

    text = message.get_body(("plain",))
    assert text is not None
    indented = "\n".join(" " * 12 + line for line in snippet.splitlines())
    assert f"example Afrobeats.\n{indented}\n\n" in text.get_content()
    assert "&lt;Genre&gt;\n  &lt;GenreText&gt;Afrobeats&lt;/GenreText&gt;\n&lt;/Genre&gt;" in html_of(message)
