"""Files that are taken over, kept row by row; names of sites, rooms and desks of up to 200 letters."""

import sqlalchemy as sa
from alembic import op

from federation.columns import Json, UtcTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_NAMES = (
    ("site", "name"),
    ("room", "name"),
    ("desk", "name"),
    ("attendance", "site_name"),
    ("attendance", "desk_name"),
    ("heard_emergency", "site_name"),
)


def upgrade() -> None:
    """Make the tables and widen the names."""
    _names(100, 200)
    op.create_table(
        "import",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("encoding", sa.String(length=20), nullable=False),
        sa.Column("heading", Json, nullable=False),
        sa.Column("remarks", Json, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("options", Json, nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("expires", UtcTime(), nullable=False),
        sa.CheckConstraint("kind IN ('facilities', 'desks', 'hours', 'closures')", name=op.f("ck_import_kind")),
        sa.CheckConstraint("state IN ('checked', 'running', 'done')", name=op.f("ck_import_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import")),
    )
    op.create_index(op.f("ix_import_expires"), "import", ["expires"], unique=False)
    op.create_table(
        "import_row",
        sa.Column("import_id", sa.String(length=36), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=800), nullable=False),
        sa.Column("poi", sa.String(length=20), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("target", sa.String(length=36), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("overwrite", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("cells", Json, nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("remarks", Json, nullable=False),
        sa.Column("differences", Json, nullable=False),
        sa.CheckConstraint("verdict IN ('new', 'update', 'same', 'problem')", name=op.f("ck_import_row_verdict")),
        sa.CheckConstraint("outcome IN ('', 'done', 'failed')", name=op.f("ck_import_row_outcome")),
        sa.ForeignKeyConstraint(["import_id"], ["import.id"], name=op.f("fk_import_row_import_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("import_id", "line", name=op.f("pk_import_row")),
    )
    op.create_index(op.f("ix_import_row_import_id_verdict_line"), "import_row", ["import_id", "verdict", "line"])
    op.create_index(
        op.f("ix_import_row_import_id_chosen_outcome_line"), "import_row", ["import_id", "chosen", "outcome", "line"]
    )
    op.create_table(
        "imported_site",
        sa.Column("site_id", sa.String(length=36), nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_imported_site_site_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_imported_site")),
    )


def downgrade() -> None:
    """Drop the tables and narrow the names again."""
    op.drop_table("imported_site")
    op.drop_table("import_row")
    op.drop_table("import")
    _names(200, 100)


def _names(before: int, after: int) -> None:
    """Change how long names may be.

    SQLite has no word for it and heeds no length; only its record of the table's text is changed, as
    https://sqlite.org/lang_altertable.html section 7 describes for changes that no stored row sees.
    """
    if op.get_context().dialect.name != "sqlite":
        for table, column in _NAMES:
            op.alter_column(table, column, existing_type=sa.String(length=before), type_=sa.String(length=after))
        return
    version = op.get_bind().exec_driver_sql("PRAGMA schema_version").scalar_one()
    op.execute("PRAGMA writable_schema=ON")
    for table, column in _NAMES:
        change = sa.text(
            "UPDATE sqlite_master SET sql = replace(sql, :before, :after) WHERE type = 'table' AND name = :table"
        )
        words = {"before": f"{column} VARCHAR({before})", "after": f"{column} VARCHAR({after})", "table": table}
        op.execute(change.bindparams(**words))
    op.execute(f"PRAGMA schema_version={version + 1}")
    op.execute("PRAGMA writable_schema=OFF")
