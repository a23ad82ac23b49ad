"""relevance filters, and what they hid

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "relevance_filters",
        sa.Column(
            "brand_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.Column("marks", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("model", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column(
            "figures",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("trained_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("apply_key", sa.BigInteger(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["brand_id"],
            ["brands.id"],
            name=op.f("fk_relevance_filters_brand_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("brand_id", name=op.f("pk_relevance_filters")),
    )
    # A default of the server: code of before this migration goes on inserting mentions.
    op.add_column(
        "mentions",
        sa.Column("filtered", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("mentions", sa.Column("relevance", sa.Double(), nullable=True))


def downgrade() -> None:
    # What only the filter hid is shown again: without the column nobody could tell it apart.
    op.execute("UPDATE mentions SET relevant = NULL WHERE filtered")
    with op.batch_alter_table("mentions", schema=None) as batch_op:
        batch_op.drop_column("relevance")
        batch_op.drop_column("filtered")
    op.drop_table("relevance_filters")
