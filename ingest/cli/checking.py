"""The work of `ingest check`, in a module of its own: it is imported only after the pool of readers was started."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from threading import Thread
from typing import Final

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from ingest.check import CheckedPackage, check_folder, package_json, reading_of, releases_in
from ingest.cli.errors import FAILED, NO
from ingest.cli.findings import print_package
from ingest.config import Config
from ingest.core.dossier import Policy
from ingest.core.kind import Kind, kind_of
from ingest.core.status import Status
from ingest.core.visible import visible
from ingest.readers.dossier import ReaderSettings, ReadingFailed, get_ready
from ingest.readers.folder import passed_over
from ingest.readers.pool import Pool
from ingest.readers.sealed import CHANGED
from ingest.rules.units import spell

UNWRAPPED: Final = 1000
"""Columns of output to a file or a pipe: wide enough that no line is wrapped."""

PASSED_OVER: Final = 20
"""The most entries (links and special files) that are listed as passed over."""

LONGEST_TITLE: Final = 32
"""Characters of a folder's name beside its progress bar."""


def check_releases(folder: Path, config: Config, pool: Pool, output: str) -> int:
    """Read, judge and show every release of `folder`; returns the exit status."""
    # Runs beside the import of the readers in the pool's process and the reading of the first message.
    Thread(target=get_ready).start()
    reading = reading_of(config, pool)
    policy = config.policy(datetime.now().astimezone().date())
    checked: list[CheckedPackage] = []
    failures: list[str] = []
    for release in _releases(folder):
        batch = None if release == folder.resolve() else release.parent
        package, found = _checked(release, reading, policy, batch)
        failures += found
        if package is not None:
            checked.append(package)
    _show(checked, output)
    for path, why in islice(passed_over(folder), PASSED_OVER):
        click.echo(f"ingest: {visible(path)} was passed over: {why}", err=True)
    for failure in failures:
        click.echo(f"ingest: {failure}", err=True)
    if failures:
        return FAILED
    return NO if any(package.status is Status.INVALID for package in checked) else 0


def _releases(folder: Path) -> list[Path]:
    try:
        return releases_in(folder.resolve())
    except OSError as error:
        raise click.UsageError(f"{visible(str(error.filename or folder))} cannot be read: {error.strerror}") from None


def _checked(
    folder: Path, reading: ReaderSettings, policy: Policy, batch: Path | None
) -> tuple[CheckedPackage | None, list[str]]:
    """The package, or what we failed to read: that is our failure and no finding about the release."""
    try:
        with _bar(visible(folder.name)[:LONGEST_TITLE]) as progress:
            package = check_folder(folder, reading, policy, progress, batch)
    except ReadingFailed as error:
        return None, [_failure(folder.name, str(error))]
    unread = package.dossier.unread
    if unread:
        return None, [_failure(f"{folder.name}/{one.file}", one.reason) for one in unread]
    return package, []


def _failure(what: str, reason: str) -> str:
    if reason.endswith(CHANGED):
        changed = visible(reason.removesuffix(CHANGED).strip() or "it")
        return (
            f"{visible(what)} was not checked: {changed} {CHANGED}; check it again when nothing writes to it any more"
        )
    return f"{visible(what)} was not checked: we failed to read it, which is no fault of the release ({_last(reason)})"


def _last(reason: str) -> str:
    """The last line of a traceback says what went wrong."""
    return visible(next((line.strip() for line in reversed(reason.splitlines()) if line.strip()), "no reason known"))


@contextmanager
def _bar(title: str) -> Iterator[Callable[[int, int, str], None]]:
    """A progress bar on stderr while media is read, on a terminal only."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TextColumn("files"))
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total, what: progress.update(task, completed=done, total=total)


class _Output(Console):
    """Standard output, raising BrokenPipeError when the reader is gone: rich would exit by itself."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def _show(checked: list[CheckedPackage], output: str) -> None:
    if output == "json":
        packages = [package_json(one.dossier, one.findings, one.status) for one in checked]
        click.echo(json.dumps({"packages": packages}, indent=2))
        return
    # Without emoji codes (`:name:`): loading their table takes longer than showing a release.
    console = _Output(highlight=False, emoji=False, width=None if sys.stdout.isatty() else UNWRAPPED)
    for number, package in enumerate(checked):
        if number:
            console.print()
        print_package(console, package)
    if len(checked) > 1:
        console.print()
        console.print(Text(summed(checked), style="bold"))


def summed(checked: Sequence[CheckedPackage]) -> str:
    """`3 releases: 2 would go to Needs QC, 1 Invalid.`"""
    invalid = sum(package.status is Status.INVALID for package in checked)
    tests = sum(kind_of(package.dossier) is Kind.TEST and package.status is not Status.INVALID for package in checked)
    passed = len(checked) - invalid - tests
    parts = ((passed, "would go to Needs QC"), (tests, "passed as a test"), (invalid, "Invalid"))
    return f"{spell(len(checked), 'release')}: {', '.join(f'{count} {what}' for count, what in parts if count)}."
