"""The command line: one verb, one module; each parses, calls and prints."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import click

from ingest import __version__
from ingest.cli.errors import Group
from ingest.cli.options import Here
from ingest.host.private import UMASK


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    help="The configuration file. Else: $INGEST_CONFIG, ./config.toml, /etc/ingest/config.toml.",
)
@click.version_option(__version__, prog_name="ingest")
@click.pass_context
def main(context: click.Context, config_path: Path | None) -> None:
    """The front door of a music distributor: releases come in over SFTP, are checked, reviewed and delivered.

    Try `ingest demo` for a whole daemon in one folder, or `ingest check FOLDER` to check a release without any daemon.

    Exit status: 0 done or yes; 1 the answer is no (a release is Invalid, the daemon is not healthy, the configuration
    has mistakes, the doctor found a failure); 2 wrong usage (a package, label, DSP or rule that there is not, a bad
    address, a decision that cannot be taken), a failure of ours, or Ctrl-C.
    """
    context.obj = Here(config_path)
    before = os.umask(UMASK)
    context.call_on_close(lambda: os.umask(before))
    # The process ends after the command: a garbage collection at exit would only take time.
    context.call_on_close(gc.freeze)
