"""After a backup was restored: what this town has told since is told anew, and what others have told it is asked for again."""

import click

from federation import audit
from federation.terminal import say
from federation.wording import phrase
from node.app import open_town
from node.commands.root import TOWN, cli, migrated, one
from node.home import offered
from node.host import agreements


@cli.command(
    "restored",
    help=phrase(
        "データベースをバックアップから戻したあと、サーバーを起動する前に一度だけ実行します。他団体と連携基盤はこの団体の"
        "フィードを最初から読み直し、戻した時点より後の予約は所属団体からもう一度届きます。"
    ),
)
@click.option("--backup", default="", help=phrase("戻したバックアップの日時など。監査記録に残ります。"))
@TOWN
def restored_command(backup: str, code: str | None) -> None:
    """Begin a new epoch of every feed, so that each reader starts again and homes ask anew for what the backup lacks."""
    town = migrated(open_town(one(code)))
    now = town.clock()
    with town.storage.transaction(write=True) as db:
        begun = town.feeds.new_epochs(db)
        agreements.after_restore(db)
        offered.after_restore(db)
        reason = f"new epochs of {', '.join(begun)}; backup: {backup[:200] or 'unnamed'}"
        own = town.config.entity_id
        audit.record(db, event="restored", actor="command", subject=own, verdict="allowed", reason=reason, now=now)
    say(phrase("%(number)s件のフィードを新しくしました。サーバーを起動してください。"), number=len(begun))
    say(
        phrase(
            "1分ほどで他団体が読み直し、戻した時点より後の予約が届きます。届くまで受付では名簿と紙を照らし合わせてください。"
        )
    )
