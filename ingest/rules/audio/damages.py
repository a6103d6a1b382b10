"""AUD: files that are cut short, damaged, or built so that players disagree about them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ingest.core.dossier import Policy
from ingest.core.facts import Damage, DamageFact
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Severity
from ingest.rules.audio.formats import files, headers
from ingest.rules.subjects import ACCEPTED, Master, hides_sound
from ingest.rules.units import an, clock
from ingest.rules.uploads import NOT_WHOLE

_RATE: Final = "the bytes a second that its header states are not those of its format"
_SOUND: Final = ("data", "SSND", "samples")
"""Chunks whose sizes are amounts of audio; `samples` is a count of samples."""


@files.rule(
    "AUD-004",
    Severity.ERROR,
    text="{file} is cut short: it holds {amount}.",
    fix="Check that the file plays to its end on your computer, upload the release again as a new folder, and wait"
    " until your SFTP program shows every transfer as finished.",
    ddex=FileStatus.RESOURCE_CORRUPT,
)
def truncated(master: Master, _: Policy) -> Iterator[Fault]:
    """A transfer or an export that stopped early leaves a file that still plays, but not to its end."""
    damage = _damage(master, Damage.TRUNCATED) or _damage(master, Damage.HEADER_ONLY)
    if damage is not None:
        found, expected = _counted(damage, damage.present), _counted(damage, damage.expected)
        if (lengths := _lengths(master, damage)) is not None:
            found, expected = (f"{length} ({count})" for length, count in zip(lengths, (found, expected), strict=True))
        yield master.fault(found=found, expected=expected, amount=_amount(master, damage))


@files.rule(
    "AUD-005",
    Severity.ERROR,
    text="{file} cannot be read as audio: {reason}.",
    fix="Export the track again, check that it plays, and upload the new file.",
    ddex=FileStatus.RESOURCE_CORRUPT,
)
def unreadable(master: Master, _: Policy) -> Iterator[Fault]:
    """What we cannot decode, a store cannot either."""
    reasons = {
        Damage.BAD_HEADER: "its header contradicts itself",
        Damage.UNREADABLE: "its sound cannot be decoded",
        Damage.NO_AUDIO: "there is no sound in it",
    }
    for kind, reason in reasons.items():
        if (damage := _damage(master, kind)) is not None and master.facts.container in ACCEPTED:
            changes = kind is Damage.BAD_HEADER and damage.chunk == "frame"
            told = "parts of its sound are of another format than its header says" if changes else reason
            yield master.fault(reason=told)
            return


@files.rule(
    "AUD-006",
    Severity.ERROR,
    text="{file} is damaged: {reason}.",
    fix="Export the track again from your master, check that the file plays to its end, and upload the new file.",
    ddex=FileStatus.RESOURCE_CORRUPT,
)
def damaged_sound(master: Master, _: Policy) -> Iterator[Fault]:
    """A file that counts its samples or carries a checksum of them shows that its sound is not what was mastered."""
    for kind in (Damage.DAMAGED_FRAMES, Damage.MD5_MISMATCH, Damage.TOTAL_MISMATCH):
        if (damage := _damage(master, kind)) is not None and _damage(master, Damage.TRUNCATED) is None:
            found, expected = _counted(damage, damage.present), _counted(damage, damage.expected)
            yield master.fault(found=found, expected=expected, reason=_disorder(damage))
            return


def _disorder(damage: DamageFact) -> str:
    """What is wrong with sound that is not cut short, in words."""
    if damage.kind is Damage.MD5_MISMATCH:
        return "its sound does not match the checksum stored in it"
    if damage.kind is Damage.DAMAGED_FRAMES:
        return "parts of its sound cannot be decoded"
    if damage.expected is None or damage.present is None:
        return "it holds more or less sound than its header says"
    amount = "more" if damage.present > damage.expected else "less"
    return f"it holds {amount} sound than its header says ({damage.present} samples, not {damage.expected})"


@files.rule(
    "AUD-008",
    Severity.WARNING,
    text="{file} has a structure that some programs misread: {reason}.",
    fix="Export the track again from your audio program, without extra tags, and upload the new file.",
)
def odd_structure(master: Master, _: Policy) -> Iterator[Fault]:
    """Players disagree on such files: some stop early, some play noise, some refuse them."""
    reasons = {
        Damage.SECOND_DATA_CHUNK: "it holds two blocks of sound where one is allowed",
        Damage.UNPADDED_CHUNK: "one of its blocks is not padded to an even length",
        Damage.SIZE_FIELD: "the size in its header is not its real size",
        Damage.TRAILING_BYTES: "there are bytes after the end of its sound",
        Damage.LEADING_ID3: "there is an ID3 tag in front of it",
    }
    broken = {damage.kind for damage in master.facts.damages if not hides_sound(damage) and not _is_untold(damage)}
    if master.facts.container in ACCEPTED and not broken & {Damage.TRUNCATED, Damage.HEADER_ONLY}:
        for kind, reason in reasons.items():
            if kind in broken:
                yield master.fault(reason=_RATE if _tells_the_rate(master, kind) else reason)


@files.rule(
    "AUD-009",
    Severity.WARNING,
    text="{file} carries no checksum of its sound (FLAC MD5), so that damage could not be noticed.",
    fix="Encode the file with a FLAC encoder that stores the MD5 checksum; the usual ones do.",
)
def no_checksum(master: Master, _: Policy) -> Iterator[Fault]:
    """The checksum is the only proof that a FLAC file still is what was mastered."""
    if _damage(master, Damage.NO_MD5) is not None and not any(d.kind in NOT_WHOLE for d in master.facts.damages):
        yield master.fault()


@headers.rule(
    "AUD-016",
    Severity.ERROR,
    text="{file} says in its header that it is shorter than it is: only {found} of {expected} can be played.",
    fix="Export the track again from your audio program, check that the new file plays to its end, and upload it.",
    ddex=FileStatus.RESOURCE_CORRUPT,
)
def hidden_sound(master: Master, _: Policy) -> Iterator[Fault]:
    """Players believe the header: what lies behind the length it gives is never heard."""
    for damage in master.facts.damages:
        if hides_sound(damage):
            found, expected = f"{damage.present} bytes", f"{damage.expected} bytes"
            duration = master.facts.duration
            if duration and damage.present and damage.expected:
                whole = duration * damage.expected / damage.present
                if clock(whole) != clock(duration):
                    found, expected = clock(duration), clock(whole)
            yield master.fault(found=found, expected=expected)


def _tells_the_rate(master: Master, kind: Damage) -> bool:
    """Whether the only wrong size is the byte rate in the `fmt ` chunk of a WAV, which players ignore."""
    return kind is Damage.SIZE_FIELD and {d.chunk for d in master.facts.damages if d.kind is kind} == {"fmt "}


def _damage(master: Master, kind: Damage) -> DamageFact | None:
    return next((damage for damage in master.facts.damages if damage.kind is kind), None)


def _is_untold(damage: DamageFact) -> bool:
    """A FLAC file whose STREAMINFO gives 0 samples, which means that the encoder did not know the length (RFC 9639)."""
    return damage.kind is Damage.SIZE_FIELD and damage.chunk == "STREAMINFO" and damage.present == 0


def _counted(damage: DamageFact, count: int | None) -> str | None:
    """`500000 samples` or `44 bytes`; None for a chunk whose size is not an amount of audio."""
    if count is None or damage.chunk not in (*_SOUND, None):
        return None
    return f"{count} {'samples' if damage.chunk == 'samples' else 'bytes'}"


def _amount(master: Master, damage: DamageFact) -> str:
    if damage.kind is Damage.HEADER_ONLY:
        container = an(master.facts.container.value)
        return f"no audio at all, only the first {master.facts.size} bytes of {container} file"
    if damage.chunk is not None and damage.chunk not in _SOUND:
        return "all of its sound, but not all of what follows it"
    if damage.expected is None or damage.present is None:
        return "less sound than it should"
    counted, lengths = f"{damage.present} of {_counted(damage, damage.expected)}", _lengths(master, damage)
    return counted if lengths is None else f"{' of '.join(lengths)} ({counted})"


def _lengths(master: Master, damage: DamageFact) -> tuple[str, str] | None:
    """The length present and the full length, as `0:11` and `0:31`; None where unknown or where both read the same."""
    duration, is_sound = master.facts.duration, damage.chunk in _SOUND
    if not (is_sound and duration and damage.expected and damage.present):
        return None
    there, whole = clock(duration * damage.present / damage.expected), clock(duration)
    return None if there == whole else (there, whole)
