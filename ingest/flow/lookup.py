"""Packages, labels, emails and DSPs by the names that people give; NotFound where there is none of that name."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from ingest.config import Config
from ingest.flow.errors import NotFound
from ingest.store.labels import find_label
from ingest.store.models import Label, Notice, Package
from ingest.store.notices import get_notice
from ingest.store.packages import get_package


def package_numbered(tx: Session, package: int) -> Package:
    """The package of this number. Raises NotFound."""
    row = get_package(tx, package)
    if row is None:
        raise NotFound("package", package)
    return row


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


def check_dsps(config: Config, names: Sequence[str]) -> None:
    """Raise NotFound unless every name is that of a DSP in the configuration; `unknown` has all that are not."""
    unknown = tuple(name for name in names if name not in config.dsp)
    if unknown:
        raise NotFound("dsp", unknown[0], unknown=unknown, known=tuple(sorted(config.dsp)))
