"""災害時の受入れ by command, for when no page can be reached."""

import click

from federation.terminal import say
from federation.wording import phrase
from node.app import open_town
from node.commands.root import TOWN, cli, migrated, one
from node.host import disaster


@cli.command(
    "disaster",
    help=phrase("連携基盤と通信できない間も、最後に確認できた参加団体を受け入れます（最長7日、自動で終わります）。"),
)
@click.option("--days", type=click.IntRange(1, disaster.LONGEST), default=1, show_default=True, help=phrase("日数。"))
@click.option("--reason", default="", help=phrase("理由。監査記録に残ります。"))
@click.option("--end", "ends", is_flag=True, help=phrase("期限を待たずに終わります。"))
@TOWN
def declare(days: int, reason: str, code: str | None, *, ends: bool) -> None:
    """Declare a disaster, or end it."""
    town = migrated(open_town(one(code)))
    with town.storage.transaction(write=True) as db:
        if ends:
            disaster.end(db, by="command", now=town.clock())
        else:
            made = disaster.declare(db, days=days, reason=reason, by="command", now=town.clock())
    if ends:
        say(phrase("災害時の受入れを終わりました。"))
    else:
        say(
            phrase("災害時の受入れを始めました。%(until)s に終わります。"),
            until=made.until.isoformat(timespec="minutes"),
        )
