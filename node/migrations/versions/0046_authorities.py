"""Agreements for the staff of certain 任命権者."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from federation.columns import Json, UtcTime

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Leave every agreement open to all staff of its towns."""
    op.add_column("agreement", sa.Column("authorities", Json, server_default="[]", nullable=False))


def downgrade() -> None:
    """Forget whom they were for; one that was for some is suspended, since it would be open to all."""
    columns = (sa.column("id", sa.String), sa.column("suspended_at", UtcTime), sa.column("authorities", Json))
    table = sa.table("agreement", *columns)
    rows = op.get_bind().execute(sa.select(table.c.id, table.c.authorities)).all()
    narrow = [row.id for row in rows if row.authorities]
    one = sa.update(table).where(table.c.id.in_(narrow), table.c.suspended_at.is_(None))
    op.get_bind().execute(one.values(suspended_at=datetime.now(UTC)))
    op.drop_column("agreement", "authorities")
