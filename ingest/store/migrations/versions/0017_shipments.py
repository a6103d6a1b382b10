"""Shipments: what a DSP is sent by one delivery, and what it has once that was sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shipments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Uuid(), nullable=False),
        sa.Column("dsp", sa.String(64), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("batch_id", sa.String(17), nullable=False),
        sa.Column("message_id", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=True),
        sa.Column("built_at", sa.DateTime(), nullable=True),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name="fk_shipments_delivery_id"),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name="fk_shipments_release_id"),
        sa.PrimaryKeyConstraint("id", name="pk_shipments"),
        sa.UniqueConstraint("delivery_id", name="uq_shipments_delivery_id"),
        sa.UniqueConstraint("message_id", name="uq_shipments_message_id"),
        sa.UniqueConstraint("dsp", "batch_id", name="uq_shipments_dsp"),
        sa.UniqueConstraint("release_id", "dsp", "place", name="uq_shipments_release_id"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("shipments")
