"""ERN: other packages with the same barcode, ISRC or audio. Finds nothing where the dossier holds none of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ingest.core.dates import moment
from ingest.core.dossier import AudioFingerprint, Dossier, KnownRelease, Policy
from ingest.core.facts import AudioFacts
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Severity, fault
from ingest.core.kind import ACCEPTED, Kind, is_of_unknown
from ingest.core.text import LONGEST, cut, normalised
from ingest.rules.ern.kinds import purged
from ingest.rules.ern.recordings import canonical, repeated_isrcs
from ingest.rules.rule import Family
from ingest.rules.subjects import Song, main_release, owed_an_answer, purpose_of, said, songs

OWN: Final = "Checked for QC; not in the guide"
LIFE: Final = "ERN 3.8.2, choreography (life cycle)"
SAME_SECONDS: Final = 0.05
SAME_DECIBELS: Final = 0.1
COMPARED: Final = 200
"""Characters that are compared of titles of which one was cut: its last ones may be those of any Unicode form."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier package with this barcode. `file` and `title` are this package's; `title` may be empty."""

    file: str
    title: str
    known: KnownRelease


def _earlier(dossier: Dossier) -> Iterator[Earlier]:
    """The newest package of this label and one of other labels with the same barcode; for a new release only.

    Where this message is older than one that we have, ERN-076 reports that instead of the label's own package.
    """
    if dossier.message is None or purpose_of(dossier) is not Kind.NEW_RELEASE:
        return
    same = [known for known in owed_an_answer(dossier) if known.shared == "barcode"]
    newest = {known.same_label: known for known in sorted(same, key=lambda known: known.package)}
    title = next((main.title for main in main_release(dossier)), "")
    newer = _newer(dossier)
    for known in newest.values():
        if newer is None or not known.same_label:
            yield Earlier(dossier.message.file, title, known)


earlier = Family[Earlier]("ERN", "Release information", _earlier, source=OWN, ddex=FileStatus.IDENTIFIER_INVALID)


@earlier.rule(
    "ERN-070",
    Severity.INFO,
    text="{place}: an earlier package with the barcode {found} is package {package} ({status}).",
    fix="Nothing needs to be done if this is the same release. Else give this one a barcode of its own.",
    ddex=FileStatus.FILE_OK,
)
def sent_before(one: Earlier, _: Policy) -> Iterator[Fault]:
    """A corrected release comes with the barcode of the one that it replaces."""
    if one.known.same_label and not _is_another(one):
        yield _fault(one)


@earlier.rule(
    "ERN-071",
    Severity.WARNING,
    text="{place}: the barcode {found} already belongs to a release of another label.",
    fix="Compare the barcode with the one that you were given, and ask us if it is yours.",
)
def barcode_of_another_label(one: Earlier, _: Policy) -> Iterator[Fault]:
    """A barcode is given to one release of one label."""
    if not one.known.same_label:
        yield _fault(one)


@earlier.rule(
    "ERN-074",
    Severity.WARNING,
    text='{place}: the barcode {found} already belongs to "{title}" (package {package}, {status}).',
    fix="Give this release a barcode of its own. Nothing needs to be done if it is the same release under a new title.",
)
def barcode_of_another_release(one: Earlier, _: Policy) -> Iterator[Fault]:
    """Two releases under one barcode are one release to a store: the second takes the place of the first."""
    if one.known.same_label and _is_another(one):
        yield _fault(one)


def _is_another(one: Earlier) -> bool:
    return _differ(one.title, one.known.title)


def _differ(one: str, other: str | None) -> bool:
    """Whether both titles are known and differ by more than case, blanks and Unicode form."""
    if not one or not other:
        return False
    most = COMPARED if max(len(one), len(other)) >= LONGEST else None
    return _folded(one)[:most] != _folded(other)[:most]


def _folded(title: str) -> str:
    return " ".join(cut(normalised("NFKC", cut(title))).casefold().split())


def _fault(one: Earlier) -> Fault:
    """The fault. Another label's title is never disclosed."""
    known = one.known
    title = known.title if known.same_label else None
    return fault(one.file, found=known.value, title=title, package=known.package, status=known.status)


@dataclass(frozen=True, slots=True)
class Twin:
    """A recording of this package, and one of an earlier package that has the same ISRC or audio."""

    song: Song
    known: KnownRelease

    @property
    def place(self) -> str:
        """Where the other recording is. Nothing is disclosed about another label's release."""
        if not self.known.same_label:
            return "a release of another label"
        number = self.known.track.number if self.known.track is not None else None
        title = f' of "{self.known.title}"' if self.known.title else ""
        return f"{f'track {number}' if number else 'a track'}{title} (package {self.known.package})"


def _twins(dossier: Dossier) -> Iterator[Twin]:
    shared: dict[tuple[str, str], list[KnownRelease]] = {}
    for known in owed_an_answer(dossier):
        if known.track is not None:
            shared.setdefault((known.shared, known.value), []).append(known)
    repeated = repeated_isrcs(dossier)
    for song in songs(dossier) if shared else ():
        isrc = _isrc(song)
        if isrc in repeated:
            continue  # which of the tracks it belongs to is not known
        audio = song.audio.file if song.audio is not None else ""
        for known in (*shared.get(("isrc", isrc), ()), *shared.get(("audio", audio), ())):
            yield Twin(song, known)


def _isrc(song: Song) -> str:
    return canonical(song.recording.isrc)


twins = Family[Twin]("ERN", "Release information", _twins, source=OWN, ddex=FileStatus.IDENTIFIER_INVALID)


@twins.rule(
    "ERN-072",
    Severity.WARNING,
    text='{place}: the ISRC {found} is given to "{title}" here, but to {other} in {known}.',
    fix="Check the ISRC: a recording keeps its ISRC, another recording or version gets a new one.",
)
def isrc_of_another_title(twin: Twin, _: Policy) -> Iterator[Fault]:
    """One ISRC is one recording; its plays are paid to whoever had it first."""
    track, song = twin.known.track, twin.song
    if twin.known.shared == "isrc" and track is not None and _differ(song.title, track.title):
        other = f'"{track.title}"' if twin.known.same_label else "another title"
        yield song.fault(_line(song), found=_isrc(song), known=twin.place, other=other)


@twins.rule(
    "ERN-073",
    Severity.WARNING,
    text="{place}: the ISRC is {found}, but {file_name} is the same audio as in {known}, where it has {other}.",
    fix="Check that the right file was uploaded; the same recording keeps its ISRC.",
)
def audio_under_another_isrc(twin: Twin, _: Policy) -> Iterator[Fault]:
    """The same sound under another ISRC splits its plays."""
    track, song = twin.known.track, twin.song
    if twin.known.shared == "audio" and track is not None and track.isrc != _isrc(song):
        other = f"the ISRC {track.isrc}" if twin.known.same_label and track.isrc else "another ISRC"
        yield song.fault(
            _line(song), found=_isrc(song) or "missing", known=twin.place, other=other, file_name=twin.known.value
        )


@twins.rule(
    "ERN-077",
    Severity.WARNING,
    text="{place}: the ISRC {found} came with other audio in {known}.",
    fix="Check that the right file was uploaded. Nothing needs to be done if it is the same recording, mastered anew.",
)
def isrc_of_other_audio(twin: Twin, _: Policy) -> Iterator[Fault]:
    """A remix, a live take or another song under a known ISRC is played and paid as the old recording."""
    track, song = twin.known.track, twin.song
    if twin.known.shared != "isrc" or track is None or song.audio is None:
        return
    if track.heard.sha256 is not None and not _sounds_alike(song.audio, track.heard):
        yield song.fault(_line(song), found=_isrc(song), known=twin.place)


def _sounds_alike(audio: AudioFacts, other: AudioFingerprint) -> bool:
    """Same bytes, or same length, loudness and peak within tolerances: one master in two formats."""
    if not audio.hashes.get("sha256") or audio.hashes["sha256"] == other.sha256:
        return True
    measured = audio.measurement
    if audio.duration is None or other.seconds is None or measured is None or measured.loudness is None:
        return False
    pairs = ((measured.loudness.integrated, other.loudness), (measured.true_peak, other.peak))
    level = all(a is not None and b is not None and abs(a - b) <= SAME_DECIBELS for a, b in pairs)
    return level and abs(audio.duration - other.seconds) <= SAME_SECONDS


def _line(song: Song) -> int | None:
    return song.recording.isrc.line if song.recording.isrc is not None else None


asked = Family[Dossier](
    "ERN",
    "Release information",
    lambda dossier: (dossier,) if dossier.asked and dossier.message is not None else (),
    source=LIFE,
    ddex=FileStatus.IDENTIFIER_INVALID,
)
WHAT: Final = {
    Kind.UPDATE: "this message updates a release and brings no audio",
    Kind.TAKEDOWN: "this message takes a release down",
    Kind.PURGE: "this message asks to remove a release for good",
}


@asked.rule(
    "ERN-075",
    Severity.ERROR,
    text="{place}: {what}, but we have no release of yours with {found}.",
    fix="Compare the barcode with that of the release that you mean. If we never got it, upload it whole: XML, audio"
    " and artwork. Write to support if it is in the stores.",
)
def of_an_unknown_release(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """What was never delivered to us can be neither changed nor taken down by us."""
    if is_of_unknown(dossier) and (purpose_of(dossier) is not Kind.PURGE or purged(dossier)):
        main = next(iter(main_release(dossier)), None)
        barcode = main.release.barcode if main is not None else None
        line = barcode.line if barcode is not None else None
        found = f"the barcode {said(barcode)}" if said(barcode) else "this title, and it gives no barcode"
        file = dossier.message.file if dossier.message is not None else None
        yield fault(
            file, line=line, found=found, expected="the barcode of a release we have", what=WHAT[purpose_of(dossier)]
        )


@asked.rule(
    "ERN-076",
    Severity.ERROR,
    text="{place}: this message was made on {found}, before that of package {package} of the same release ({other}),"
    " which we already have.",
    fix="Export the release again, so that the XML says what holds now and carries today's date in"
    " <MessageCreatedDateTime>.",
    ddex=FileStatus.MESSAGE_INVALID,
)
def older_message(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """Every message states a release anew; an old one that arrives late would undo a newer one."""
    found = _newer(dossier)
    if found is not None and dossier.message is not None:
        line, made, when, package = found
        here, other = (f"{one:%Y-%m-%d %H:%M:%S} UTC" for one in (made, when))
        file = dossier.message.file
        yield fault(file, line=line, found=here, expected=f"after {other}", other=other, package=package)


def _newer(dossier: Dossier) -> tuple[int, datetime, datetime, int] | None:
    """Our line and time, and the later time and number of another package of this release; None where there is none."""
    header = dossier.message.header if dossier.message is not None else None
    created = header.created if header is not None else None
    made = moment(said(created))
    own = [one for one in dossier.known if one.shared == "barcode" and one.same_label and one.status in ACCEPTED]
    dated = [(when, one.package) for one in own if (when := moment(one.created or "")) is not None]
    if created is None or made is None or not dated:
        return None
    when, package = max(dated)
    return (created.line, made, when, package) if made < when else None
