"""Programs and chats of the town's own hear what happens."""

import sqlalchemy as sa
from alembic import op

from federation.columns import UtcTime

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "webhook",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("shown", sa.String(length=300), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("style", sa.String(length=10), nullable=False),
        sa.Column("locale", sa.String(length=2), nullable=False),
        sa.Column("kinds", sa.String(length=400), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("stopped", sa.String(length=10), nullable=False),
        sa.Column("stopped_at", UtcTime(), nullable=True),
        sa.Column("last_at", UtcTime(), nullable=True),
        sa.Column("last_outcome", sa.String(length=20), nullable=False),
        sa.Column("last_status", sa.Integer(), nullable=False),
        sa.Column("failing_since", UtcTime(), nullable=True),
        sa.Column("tried_at", UtcTime(), nullable=True),
        sa.CheckConstraint("style IN ('json', 'teams')", name=op.f("ck_webhook_style")),
        sa.CheckConstraint("stopped IN ('', 'admin', 'gone', 'failing')", name=op.f("ck_webhook_stopped")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )


def downgrade() -> None:
    """Forget the receivers."""
    op.drop_table("webhook")
