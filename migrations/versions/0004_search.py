"""full-text search

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db import fulltext

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "search_pending",
        sa.Column(
            "item_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["items.id"],
            name=op.f("fk_search_pending_item_id_items"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_search_pending")),
    )
    fulltext.create(op.get_bind())
    # What is stored already is indexed in the background, newest first.
    op.execute("INSERT INTO search_pending SELECT id FROM items WHERE purged_at IS NULL")


def downgrade() -> None:
    fulltext.drop(op.get_bind())
    op.drop_table("search_pending")
