"""The result of a check: one line, and the cure for what it found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Outcome(StrEnum):
    """`FAIL`: the daemon cannot do its work. `WARN`: it can, but not all of it or not for long.

    `SKIP`: not looked at, because what it needs failed on a line of its own.
    """

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"
    SKIP = "SKIP"


@dataclass(frozen=True, slots=True)
class Check:
    """`name` stays the same whatever the outcome; `cure` is empty when all is well."""

    name: str
    outcome: Outcome
    text: str
    cure: str = ""


def ok(name: str, text: str) -> Check:
    return Check(name, Outcome.OK, text)


def warn(name: str, text: str, cure: str) -> Check:
    return Check(name, Outcome.WARN, text, cure)


def fail(name: str, text: str, cure: str) -> Check:
    return Check(name, Outcome.FAIL, text, cure)


def skip(name: str, text: str) -> Check:
    return Check(name, Outcome.SKIP, text)


def words(error: OSError) -> str:
    """The message of an OSError, without its number."""
    return (error.strerror or str(error) or type(error).__name__).lower()


def is_there(path: Path) -> bool:
    """Whether something exists at the path. True also where it may not be examined."""
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True
