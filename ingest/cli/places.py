"""Where a command writes files for a person: where it was run, or where it may."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import click


def folder_to_write() -> Path:
    """The current folder if files can be made there, else a new folder for temporary files, which everybody can read.

    A command with the rights of the daemon's user is often run in a folder of another user's. The rights are such that
    the person can then read what was written.
    """
    here = Path.cwd()
    if os.access(here, os.W_OK | os.X_OK):
        return Path()
    made = Path(tempfile.mkdtemp(prefix="ingest-"))
    made.chmod(0o755)
    click.echo(f"ingest: {here} cannot be written by this user; the files go to {made}", err=True)
    return made


def readable(path: Path, made: Path | None = None) -> None:
    """Let everybody read a file that was written for a person, and the folders down from `made` in which it lies."""
    path.chmod(0o644)
    for folder in path.parents if made is not None else ():
        if folder.is_relative_to(made or folder):
            folder.chmod(0o755)
