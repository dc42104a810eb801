"""Why a search found nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the reason; of earlier searches none is known."""
    op.add_column("unmet_search", sa.Column("reason", sa.String(length=10), nullable=False, server_default=""))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("unmet_search", "reason")
