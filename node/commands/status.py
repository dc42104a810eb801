"""How the town stands in the federation, and what somebody must look at."""

import click

from federation.members import AnchorSeen, find
from federation.terminal import say
from federation.wording import phrase
from node import alarms, rekeying
from node.app import open_town
from node.commands.root import TOWN, cli, migrated, one


@cli.command("status", help=phrase("連携の状態と、確認が必要な警報を表示します。警報があれば終了コードは1です。"))
@TOWN
@click.pass_context
def status_command(context: click.Context, code: str | None) -> None:
    """Print how the registry sees us, which of its keys we trust, and the alarms that stand."""
    town = migrated(open_town(one(code)))
    with town.storage.transaction() as db:
        held, seen = find(db, town.config.entity_id), db.get(AnchorSeen, town.config.registry)
        standing = alarms.standing(db)
    say(phrase("連携基盤での状態: %(status)s"), status=held.status if held else "-")
    say(phrase("連携基盤の署名用の鍵: %(thumbprint)s"), thumbprint=seen.online if seen else "-")
    say(phrase("最後に読んだ時刻: %(when)s"), when=f"{seen.seen_at:%Y-%m-%d %H:%M}Z" if seen else "-")
    if held and not rekeying.is_attested(town):
        say(phrase("連携基盤が認めている鍵は、この団体がいま公開している鍵と違います。"))
    for alarm in standing:
        say(
            phrase("警報%(id)s（%(when)s）: %(kind)s %(detail)s"),
            id=alarm.id, when=f"{alarm.raised_at:%Y-%m-%d %H:%M}Z", kind=alarm.kind, detail=alarm.detail,
        )  # fmt: skip
        say(alarm.words)
    if standing:
        say(phrase("連携基盤の運営者に電話で確かめてから、acknowledge 番号 --by 氏名 で画面から外します。"))
    context.exit(1 if standing else 0)


@cli.command("acknowledge", help=phrase("確かめた警報を、番号を指定して画面から外します。記録には残ります。"))
@click.argument("alarm", type=int)
@click.option("--by", required=True, help=phrase("確かめた人の名前または職員番号。"))
@TOWN
def acknowledge_command(alarm: int, by: str, code: str | None) -> None:
    """Acknowledge one alarm."""
    town = migrated(open_town(one(code)))
    with town.storage.transaction(write=True) as db:
        alarms.acknowledge(db, alarm, by=by[:64], now=town.clock())
    say(phrase("警報%(id)sを確認済みにしました。"), id=alarm)
