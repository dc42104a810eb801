"""After the registry's backup was restored: its feeds begin anew, and every member reads them from the beginning."""

import click

from federation import audit
from federation.terminal import say
from federation.wording import phrase
from registry.commands.root import BY, cli, opened


@cli.command(
    "restored",
    help=phrase(
        "データベースをバックアップから戻したあと、サーバーを起動する前に一度だけ実行します。参加団体は連携基盤の"
        "フィードを最初から読み直します。"
    ),
)
@click.option("--backup", default="", help=phrase("戻したバックアップの日時など。監査記録に残ります。"))
@BY
def restored_command(backup: str, by: str) -> None:
    """Begin a new epoch of every feed."""
    bureau = opened()
    now = bureau.clock()
    with bureau.storage.transaction(write=True) as db:
        begun = bureau.feeds.new_epochs(db)
        reason = f"new epochs of {', '.join(begun)}; backup: {backup[:200] or 'unnamed'}"
        own = bureau.config.entity_id
        audit.record(db, event="restored", actor=by, subject=own, verdict="allowed", reason=reason, now=now)
    say(phrase("%(number)s件のフィードを新しくしました。サーバーを起動してください。"), number=len(begun))
    say(phrase("戻した時点より後に承認・停止した団体がないか、監査記録の控えと照らし合わせてください。"))
