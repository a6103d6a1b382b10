"""`ingest rules [CODE]`"""

from __future__ import annotations

import json
import textwrap
from dataclasses import asdict
from typing import Final

import click

from ingest.cli.options import Here, format_option, pass_here
from ingest.config import Config
from ingest.config.mistakes import nearest
from ingest.core.visible import visible
from ingest.rulebook import RULES, TITLES, examples, facts_of
from ingest.rules.rule import Rule

WIDTH: Final = 100
INDENT: Final = 12


@click.command("rules", short_help="List every rule, or explain one.")
@click.argument("code", required=False)
@format_option
@pass_here
def command(here: Here, code: str | None, output: str) -> None:
    """List every rule, or explain one: what it finds, why, and how a label cures it.

    Words in braces stand for what is found in a release. A rule that the configuration silences or re-grades says so.
    """
    config = here.config_or_defaults
    if code is None:
        _list(config, output)
        return
    rule = RULES.get(code.upper())
    if rule is None:
        near = nearest(code.upper(), RULES)
        hint = f"did you mean {near}?" if near else "`ingest rules` lists them"
        raise click.UsageError(f"there is no rule {visible(code)}; {hint}")
    if output == "json":
        click.echo(json.dumps(_json(rule, config), indent=2))
    else:
        _explain(rule, here, config)


def _list(config: Config, output: str) -> None:
    if output == "json":
        click.echo(json.dumps({"rules": [_json(rule, config) for rule in RULES.values()]}, indent=2))
        return
    family = ""
    for rule in RULES.values():
        if rule.family != family:
            click.echo(f"{'' if not family else chr(10)}{rule.family}  {TITLES[rule.family]}")
            family = rule.family
        click.echo(f"  {rule.code}  {_grade(rule, config):8} {rule.text}")


def _grade(rule: Rule, config: Config) -> str:
    """The severity in force, or `silenced`."""
    return "silenced" if rule.code in config.rules.silenced else _severity(rule, config)


def _severity(rule: Rule, config: Config) -> str:
    return config.rules.severity.get(rule.code, rule.severity).value


def _json(rule: Rule, config: Config) -> dict[str, object]:
    """`severity` is the one in force, `default_severity` the rule's own."""
    return {
        "code": rule.code,
        "severity": _severity(rule, config),
        "default_severity": rule.severity.value,
        "silenced": rule.code in config.rules.silenced,
        "text": rule.text,
        "fix": rule.fix,
        "snippet": rule.snippet,
        "why": " ".join(rule.why.split()),
        "source": rule.source,
        "ddex_status": rule.ddex_status.value,
        "example": None if (example := examples().get(rule.code)) is None else asdict(example),
    }


def _explain(rule: Rule, here: Here, config: Config) -> None:
    click.echo(f"{rule.code}  {rule.severity.value}  ({TITLES[rule.family]})")
    for name, text in facts_of(rule):
        click.echo(_paragraph(name, text))
    if rule.code in config.rules.silenced:
        click.echo(_paragraph("Here", f"silenced by {here.path}: it is never reported."))
    elif rule.code in config.rules.severity:
        click.echo(_paragraph("Here", f"reported as {_severity(rule, config)}, as {here.path} says."))


def _paragraph(name: str, text: str) -> str:
    filled = textwrap.fill(" ".join(text.split()), WIDTH - INDENT, break_long_words=False, break_on_hyphens=False)
    return textwrap.indent(filled, " " * INDENT).replace(" " * INDENT, f"  {name:{INDENT - 2}}", 1)
