"""Several deliveries of a package to one DSP, each for a purpose, and how far each is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

UNIQUE = "uq_deliveries_package_id"


def upgrade() -> None:
    with op.batch_alter_table("deliveries", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.add_column(sa.Column("number", sa.Integer(), nullable=False, server_default="1"))
        table.add_column(sa.Column("purpose", sa.String(16), nullable=False, server_default="deliver"))
        table.add_column(sa.Column("not_before", sa.DateTime(), nullable=True))
        table.add_column(sa.Column("notes", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("sending_since", sa.DateTime(), nullable=True))
        table.add_column(sa.Column("bytes_sent", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("bytes_in_all", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("taken_down_by", sa.Integer(), nullable=True))
        table.create_foreign_key("fk_deliveries_taken_down_by", "deliveries", ["taken_down_by"], ["id"])
        table.drop_constraint(UNIQUE, type_="unique")
        table.create_unique_constraint(UNIQUE, ["package_id", "dsp", "number"])
    with op.batch_alter_table("deliveries", table_kwargs={"sqlite_autoincrement": True}) as table:
        for column, kind in (("number", sa.Integer()), ("purpose", sa.String(16)), ("notes", sa.Text())):
            table.alter_column(column, existing_type=kind, server_default=None)


def downgrade() -> None:
    later = "SELECT id FROM deliveries WHERE number > 1"
    op.execute(f"DELETE FROM delivery_attempts WHERE delivery_id IN ({later})")
    shipped = f"SELECT id FROM shipments WHERE delivery_id IN ({later})"
    op.execute(f"UPDATE dsp_answers SET shipment_id = NULL WHERE shipment_id IN ({shipped})")
    op.execute(f"DELETE FROM shipments WHERE delivery_id IN ({later})")
    op.execute("UPDATE deliveries SET taken_down_by = NULL")
    op.execute("DELETE FROM deliveries WHERE number > 1")
    op.execute("UPDATE deliveries SET state = 'delivered' WHERE state IN ('accepted', 'rejected', 'taken-down')")
    op.execute("UPDATE deliveries SET state = 'failed' WHERE state = 'held'")
    with op.batch_alter_table("deliveries", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.drop_constraint("fk_deliveries_taken_down_by", type_="foreignkey")
        table.drop_constraint(UNIQUE, type_="unique")
        for column in ("number", "purpose", "not_before", "notes", "sending_since"):
            table.drop_column(column)
        for column in ("bytes_sent", "bytes_in_all", "taken_down_by"):
            table.drop_column(column)
        table.create_unique_constraint(UNIQUE, ["package_id", "dsp"])
