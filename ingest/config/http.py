"""The tables of the configuration about requests that we make to addresses which labels name."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Annotated

from pydantic import AfterValidator

from ingest.config.models import Section
from ingest.config.values import Count, Flag, Patience, Port


def _network(value: str) -> str:
    try:
        ip_network(value)
    except ValueError:
        raise ValueError(f"{value!r} is no network; one looks like 10.0.0.0/8 or fd00::/8") from None
    return value


Network = Annotated[str, AfterValidator(_network)]


class Http(Section):
    """Where our requests may go. Private networks are for labs: whoever names an address chooses what we connect to."""

    ports: tuple[Port, ...] = (443,)
    allow_plain_http: Flag = False
    allow_private_networks: tuple[Network, ...] = ()


class Webhooks(Section):
    """How webhooks are sent: seconds of an attempt, how many at one time, and how many endpoints a label may have."""

    timeout_seconds: Patience = 20
    parallel: Count = 32
    max_endpoints_per_label: Count = 10
    body_signature: Flag = False
