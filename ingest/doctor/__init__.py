"""`ingest doctor`: whether this machine, installation and configuration can do the work, one line for each question.

Nothing is repaired, created or sent. A failure affects its own line only; checks that depend on it are skipped.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from ingest.config import SEARCH, VARIABLE, Config, ConfigError
from ingest.config.codes import load
from ingest.doctor import machine, network, places, records
from ingest.doctor.check import Check, Outcome, fail, is_there, ok, skip, warn

__all__ = ["Check", "Outcome", "examine"]

FIRST: Final[tuple[tuple[str, Callable[[], Iterable[Check]]], ...]] = (
    ("versions", machine.versions),
    ("kernel", machine.kernel),
    ("sandbox", machine.sandbox),
    ("inotify", machine.inotify),
    ("shipped files", machine.shipped_files),
    ("clock", machine.clock),
)

CONFIGURED: Final[tuple[tuple[tuple[str, ...], Callable[[Config], Iterable[Check]]], ...]] = (
    (("labels folder", "spool folder", "shelves folder", "state folder"), places.folders),
    (("one filesystem",), places.one_filesystem),
    (("host keys",), places.host_keys),
    (records.NAMES, records.records),
    (("disk",), places.disk),
    (("port",), network.port),
    (("email",), network.email),
    (("addresses",), network.addresses),
    (("schema",), places.schema),
    (("dsp",), places.dsps),
)


def examine(path: Path | None, *, deep: bool = False) -> Iterator[Check]:
    """Every check, in the order of the daemon's start. `path`: the configuration that was found, None for none.

    `deep`: read the whole database too.
    """
    for name, look in FIRST:
        yield from _looked((name,), look)
    config, check = _configuration(path)
    yield check
    for names, question in CONFIGURED:
        if config is None:
            yield from (skip(name, "not looked at: the configuration cannot be used") for name in names)
        elif deep and question is records.records:
            yield from _looked(names, partial(records.records, config, deep=True))
        else:
            yield from _looked(names, partial(question, config))


def _looked(names: tuple[str, ...], look: Callable[[], Iterable[Check]]) -> list[Check]:
    try:
        return list(look())
    except Exception as error:  # noqa: BLE001 - the doctor's supervisor: a check that crashes must not hide the others
        cure = "This is a fault of ingest: report it with this line."
        return [fail(names[0], f"the check itself failed: {type(error).__name__}: {error}", cure)]


def _configuration(path: Path | None) -> tuple[Config | None, Check]:
    name = "config"
    if path is None:
        cure = f"Use --config, ${VARIABLE}, or one of {', '.join(SEARCH)}; config.example.toml explains every key."
        return None, fail(name, "no configuration found", cure)
    if not is_there(path):
        cure = f"Correct --config or ${VARIABLE}, or put a file there; config.example.toml explains every key."
        return None, fail(name, f"there is no {path}", cure)
    try:
        config = load(path)
    except ConfigError as error:
        cure = "Correct these lines, then: ingest config check."
        if not (path.is_file() and os.access(path, os.R_OK)):
            cure = f"Make {path} a file that this user can read."
        return None, fail(name, "; ".join(map(str, error.mistakes)), cure)
    secret = config.email.password.get_secret_value() or records.has_password(config)
    if secret and path.stat().st_mode & 0o007:
        cure = f"chgrp ingest {path}; chmod 640 {path}. An email password may stand in email.password_file instead."
        return config, warn(name, f"{path} holds a password and everybody can read it", cure)
    return config, ok(name, str(path.resolve()))
