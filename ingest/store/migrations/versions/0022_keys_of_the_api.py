"""Keys and tokens of the REST API, and labels that are sandboxes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("labels", sa.Column("is_sandbox", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(30), nullable=False),
        sa.Column("label_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("start", sa.String(16), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("is_test", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name="fk_api_keys_label_id"),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("digest", name="uq_api_keys_digest"),
    )
    op.create_index("ix_api_keys_label_id", "api_keys", ["label_id"])
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.String(30), nullable=False),
        sa.Column("label_id", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.String(30), nullable=True),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name="fk_api_tokens_label_id"),
        sa.ForeignKeyConstraint(["key_id"], ["api_keys.id"], name="fk_api_tokens_key_id"),
        sa.PrimaryKeyConstraint("id", name="pk_api_tokens"),
        sa.UniqueConstraint("digest", name="uq_api_tokens_digest"),
    )
    for column in ("label_id", "key_id", "expires_at"):
        op.create_index(f"ix_api_tokens_{column}", "api_tokens", [column])


def downgrade() -> None:
    op.drop_table("api_tokens")
    op.drop_table("api_keys")
    with op.batch_alter_table("labels") as labels:
        labels.drop_column("is_sandbox")
