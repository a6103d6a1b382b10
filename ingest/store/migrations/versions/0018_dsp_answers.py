"""What DSPs answered about shipments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dsp_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dsp", sa.String(64), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("shipment_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("needs_person", sa.Boolean(), nullable=True),
        sa.Column("read_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipments.id"], name="fk_dsp_answers_shipment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_dsp_answers"),
        sa.UniqueConstraint("dsp", "file", "number", name="uq_dsp_answers_dsp"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_dsp_answers_shipment_id", "dsp_answers", ["shipment_id"])


def downgrade() -> None:
    op.drop_table("dsp_answers")
