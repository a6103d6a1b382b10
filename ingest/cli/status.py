"""`ingest status`"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click

from ingest.cli.errors import NO
from ingest.cli.options import Here, format_option, pass_here
from ingest.core.visible import visible
from ingest.flow.health import Health, look
from ingest.host.disk import size


@click.command("status", short_help="Show whether the daemon is alive and what waits.")
@format_option
@pass_here
def command(here: Here, output: str) -> None:
    """Show whether the daemon is alive and what waits: workers, packages, emails, disk.

    Exit status: 0 healthy, 1 not (no worker was heard of for half a minute, the database does not answer, the disk is
    full, no email leaves for an hour, an alarm does not reach ops by email), 2 the configuration cannot be used. Fit
    for monitoring: it changes nothing and answers within seconds.
    """
    health = look(here.config, datetime.now(UTC))
    click.echo(json.dumps(as_json(health), indent=2) if output == "json" else as_text(health))
    if health.failures:
        raise SystemExit(NO)


def as_json(health: Health) -> dict[str, object]:
    """For machines: ages in seconds, times in ISO 8601 UTC, bytes; null for what is unknown."""
    oldest = health.oldest_incoming
    return {
        "healthy": not health.failures,
        "faults": list(health.failures),
        "at": health.at.isoformat(),
        "workers": [
            {"name": name, "heard_at": heard.isoformat(), "alive": health.is_alive(name)}
            for name, heard in health.workers.items()
        ],
        "packages": {status.value: count for status, count in health.packages.items()},
        "waiting_for_retry": health.on_hold,
        "oldest_incoming": oldest
        and {
            "package": oldest.package,
            "received_at": oldest.received_at.isoformat(),
            "seconds": _seconds(health.at, oldest.received_at),
        },
        "unsent_emails": health.unsent,
        "oldest_unsent_seconds": None if health.oldest_unsent is None else _seconds(health.at, health.oldest_unsent),
        "unsent_fault": health.unsent_fault,
        "given_up_emails": health.given_up,
        "given_up_fault": health.given_up_fault,
        "disk_free_bytes": health.free_bytes,
    }


def as_text(health: Health) -> str:
    """For people: what is wrong first, or `healthy`."""
    lines = [f"NOT HEALTHY  {failure}" for failure in health.failures] or ["healthy"]
    for name, heard in health.workers.items():
        what = "stopped" if name in health.stopped else "heard of"
        lines.append(f"worker       {name}, {what} {_age(health.at, heard)} ago")
    lines += [f"{count:>6} {status.value}" for status, count in health.packages.items()]
    if health.oldest_incoming is not None:
        oldest = health.oldest_incoming
        lines.append(f"oldest       package {oldest.package} is Incoming for {_age(health.at, oldest.received_at)}")
    if health.on_hold:
        lines.append(f"aside        {health.on_hold} wait for `ingest retry`")
    since = "" if health.oldest_unsent is None else f", the oldest for {_age(health.at, health.oldest_unsent)}"
    failed = "" if health.unsent_fault is None else f"; it failed: {health.unsent_fault}"
    lines.append(f"emails       {health.unsent} unsent{since}{failed}")
    if health.given_up:
        lines.append(f"WARNING      emails given up: {health.given_up}, the last: {health.given_up_fault}")
        lines.append("             `ingest resend` lists them, and sends them again once the cause is gone")
    if health.free_bytes is not None:
        lines.append(f"disk         {size(health.free_bytes)} free")
    return "\n".join(visible(line) for line in lines)


def _seconds(now: datetime, then: datetime) -> int:
    return max(0, round((now - then).total_seconds()))


def _age(now: datetime, then: datetime) -> str:
    seconds = _seconds(now, then)
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
