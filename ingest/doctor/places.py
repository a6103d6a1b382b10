"""The folders and files of the daemon: they exist, belong to its user, and lie on the right disk."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import asyncssh
from lxml.etree import LxmlError

from ingest.config import Config
from ingest.doctor.check import Check, fail, is_there, ok, skip, warn, words
from ingest.host.disk import can_rename, size, standing
from ingest.inbound.sftp.host_keys import KEYS
from ingest.readers.ern.schema import check_schema

READABLE_BY_OTHERS: Final = 0o077
OWNER_ALL: Final = 0o700
KEY_CURE: Final = (
    "Where only mode or owner are wrong: chown ingest: KEY; chmod 600 KEY. "
    "Else restore the host keys from a backup; with new ones every label's client warns of an attack."
)


def folders(config: Config) -> Iterator[Check]:
    """The folders of `[paths]` can be written and belong to one user. They are named as on the disk."""
    paths = config.paths
    owner = owner_of(paths.state_dir)
    named = {"labels": paths.labels_dir, "spool": paths.spool_dir, "shelves": paths.read_only_dir}
    for name, path in (named | {"state": paths.state_dir}).items():
        yield folder(f"{name} folder", path, owner)


def folder(name: str, path: Path, owner: str) -> Check:
    """Whether files can be written there, tested with an unnamed temporary file. `owner`: who should own it."""
    place = standing(path)
    failure = unwritable(place)
    if failure and place != path:
        # The folder above may belong to the system: the cure must not change it.
        cure = f"Make it, for the daemon's user: install -d -o ingest -g ingest -m 700 {path}."
        return fail(name, f"{path} does not exist, and {place} {failure}", cure)
    if failure:
        cure = f"Make {place} a folder that the daemon's user can write: chown -R ingest: {place}; chmod 700 {place}."
        return fail(name, f"{place} {failure}", cure)
    if place != path:
        return warn(name, f"{path} does not exist yet", "Start the daemon: it makes its folders.")
    if owner and owner_of(path) != owner:
        text = f"{path} belongs to {owner_of(path)}, the state folder to {owner}"
        return warn(name, text, f"chown -R {owner}: {path}.")
    return ok(name, str(path))


def schema(config: Config) -> Iterator[Check]:
    """The operator's own schema and the files that it imports can be read."""
    path = config.ern.schema
    if path is None:
        yield ok("schema", "ERN 3.8.2 as it comes with ingest")
        return
    try:
        check_schema(path)
    except (OSError, LxmlError) as error:
        cure = "Put the XSD and the allowed-value set that it imports into one folder, or leave ern.schema out."
        yield fail("schema", f"{path} cannot be used: {error}", cure)
        return
    yield ok("schema", str(path))


def owner_of(path: Path) -> str:
    """The name, else the number, of the user that a path belongs to; empty where the path does not exist."""
    try:
        number = path.stat().st_uid
    except OSError:
        return ""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def unwritable(path: Path) -> str:
    """Why nothing can be written in this folder, or empty."""
    try:
        if not path.is_dir():
            return "is not a folder"
        if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
            return "cannot be written by this user"
        if (mode := stat.S_IMODE(path.stat().st_mode)) & OWNER_ALL != OWNER_ALL and os.geteuid() == 0:
            # Root may write anywhere; the daemon's own user could not.
            return f"cannot be written by its owner: it has mode {mode:04o}"
        with tempfile.TemporaryFile(dir=path) as probe:
            probe.write(b"ingest")
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        return f"cannot be written: {words(error)}"
    return ""


def one_filesystem(config: Config) -> Iterator[Check]:
    """Sealing is one rename from a label's folder into the spool, so both lie on one file system."""
    name = "one filesystem"
    labels, spool = standing(config.paths.labels_dir), standing(config.paths.spool_dir)
    try:
        same = labels.stat().st_dev == spool.stat().st_dev
    except OSError as error:
        yield fail(name, f"{labels} and {spool} cannot be compared: {words(error)}", "Let the daemon's user read both.")
        return
    with suppress(OSError):  # a folder that cannot be written is told of by `folders`
        same = same and can_rename(labels, spool)
    if not same:
        cure = "Set paths.labels and paths.spool to folders on one file system, under one mount."
        yield fail(name, f"{labels} and {spool} lie on two file systems", cure)
        return
    yield ok(name, "a release folder goes to the spool by one rename")


def host_keys(config: Config) -> Iterator[Check]:
    """The server's host keys exist, can be read by nobody else, and are valid."""
    name, own = "host keys", config.paths.state_dir / "host-keys"
    configured = config.sftp.host_keys
    if not configured and not is_there(own):
        yield warn(name, f"{own} does not exist yet", "Start the daemon: it makes its host keys once.")
        return
    keys = configured or tuple(own / key for key in KEYS)
    failures = [failure for key in keys if (failure := unusable_key(key))]
    if failures:
        yield fail(name, "; ".join(failures), KEY_CURE)
        return
    yield ok(name, ", ".join(key.name for key in keys))


def unusable_key(path: Path) -> str:
    """Why this private key cannot be the server's, or empty."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            return f"{path} is not a file"
        if found.st_mode & READABLE_BY_OTHERS:
            return f"{path} has mode {stat.S_IMODE(found.st_mode):04o}, and only its owner may read it"
        asyncssh.read_private_key(path)
    except OSError as error:
        return f"{path} cannot be read: {words(error)}"
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        return f"{path} is not a private key without a passphrase"
    return ""


def disk(config: Config) -> Iterator[Check]:
    """Fails below `sftp.min_free_bytes`, where uploads are refused; warns below twice that."""
    name, floor = "disk", config.sftp.min_free_bytes
    labels, state = standing(config.paths.labels_dir), standing(config.paths.state_dir)
    try:
        place, free = min(((one, shutil.disk_usage(one).free) for one in (labels, state)), key=lambda pair: pair[1])
    except OSError as error:
        yield skip(name, f"the free space cannot be read: {words(error)}")
        return
    text = f"{size(free)} free at {place}, uploads are refused under {size(floor)}"
    cure = "Free some space, give the folders a larger disk, or shorten [retention]."
    if free < floor:
        yield fail(name, text, cure)
    elif free < 2 * floor:
        yield warn(name, text, cure)
    else:
        yield ok(name, text)


def dsps(config: Config) -> Iterator[Check]:
    """Each DSP's directory takes files. What this version cannot deliver yet is told."""
    if not config.dsp:
        yield warn("dsp", "no DSP is configured: approved packages go nowhere", "Add a [dsp.NAME] table.")
    for key, one in config.dsp.items():
        name = f"dsp {key}"
        if one.path is None or one.writes_messages:
            cure = "Set the layout as-received and a path until a newer version is installed."
            yield warn(
                name, f"deliveries of the kind {one.kind} with the layout {one.layout} fail in this version", cure
            )
        elif not is_there(one.path):
            yield fail(name, f"{one.path} does not exist", f"Make or mount {one.path}, writable for the daemon's user.")
        elif failure := unwritable(one.path):
            cure = (
                f"Make {one.path} a folder that the daemon's user can write; under systemd, add it to ReadWritePaths."
            )
            yield fail(name, f"{one.path} {failure}", cure)
        else:
            yield ok(name, str(one.path))
