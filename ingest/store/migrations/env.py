"""How alembic runs here: on the connection it is handed, over our tables only."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context

from ingest.store.models import Base


def ours(item: Any, name: str | None, kind: str, reflected: bool, _compare_to: Any) -> bool:
    """Leave alone what other programs (the workflow engine) keep in the same database."""
    if kind == "table":
        return name in Base.metadata.tables
    table = getattr(item, "table", None)
    return not reflected or table is None or table.name in Base.metadata.tables


def run() -> None:
    connection: sa.Connection = context.config.attributes["connection"]
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=sqlite,
        include_object=ours,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
    if sqlite:
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")
        connection.commit()


run()
