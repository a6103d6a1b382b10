"""`ingest config check` and `ingest config show`"""

from __future__ import annotations

import click

from ingest.cli.errors import NO
from ingest.cli.options import Here, pass_here
from ingest.cli.toml_text import toml_of
from ingest.config import ConfigError, read_source
from ingest.config.lines import lines_of


@click.group("config")
def command() -> None:
    """Check the configuration, or show what is in force."""


@command.command("check")
@pass_here
def check(here: Here) -> None:
    """Say OK, or list every mistake with its line. Exit status 1 when there is a mistake."""
    try:
        _ = here.config
    except ConfigError as error:
        for mistake in error.mistakes:
            click.echo(str(mistake))
        raise SystemExit(NO) from None
    click.echo(f"{here.path}: OK")


@command.command("show", short_help="Print the configuration in force as TOML.")
@pass_here
def show(here: Here) -> None:
    """Print the configuration in force as TOML; what the file does not set has its default, secrets are hidden."""
    config = here.config_or_defaults
    if here.path is None:
        click.echo("# no configuration file was found: these are the defaults")
        click.echo(toml_of(config), nl=False)
        return
    click.echo(f"# from {here.path.resolve()}; what a line of it sets is marked with that line")
    click.echo(toml_of(config, lines_of(read_source(here.path))), nl=False)
