"""what is kept for sources between polls, walks into the past, refreshes, accounts' figures

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _what_is_kept()
    _what_is_walked()
    # Nullable or with the server's default: code of before this migration goes on inserting.
    op.add_column("accounts", sa.Column("name", sa.String(), nullable=False, server_default=""))
    op.add_column("accounts", sa.Column("next_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "accounts", sa.Column("last_error", sa.String(), nullable=False, server_default="")
    )
    op.add_column(
        "sources", sa.Column("live", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("sources", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("account_snapshots", sa.Column("following", sa.BigInteger(), nullable=True))
    op.add_column("account_snapshots", sa.Column("impressions", sa.BigInteger(), nullable=True))


def _what_is_kept() -> None:
    op.create_table(
        "source_tokens",
        sa.Column("credential", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        _moment("expires_at", nullable=True),
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("credential", "name", name=op.f("pk_source_tokens")),
    )
    op.create_table(
        "quota_levels",
        sa.Column("sharer", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("used", sa.Double(), nullable=False),
        _moment("at"),
        sa.PrimaryKeyConstraint("sharer", "name", name=op.f("pk_quota_levels")),
    )
    op.create_table(
        "spending",
        _key("source_id"),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.Double(), nullable=False),
        _of_source("spending"),
        sa.PrimaryKeyConstraint("source_id", "day", "name", "currency", name=op.f("pk_spending")),
    )
    op.create_table(
        "source_documents",
        _key("id"),
        _key("source_id"),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        _moment("created_at"),
        _of_source("source_documents"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_documents")),
    )
    op.create_index("ix_source_documents_source_id_name", "source_documents", ["source_id", "name"])


def _what_is_walked() -> None:
    json = sa.JSON(none_as_null=True).with_variant(
        postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
    )
    counts = ("pages", "got", "new", "mentions", "attempt", "failures")
    op.create_table(
        "history_runs",
        _key("id"),
        _key("source_id"),
        sa.Column("state", sa.String(), nullable=False),
        _moment("since"),
        _moment("reached", nullable=True),
        sa.Column("cursor", json, nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in counts),
        _moment("next_at"),
        _moment("leased_until", nullable=True),
        sa.Column("last_error", sa.String(), nullable=False),
        _moment("created_at"),
        _moment("finished_at", nullable=True),
        _of_source("history_runs"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history_runs")),
        sa.UniqueConstraint("source_id", name=op.f("uq_history_runs_source_id")),
    )
    op.create_index("ix_history_runs_due", "history_runs", ["state", "next_at"])
    op.create_table(
        "item_refreshes",
        _key("item_id"),
        _key("source_id"),
        _moment("published_at"),
        _moment("due_at"),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["items.id"],
            name=op.f("fk_item_refreshes_item_id_items"),
            ondelete="CASCADE",
        ),
        _of_source("item_refreshes"),
        sa.PrimaryKeyConstraint("item_id", "source_id", name=op.f("pk_item_refreshes")),
    )
    op.create_index("ix_item_refreshes_due", "item_refreshes", ["due_at"])
    op.create_index(op.f("ix_item_refreshes_source_id"), "item_refreshes", ["source_id"])


def _key(name: str) -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, autoincrement=False, nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _of_source(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["source_id"],
        ["sources.id"],
        name=op.f(f"fk_{table}_source_id_sources"),
        ondelete="CASCADE",
    )


def downgrade() -> None:
    op.drop_column("sources", "told_at")
    op.drop_column("sources", "live")
    op.drop_column("account_snapshots", "impressions")
    op.drop_column("account_snapshots", "following")
    op.drop_column("accounts", "last_error")
    op.drop_column("accounts", "next_at")
    op.drop_column("accounts", "name")
    for table in (
        "item_refreshes", "history_runs", "source_documents", "spending", "quota_levels",
        "source_tokens",
    ):  # fmt: skip
        op.drop_table(table)
