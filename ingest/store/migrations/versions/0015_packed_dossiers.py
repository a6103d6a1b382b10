"""A column for compressed dossiers. Those that are stored in full stay where they are, and stay readable."""

from __future__ import annotations

import json
import zlib

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("packages", sa.Column("dossier_packed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    packages = sa.table(
        "packages",
        sa.column("id", sa.Integer()),
        sa.column("dossier", sa.JSON()),
        sa.column("dossier_packed", sa.LargeBinary()),
    )
    connection = op.get_bind()
    packed = sa.select(packages.c.id).where(packages.c.dossier_packed.is_not(None))
    for number in connection.scalars(packed).all():
        one = packages.c.id == number
        stored = connection.scalars(sa.select(packages.c.dossier_packed).where(one)).one()
        connection.execute(sa.update(packages).where(one).values(dossier=json.loads(zlib.decompress(stored))))
    with op.batch_alter_table("packages") as table:
        table.drop_column("dossier_packed")
