"""how far the search of the past has come

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_COUNTERS = ("rematch_searched", "rematch_added", "rematch_removed", "rematch_kept")


def upgrade() -> None:
    # The default stays: code from before writes query versions without knowing these columns.
    for name in _COUNTERS:
        column = sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)
        op.add_column("query_versions", column)
    op.add_column("query_versions", sa.Column("rematch_total", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("query_versions", "rematch_total")
    for name in _COUNTERS:
        op.drop_column("query_versions", name)
