"""`ingest --help`: every verb in a whole sentence."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from ingest.cli import main

COLUMNS = 80


def groups(group: click.Group, name: str = "ingest") -> Iterator[tuple[str, click.Group]]:
    yield name, group
    for verb in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), verb)
        if isinstance(command, click.Group):
            yield from groups(command, verb)


@pytest.mark.parametrize("group", [pytest.param(group, id=name) for name, group in groups(main)])
def test_no_sentence_in_a_list_of_verbs_is_cut_off(group: click.Group) -> None:
    context = click.Context(group, terminal_width=COLUMNS)
    rows = group.get_help(context).partition("Commands:\n")[2].splitlines()
    assert len(rows) == len(group.list_commands(context)) > 1
    assert all(row.endswith(".") and not row.endswith("...") for row in rows)
