"""What a rule is: one numbered check of one kind of subject, its severity, wording, cure and reason."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ingest.core.dossier import Dossier, Policy
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Finding, Severity
from ingest.rules.characters import plain

__all__ = ["Family", "Judge", "Rule", "Sentence", "Subject", "plain"]

Subject = TypeVar("Subject")
Judge = Callable[[Subject, Policy], Iterator[Fault]]


class Sentence(str):
    """A value of a fault in words of ours: it goes into the finding whole, where a label's text would be cut.

    Whatever it quotes of a label must be short and printable already.
    """

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `text` and `fix` are templates over a fault's values, `why` is the check's docstring.

    `source` names the guide's section or the standard; `covers` the ERN elements whose schema faults this rule
    already explains. `subjects` yields what the rule judges in a dossier, `judge` the faults of one subject. `snippet`
    shows XML as it should be, for people to copy; empty where the cure needs none.
    """

    code: str
    severity: Severity
    text: str
    fix: str
    why: str
    source: str
    ddex_status: FileStatus
    family: str
    covers: frozenset[str]
    snippet: str
    subjects: Callable[[Dossier], Iterable[Any]]
    judge: Callable[[Any, Policy], Iterator[Fault]]

    def finding(self, fault: Fault, policy: Policy) -> Finding:
        """The finding for a fault, with the severity that the policy sets."""
        words = _words(fault)
        return Finding(
            code=self.code,
            severity=policy.softened.get(self.code, self.severity),
            file=fault.file,
            line=fault.line,
            track=fault.track,
            isrc=None if fault.isrc is None else plain(fault.isrc),
            found=None if fault.found is None else plain(fault.found),
            expected=None if fault.expected is None else plain(fault.expected),
            text=self.text.format_map(words),
            fix=self.fix.format_map(words),
        )


class Family(Generic[Subject]):
    """Rules about one kind of subject. `subjects` yields them; where it yields none, no rule of the family runs."""

    def __init__(
        self,
        prefix: str,
        title: str,
        subjects: Callable[[Dossier], Iterable[Subject]],
        *,
        source: str,
        ddex: FileStatus,
    ) -> None:
        self.prefix = prefix
        self.title = title
        self.rules: list[Rule] = []
        self._subjects = subjects
        self._source = source
        self._ddex = ddex

    def rule(
        self,
        code: str,
        severity: Severity,
        *,
        text: str,
        fix: str,
        source: str | None = None,
        ddex: FileStatus | None = None,
        covers: Iterable[str] = (),
        snippet: str = "",
    ) -> Callable[[Judge[Subject]], Judge[Subject]]:
        """Register the decorated function under `code`. Its docstring is the reason that `ingest rules` shows."""

        def register(judge: Judge[Subject]) -> Judge[Subject]:
            self.rules.append(
                Rule(
                    code=code,
                    severity=severity,
                    text=text,
                    fix=fix,
                    why=inspect.cleandoc(judge.__doc__ or ""),
                    source=source or self._source,
                    ddex_status=ddex or self._ddex,
                    family=self.prefix,
                    covers=frozenset(covers),
                    snippet=snippet,
                    subjects=self._subjects,
                    judge=judge,
                )
            )
            return judge

        return register


def _words(fault: Fault) -> dict[str, object]:
    """The values that a template may name: the fault's fields, its `values`, and `place`."""
    given = {
        "file": fault.file,
        "line": fault.line,
        "track": fault.track,
        "isrc": fault.isrc,
        "found": fault.found,
        "expected": fault.expected,
        **fault.values,
    }
    words = {key: _safe(value) for key, value in given.items()}
    words["place"] = _place(fault)
    return words


def _safe(value: object) -> object:
    return plain(value) if isinstance(value, str) and not isinstance(value, Sentence) else value


def _place(fault: Fault) -> str:
    """`metadata.xml, line 42 (track 3)`."""
    place = plain(fault.file) if fault.file else "The release"
    if fault.line:
        place += f", line {fault.line}"
    return f"{place} (track {fault.track})" if fault.track else place
