"""Deliveries as lines for people and as JSON for machines, as `ingest show` and `ingest deliveries` print them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime

from ingest.core.delivery_state import DeliveryPurpose, Standing
from ingest.core.visible import visible
from ingest.flow.delivery_lines import DeliveryLine


def delivery_words(line: DeliveryLine) -> Iterator[str]:
    """A delivery in one line, and what the DSP answered in another."""
    purpose = "" if line.purpose is DeliveryPurpose.DELIVER else f" ({line.purpose})"
    sent = "" if line.shipment is None else f" · {line.kind}, shipment {line.shipment}"
    failure = f" · {line.fault}" if line.fault else ""
    yield f"→ {line.dsp}{purpose}: {_state(line)}{sent}, attempts {line.attempts}{_next(line)}{failure}"
    if line.notes:
        yield f"  notes: {visible(line.notes)}"
    if line.answer is not None:
        yield f"  the DSP answered: {line.answer} ({visible(line.answered or '')})"


def _state(line: DeliveryLine) -> str:
    if line.state is Standing.HELD:
        return "held until it is approved" if line.not_before is None else f"held until {_minute(line.not_before)}"
    if line.state is Standing.SENDING:
        return f"sending, {line.bytes_sent or 0:,} of {line.bytes_in_all or 0:,} bytes"
    if line.state is Standing.SUPERSEDED:
        return f"superseded by package {line.superseded_by}"
    return line.state


def _next(line: DeliveryLine) -> str:
    """What becomes of a delivery that failed."""
    if line.state is Standing.FAILED:
        return ", waits for `ingest retry`"
    return ", tried again by itself" if line.state is Standing.QUEUED and line.fault else ""


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def delivery_json(line: DeliveryLine) -> dict[str, object]:
    """A delivery as JSON; times are ISO 8601 in UTC."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(line).items()}
