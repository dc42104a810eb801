"""Who has confirmed which version of whose 利用上の注意."""

import sqlalchemy as sa
from alembic import op

from federation.columns import UtcTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for it."""
    op.create_table(
        "house_rules_consent",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("version", sa.String(length=300), nullable=False),
        sa.Column("host_name", sa.String(length=100), nullable=False),
        sa.Column("confirmed_at", UtcTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_house_rules_consent_staff_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("staff_id", "host", "version", name=op.f("pk_house_rules_consent")),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("house_rules_consent")
