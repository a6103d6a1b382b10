"""Letters of every kind: as small as they can be, as they usually are, and full to the brim."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from enum import Enum
from typing import Any

from ingest.core.finding import Finding, Severity
from ingest.core.notice import NoticeKind, OperatorDetails, PackageSummary, StatusNotice, TrackSummary

OPERATOR = OperatorDetails(
    name="InterSpace",
    public_host="sftp.interspacemusic.com",
    public_port=22,
    support_email="support@interspacemusic.com",
    guide_url="https://interspacemusic.com/guide",
    maildomain="interspacemusic.com",
)
SENDER = ("", "delivery@interspacemusic.com")
CREATED = datetime(2026, 3, 23, 10, 4, 5, tzinfo=UTC)
PACKAGE = PackageSummary(
    id=123,
    label="good-vibes",
    folder="Amara_Lagos-Nights_5034567890123_20260501",
    title="Lagos Nights",
    artist="Amara",
    barcode="5034567890123",
    release_type="Album",
    release_date="2026-05-01",
    tracks=12,
)
BARE = PackageSummary(id=7, label="demo", folder="New folder")


def finding(
    code: str,
    severity: Severity,
    text: str,
    fix: str,
    *,
    file: str | None = None,
    line: int | None = None,
    track: int | None = None,
    isrc: str | None = None,
    found: str | None = None,
    expected: str | None = None,
) -> Finding:
    return Finding(code, severity, file, line, track, isrc, found, expected, text, fix)


def loud(track: int, peak: str) -> Finding:
    file = f"{track:02d}_Track.wav"
    return finding(
        "AUD-021",
        Severity.ERROR,
        f"{file} reaches a true peak of {peak} dBTP. The most we can take is -0.3 dBTP.",
        "Master the track again with a limiter set to a true peak of -0.3 dBTP or lower.",
        file=file,
        track=track,
        isrc=f"GBDUM26000{track:02d}",
        found=f"{peak} dBTP",
        expected="-0.3 dBTP or lower",
    )


SMALL_COVER = finding(
    "ART-001",
    Severity.ERROR,
    "artwork.jpg is 2000 × 2000 pixels. Cover artwork must be at least 3000 × 3000.",
    "Export the artwork again at 3000 × 3000 pixels. Enlarging the small file does not help.",
    file="artwork.jpg",
    found="2000 × 2000 pixels",
    expected="at least 3000 × 3000 pixels",
)
NO_GENRE = finding(
    "ERN-012",
    Severity.ERROR,
    "metadata.xml, line 42: track 3 has no genre.",
    "Add <Genre><GenreText>…</GenreText></Genre> to the track, for example Afrobeats.",
    file="metadata.xml",
    line=42,
    track=3,
    isrc="GBDUM2600003",
    expected="a GenreText",
)
OTHER_NAME = finding(
    "PKG-006",
    Severity.ERROR,
    "metadata.xml, line 31 names 05_feel.WAV, but the file is 05_Feel.wav. The names must match exactly.",
    "Rename the file, or correct the name in the XML.",
    file="metadata.xml",
    line=31,
    track=5,
    isrc="GBDUM2600005",
    found="05_feel.WAV",
    expected="05_Feel.wav",
)
CHECK_DIGIT = finding(
    "ERN-021",
    Severity.WARNING,
    "metadata.xml, line 88: the barcode 5034567890123 has a wrong check digit.",
    "Compare the barcode with the one you were given: one digit may be mistyped.",
    file="metadata.xml",
    line=88,
    found="5034567890123",
    expected="5034567890128",
)
UNUSED = finding(
    "PKG-011",
    Severity.WARNING,
    "13_Demo.wav is not named in the XML, so it is no part of the release.",
    "Name the file in the XML, or leave it out.",
    file="13_Demo.wav",
)
FOLDER_NAME = finding(
    "PKG-020",
    Severity.INFO,
    "The folder name does not follow the recommended pattern.",
    "Name folders ArtistName_AlbumTitle_UPC_YYYYMMDD.",
)
NO_PREFIX = tuple(
    finding("PKG-021", Severity.INFO, f"{name} does not begin with its track number.", "Begin with 01_.", file=name)
    for name in ("Intro.wav", "Outro.wav", "Skit.wav")
)
INVALID = (
    SMALL_COVER,
    NO_GENRE,
    *(loud(track, f"+0.{track % 10}") for track in (1, 2, 7)),
    OTHER_NAME,
    CHECK_DIGIT,
    UNUSED,
    FOLDER_NAME,
    *NO_PREFIX,
)
PASSED = (CHECK_DIGIT, UNUSED, FOLDER_NAME, *NO_PREFIX)
NOTES = (
    "Track 4 is cut off: it stops in the middle of a word at 2:31.\n"
    "The cover shows the Spotify logo in the lower left corner. Remove it.\n"
    "\n"
    "Everything else is fine, thank you!"
)
REASON = "The rights to track 4 are disputed.\nThe label asked for it on 3 May 2026."
FACTS = (
    ("Label", "good-vibes"),
    ("Files", "/var/lib/ingest/spool/123/Amara_Lagos-Nights_5034567890123_20260501"),
    ("Cover", "artwork.jpg, 3000 × 3000 pixels, JPEG, RGB, 4.1 MB"),
)
TRACKS = (
    TrackSummary(1, "Welcome", "GBDUM2600001", "3:42", "24 bit / 44.1 kHz", "-0.9 dBTP (-1.0 by BS.1770)", "-9.8 LUFS"),
    TrackSummary(2, "Feel (feat. Ade)", "GBDUM2600002", "2:58", "24 bit / 44.1 kHz", "-1.0 dBTP", "-10.1 LUFS"),
    TrackSummary(3, "without a title"),
)


def notice(kind: NoticeKind, package: PackageSummary | None = PACKAGE) -> StatusNotice:
    """A notice of this kind with nothing in it that may be left out."""
    return StatusNotice(
        kind=kind,
        to=("label@example.com",),
        message_id=f"123.{kind.value}@interspacemusic.com",
        thread_root="123.incoming@interspacemusic.com" if package else None,
        created=CREATED,
        package=package,
    )


USUAL: dict[NoticeKind, StatusNotice] = {
    NoticeKind.INCOMING: notice(NoticeKind.INCOMING, replace(BARE, id=123, label="good-vibes", folder=PACKAGE.folder)),
    NoticeKind.WAITING: replace(
        notice(NoticeKind.WAITING),
        missing=(
            "04_Home.wav has not arrived.",
            "05_Feel.wav is not complete: 12.4 MB of 41.8 MB have arrived.",
            "There is no cover yet (artwork.jpg or artwork.png).",
        ),
        details={"minutes": "60"},
    ),
    NoticeKind.NEEDS_QC: replace(notice(NoticeKind.NEEDS_QC), findings=PASSED, tracks=TRACKS),
    NoticeKind.INVALID: replace(notice(NoticeKind.INVALID), findings=INVALID),
    NoticeKind.TESTED: replace(notice(NoticeKind.TESTED, replace(PACKAGE, kind="test")), findings=PASSED),
    NoticeKind.QC_APPROVED: replace(notice(NoticeKind.QC_APPROVED), dsps=("Spotify", "Apple Music", "YouTube Music")),
    NoticeKind.QC_REJECTED: replace(notice(NoticeKind.QC_REJECTED), notes=NOTES, reviewer="Ngozi", findings=PASSED),
    NoticeKind.DELIVERED: replace(notice(NoticeKind.DELIVERED), dsps=("Spotify", "Apple Music", "YouTube Music")),
    NoticeKind.TAKEN_DOWN: replace(notice(NoticeKind.TAKEN_DOWN), notes=REASON),
    NoticeKind.TAKEDOWN: replace(
        notice(NoticeKind.TAKEDOWN), details={"reason": REASON, "stores": "Spotify\nApple Music\nYouTube Music"}
    ),
    NoticeKind.TAKEDOWN_ORDERED: replace(
        notice(NoticeKind.TAKEDOWN_ORDERED),
        details={"reason": REASON, "who": "Ngozi", "stores": "Spotify\nYouTube Music", "told": "Apple Music"},
    ),
    NoticeKind.CREDENTIALS: replace(
        notice(NoticeKind.CREDENTIALS, None),
        details={
            "user": "good-vibes",
            "password": "wIde-7Ember-quiet_Lamp",
            "fingerprint": "SHA256:pX1yWq3mCk0Qe1JmV8o9Tn6yKpV3l2b8S4u7dZfHh1k",
        },
    ),
    NoticeKind.STRAY_FILES: replace(
        notice(NoticeKind.STRAY_FILES, None),
        details={"user": "good-vibes", "names": "metadata.xml\n01_Welcome.wav\nartwork.jpg"},
    ),
    NoticeKind.WEBHOOK_DISABLED: replace(
        notice(NoticeKind.WEBHOOK_DISABLED, None),
        details={
            "user": "good-vibes",
            "endpoint": "whk_01KBCDEFGHJKMNPQRSTVWXYZ01",
            "url": "https://hooks.good-vibes.example/interspace",
            "reason": "it answered 500",
            "attempts": "10",
        },
    ),
    NoticeKind.REVIEW: replace(notice(NoticeKind.REVIEW), findings=PASSED, facts=FACTS, tracks=TRACKS),
    NoticeKind.ALARM: replace(
        notice(NoticeKind.ALARM),
        details={"what": "A file could not be read: the reader ran out of time.", "where": "03_Track.wav, package 123"},
    ),
}

WITHOUT_PACKAGE = frozenset(
    {NoticeKind.CREDENTIALS, NoticeKind.STRAY_FILES, NoticeKind.WEBHOOK_DISABLED, NoticeKind.ALARM}
)

HOSTILE = [
    "x\r\nBcc: evil@example.com",
    "x\n\nBcc: evil@example.com",
    "=?utf-8?q?x=0aBcc:_evil@example.com?=",
    "=?utf-8?b?eApCY2M6IGV2aWxAZXhhbXBsZS5jb20=?=",
    "=?utf-8?q?x=0d=0aBcc:_evil@example.com?= =?utf-8?q?y?=",
    "a\x0bb\x0cc\x85d\u2028e\u2029f\x00g\x1b[31mh",
    "\u202egnp.exe\u2066\u200b\ufeff",
    "\ud800lone\udfff",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    '"><a href="https://evil.example">click</a>',
    "</td></table></body><!--",
    "{{7*7}}{% raw %}{# x #}${7*7}",
    "N" * 500,
    "👩\u200d🎤 𝕌𝕟𝕚 音楽 الموسيقى",
    ".\n.\nFrom me",
    "  ",
    "",
]


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html_of(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def smallest(kind: NoticeKind) -> StatusNotice:
    return notice(kind, None if kind in WITHOUT_PACKAGE else BARE)


def everywhere(value: Any, text: str) -> Any:
    """The same value with this text in place of every string that comes from outside."""
    if value is None or isinstance(value, Enum | int):
        return value
    if isinstance(value, str):
        return text
    if isinstance(value, tuple):
        return tuple(everywhere(each, text) for each in value)
    if isinstance(value, dict):
        return {key: everywhere(each, text) for key, each in value.items()}
    if isinstance(value, bytes):
        return value
    assert is_dataclass(value) and not isinstance(value, type)
    return replace(value, **{field.name: everywhere(getattr(value, field.name), text) for field in fields(value)})


def full_of(kind: NoticeKind, text: str) -> StatusNotice:
    """A notice of this kind with everything in it, and this text everywhere."""
    full = replace(
        notice(kind),
        package=PACKAGE,
        findings=(*INVALID, *(loud(track, "0.0") for track in range(1, 30))),
        notes=NOTES,
        reviewer="Ngozi",
        missing=("a", "b"),
        dsps=("c", "d"),
        facts=(("e", "f"), ("g", "h")),
        tracks=TRACKS,
        details=dict.fromkeys(("user", "password", "host", "port", "names", "what", "where", "minutes", "other"), "i"),
    )
    kept = {name: getattr(full, name) for name in ("kind", "to", "message_id", "thread_root", "created")}
    swapped = {
        field.name: everywhere(getattr(full, field.name), text) for field in fields(full) if field.name not in kept
    }
    return replace(full, **swapped)
