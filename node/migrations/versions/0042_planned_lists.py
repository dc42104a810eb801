"""Staff lists that wait for their day, and letters of approval for those who chose their kinds before there were any."""

import sqlalchemy as sa
from alembic import op

from federation.columns import UtcTime

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table. Who wants some letters and was never asked about this kind gets it; who wants none does not."""
    op.create_table(
        "planned_list",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("effective", sa.Date(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("over_at", UtcTime(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'done', 'withdrawn', 'failed')", name=op.f("ck_planned_list_state")),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"], name=op.f("fk_planned_list_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_list")),
    )
    op.create_index(op.f("ix_planned_list_state_effective"), "planned_list", ["state", "effective"])
    op.execute(
        "UPDATE mail_wish SET kinds = kinds || ' approval' WHERE kinds <> '' AND ' ' || kinds || ' ' NOT LIKE '% approval %'"
    )


def downgrade() -> None:
    """Drop the table; the kinds stay, which the release before knows as well."""
    op.drop_index(op.f("ix_planned_list_state_effective"), "planned_list")
    op.drop_table("planned_list")
