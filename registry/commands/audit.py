"""The registry's audit log, from the command line."""

from datetime import datetime

from federation import records
from registry.commands.root import cli, opened


@cli.group("audit", help=records.GROUP)
def audit_group() -> None:
    """Hold the commands about the log."""


@audit_group.command("verify", help=records.VERIFY)
@records.HEAD
def audit_verify(head: str) -> None:
    """Follow the chain, up to an earlier head too."""
    records.verify(opened().storage, head)


@audit_group.command("export", help=records.EXPORT)
@records.SINCE
@records.UNTIL
def audit_export(since: datetime | None, until: datetime | None) -> None:
    """Write it out."""
    records.export(opened().storage, since, until)
