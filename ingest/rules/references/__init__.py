"""REF: the message's own references."""

from typing import Final

from ingest.rules.references import links

FAMILIES: Final = (
    links.links,
    links.deliveries,
)
