"""What people decided: who, when and through which face."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ingest.store.models import Moment, Words

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("package_id", sa.Integer(), nullable=True),
        sa.Column("label_id", sa.Integer(), nullable=True),
        sa.Column("who", Words(), nullable=False),
        sa.Column("face", sa.String(16), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("note", Words(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["package_id"], ["packages.id"], name=op.f("fk_decisions_package_id")),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_decisions_label_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_decisions_package_id"), "decisions", ["package_id"])
    op.create_index(op.f("ix_decisions_label_id"), "decisions", ["label_id"])


def downgrade() -> None:
    op.drop_table("decisions")
