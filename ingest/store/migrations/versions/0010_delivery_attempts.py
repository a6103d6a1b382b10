"""Attempts of deliveries as rows, and `superseded` as a state of deliveries."""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

OVERTAKEN = "nothing was sent: the DSP has a newer message of this release, that of package"

deliveries = sa.table(
    "deliveries",
    sa.column("id", sa.Integer),
    sa.column("state", sa.String),
    sa.column("fault", sa.Text),
    sa.column("superseded_by", sa.Integer),
)


def upgrade() -> None:
    with op.batch_alter_table("deliveries") as table:
        table.add_column(sa.Column("superseded_by", sa.Integer(), nullable=True))
        table.create_foreign_key("fk_deliveries_superseded_by", "packages", ["superseded_by"], ["id"])
    op.create_table(
        "delivery_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("permanent", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name="fk_delivery_attempts_delivery_id"),
        sa.PrimaryKeyConstraint("id", name="pk_delivery_attempts"),
        sa.UniqueConstraint("delivery_id", "run", "attempt", name="uq_delivery_attempts_delivery_id"),
        sqlite_autoincrement=True,
    )
    _mark_superseded()


def _mark_superseded() -> None:
    """Deliveries of which nothing was sent had the state `delivered`, and a sentence in place of a failure."""
    rows = op.get_bind().execute(
        sa.select(deliveries.c.id, deliveries.c.fault).where(deliveries.c.state == "delivered")
    )
    for delivery, fault in rows.all():
        if found := re.fullmatch(rf"{OVERTAKEN} (\d+)", fault or ""):
            own = sa.update(deliveries).where(deliveries.c.id == delivery)
            op.execute(own.values(state="superseded", fault=None, superseded_by=int(found[1])))


def downgrade() -> None:
    op.execute(
        sa.update(deliveries)
        .where(deliveries.c.state == "superseded")
        .values(state="delivered", fault=OVERTAKEN + sa.literal(" ") + sa.cast(deliveries.c.superseded_by, sa.Text))
    )
    op.drop_table("delivery_attempts")
    with op.batch_alter_table("deliveries") as table:
        table.drop_constraint("fk_deliveries_superseded_by", type_="foreignkey")
        table.drop_column("superseded_by")
