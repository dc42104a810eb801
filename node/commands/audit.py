"""A town's audit log, from the command line."""

from datetime import datetime

from federation import records
from node.app import open_town
from node.commands.root import TOWN, cli, migrated, one


@cli.group("audit", help=records.GROUP)
def audit_group() -> None:
    """Hold the commands about the log."""


@audit_group.command("verify", help=records.VERIFY)
@records.HEAD
@TOWN
def audit_verify(head: str, code: str | None) -> None:
    """Follow the chain, up to an earlier head too."""
    records.verify(migrated(open_town(one(code))).storage, head)


@audit_group.command("export", help=records.EXPORT)
@records.SINCE
@records.UNTIL
@TOWN
def audit_export(since: datetime | None, until: datetime | None, code: str | None) -> None:
    """Write it out."""
    records.export(migrated(open_town(one(code))).storage, since, until)
