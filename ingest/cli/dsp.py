"""`ingest dsp`: the DSPs of the configuration, and a trial of one."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from ingest.cli.errors import NO
from ingest.cli.options import Here, format_option, pass_here
from ingest.cli.terminal import say
from ingest.core.visible import visible
from ingest.flow.dsps import dsps, try_dsp


@click.group("dsp", short_help="List the DSPs, try one out, fetch answers.")
def command() -> None:
    """List the DSPs of the configuration, try one out, and fetch what they answered."""


@command.command("list", short_help="List the DSPs.")
@format_option
@pass_here
def list_(here: Here, output: str) -> None:
    """List the DSPs: where each is reached, and what it gets."""
    found = dsps(here.config)
    if output == "json":
        click.echo(json.dumps({"dsps": [asdict(one) for one in found]}, indent=2))
        return
    if not found:
        say("no DSP is configured; docs/dsps.md says how")
    for one in found:
        title = f" ({visible(one.title)})" if one.title else ""
        say(f"{one.name}{title}: {one.gets}; {visible(one.place)}")


@command.command("test", short_help="Connect, write, list and remove a small file.")
@click.argument("name")
@format_option
@pass_here
def test(here: Here, name: str, output: str) -> None:
    """Connect to the DSP NAME, prove its host key, write, list and remove a small file, look for acknowledgements.

    Nothing else there is touched. Exit status 1 where a step failed.
    """
    steps = try_dsp(here.config, name)
    if output == "json":
        click.echo(json.dumps({"dsp": name, "steps": [asdict(step) for step in steps]}, indent=2))
    else:
        for step in steps:
            say(f"{'FAIL' if step.failed else 'OK':4}  {step.what}: {visible(step.result)}")
    if any(step.failed for step in steps):
        raise SystemExit(NO)


@command.command("fetch", short_help="Read the acknowledgements of DSPs now.")
@pass_here
def fetch(here: Here) -> None:
    """Read the new acknowledgements of all DSPs now; the daemon does it every five minutes.

    `ingest show` then says what a DSP answered about a package.
    """
    with here.app() as app:
        new = app.answers.fetch()
    say(f"{new} new answers")
