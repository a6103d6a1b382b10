"""Printing to standard output."""

from __future__ import annotations

import io
import sys

import click

from ingest.core.visible import visible


def say_it_anyhow() -> None:
    """Print `?` for characters that the encoding of stdout lacks, instead of raising: names may be any Unicode."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def say(text: str) -> None:
    """Print one line that may hold what a label wrote."""
    click.echo(visible(text))
