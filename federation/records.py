"""The audit log by command, the same at a node and at the registry: is it whole, and a copy for whoever asks."""

from datetime import UTC, datetime

import click

from federation import audit
from federation.audit import Head
from federation.storage import Storage
from federation.terminal import say
from federation.wording import phrase

SINCE = click.option("--since", type=click.DateTime(), help=phrase("この時刻（UTC）以後の行だけを書き出します。"))
UNTIL = click.option("--until", type=click.DateTime(), help=phrase("この時刻（UTC）より前の行だけを書き出します。"))
HEAD = click.option(
    "--head", default="", help=phrase("以前の書き出しの最後の行にある head。そこまでが変わっていないことも確かめます。")
)

GROUP = phrase("監査記録を検証し、書き出します。")
VERIFY = phrase(
    "監査記録が改ざんされていないことを確かめます。合わない行があれば、その番号を示して終了コード 1 で終わります。"
)
EXPORT = phrase("監査記録を JSON Lines で標準出力に書き出します。最後の行の head を、別の場所に保管してください。")


def verify(storage: Storage, head: str) -> None:
    """Say whether the log is whole, and end with 1 where it is not."""
    known = Head.read(head) if head else None
    with storage.transaction() as db:
        chain, newest = audit.verify(db, known=known), audit.head_of(db)
    if not chain:
        say(phrase("監査記録が合いません。最初に合わない行：%(number)s"), number=chain.broken_at or 0)
        raise click.exceptions.Exit(1)
    say(phrase("監査記録に異常はありません（%(rows)s行）。head：%(head)s"), rows=chain.rows, head=str(newest))


def export(storage: Storage, since: datetime | None, until: datetime | None) -> None:
    """Write the log out line by line, however long it is."""
    with storage.transaction() as db:
        for line in audit.export(db, since=_utc(since), until=_utc(until)):
            click.echo(line)


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None
