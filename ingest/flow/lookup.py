"""Packages, releases, labels, emails, webhooks and DSPs by the names that people give; NotFound where none has it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from ingest.config import Config
from ingest.flow.errors import Code, Conflict, NotFound, Refused
from ingest.store import releases, webhooks
from ingest.store.labels import find_label
from ingest.store.models import Label, Notice, Package, WebhookEndpoint, WebhookMessage
from ingest.store.notices import get_notice
from ingest.store.packages import get_package, packages_in_folder

SHORTEST_BARCODE: Final = 11
"""Digits from which on a number is that of a barcode, and not of a package."""
MOST: Final = 2**31 - 1


def package_numbered(tx: Session, package: int) -> Package:
    """The package of this number. Raises NotFound."""
    row = get_package(tx, package)
    if row is None:
        raise NotFound("package", package)
    return row


def package_meant(tx: Session, name: str) -> Package:
    """The package that stands for what a person named, by which its release is known.

    The name is the number of a package, the barcode or id of a release, or the name of a release folder; of several
    packages the newest is meant. Raises NotFound, and Conflict where releases of several labels are so named.
    """
    found = list(_named(tx, name))
    meant = {one.release_id or one.id for one in found}
    if not found:
        raise NotFound("release", name)
    if len(meant) > 1:
        raise Conflict(Code.RELEASE_AMBIGUOUS, release=name, candidates=tuple(sorted(map(str, meant))))
    return found[0]


def _named(tx: Session, name: str) -> Sequence[Package]:
    """The packages that a name may mean, the newest first."""
    with suppress(ValueError):
        return releases.packages_of(tx, UUID(name))
    if name.isdecimal() and len(name) < SHORTEST_BARCODE:
        one = get_package(tx, int(name)) if int(name) <= MOST else None
        return [] if one is None else [one]
    return releases.packages_with_barcode(tx, name) or packages_in_folder(tx, name)


def email_numbered(tx: Session, email: int) -> Notice:
    """The email of this number. Raises NotFound."""
    row = get_notice(tx, email)
    if row is None:
        raise NotFound("email", email)
    return row


def label_named(tx: Session, name: str) -> Label:
    """The label of this user name. Raises NotFound."""
    row = find_label(tx, name)
    if row is None:
        raise NotFound("label", name)
    return row


def endpoint_with(tx: Session, endpoint: str, label: str | None = None) -> WebhookEndpoint:
    """The webhook endpoint of this id; with `label`, only one of that label. Raises NotFound."""
    row = webhooks.get_endpoint(tx, endpoint) if endpoint.isprintable() else None
    if row is None or (label is not None and label_named(tx, label).id != row.label_id):
        raise NotFound("endpoint", endpoint)
    return row


def webhook_with(tx: Session, webhook: str, label: str | None = None) -> WebhookMessage:
    """The webhook of this id; with `label`, only one of that label. Raises NotFound."""
    row = webhooks.get_message(tx, webhook) if webhook.isprintable() else None
    if row is None:
        raise NotFound("webhook", webhook)
    try:
        endpoint_with(tx, row.endpoint_id, label)
    except NotFound:
        raise NotFound("webhook", webhook) from None
    return row


def check_sandbox(config: Config, label: str, names: Sequence[str], *, is_sandbox: bool) -> None:
    """Raise Refused where a label and a DSP do not go together: sandboxes are delivered to sandbox DSPs, and only they.

    A DSP that is not in the configuration passes.
    """
    for name in names:
        dsp = config.dsp.get(name)
        if dsp is not None and dsp.sandbox != is_sandbox:
            if dsp.sandbox:
                raise Refused(Code.DSP_IS_SANDBOX, label=label, dsp=name)
            raise Refused(Code.DSP_IS_LIVE, label=label, dsp=name)


def check_dsps(config: Config, names: Sequence[str]) -> None:
    """Raise NotFound unless every name is that of a DSP in the configuration; `unknown` has all that are not."""
    unknown = tuple(name for name in names if name not in config.dsp)
    if unknown:
        raise NotFound("dsp", unknown[0], unknown=unknown, known=tuple(sorted(config.dsp)))
