"""The town's keys: brought into the federation, shown, rotated, revoked."""

from datetime import timedelta

import click

from federation.keys import ANNOUNCE, PURPOSES, Purpose
from federation.remote_registry import RemoteRegistry
from federation.terminal import Duration, say, told
from federation.trust import Pins
from federation.wording import phrase
from node import joining, rekeying
from node.app import open_keys, open_town
from node.commands.root import TOWN, cli, migrated, one
from node.joining import has_joined
from node.town import Town

PURPOSE = click.argument("purpose", type=click.Choice(PURPOSES))


@cli.command(
    "join", help=phrase("連携基盤に参加を申し込みます。招待コードと二つの指紋は、連携基盤の運営者から受け取ります。")
)
@click.option("--invitation", required=True, help=phrase("招待コード。一度だけ使えます。"))
@click.option("--anchor", required=True, help=phrase("連携基盤の鍵の指紋（43文字）。"))
@click.option("--recovery", required=True, help=phrase("連携基盤の復旧鍵の指紋（43文字）。"))
@TOWN
def join_command(invitation: str, anchor: str, recovery: str, code: str | None) -> None:
    """Ask to become a member and pin the registry's keys."""
    town = open_town(one(code))
    config = town.config
    given = Pins(config.registry, anchor, recovery)
    registry = RemoteRegistry(town.peer, config.registry)
    answer = joining.join(config, town.keys, registry, invitation, given, now=town.clock())
    say(phrase("%(name)s（%(code)s）として参加を申し込みました。"), name=answer.name, code=answer.code)
    say(phrase("この鍵の指紋: %(thumbprint)s"), thumbprint=answer.thumbprint)
    say(phrase("運営者の画面にも同じ指紋が出ます。電話などで照らし合わせると、運営者が承認します。"))


@cli.group("keys", help=phrase("署名に使う鍵を見る、新しくする。"))
def keys_group() -> None:
    """Hold the commands about keys."""


@keys_group.command("show", help=phrase("いま使っている鍵の指紋を表示します。"))
@TOWN
def keys_show(code: str | None) -> None:
    """Print the thumbprints of the current keys."""
    rings = open_keys(one(code))
    for purpose, ring in (("federation", rings.federation), ("protocol", rings.protocol), ("pass", rings.passes)):
        click.echo(f"{purpose:11}{ring.current.kid}")


@keys_group.command(
    "rotate", help=phrase("次の鍵を作ります。すぐに公開し、一日後から使い、古い鍵はさらに二日通用します。")
)
@PURPOSE
@click.option(
    "--announce", type=Duration(), default=ANNOUNCE, help=phrase("公開してから使い始めるまで。既定は1日（1d）。")
)
@click.option("--overlap", type=Duration(), help=phrase("使い始めてから、古い鍵が通用する期間。既定は2日（2d）。"))
@TOWN
def keys_rotate(purpose: Purpose, announce: timedelta, overlap: timedelta | None, code: str | None) -> None:
    """Make the next key of one purpose, and tell the registry."""
    town = migrated(open_town(one(code)))
    pair = rekeying.rotate(town, purpose, announce=announce, overlap=overlap)
    say(phrase("次の鍵の指紋: %(thumbprint)s"), thumbprint=pair.kid)
    _tell(town, purpose)


@keys_group.command(
    "compromise", help=phrase("鍵が漏れたとき。いまの鍵を直ちに失効させ、新しい鍵を使い始め、連携基盤に知らせます。")
)
@PURPOSE
@click.option(
    "--invitation",
    default="",
    help=phrase("federation の鍵のとき、連携基盤の運営者から電話などで受け取る招待コード。"),
)
@click.option("--yes", is_flag=True, help=phrase("確認の問いに「はい」と答えます。"))
@TOWN
def keys_compromise(purpose: Purpose, invitation: str, code: str | None, *, yes: bool) -> None:
    """Revoke what may be in other hands, now. What cuts the town off until it is admitted again is asked first."""
    town = migrated(open_town(one(code)))
    if purpose == "federation" and not invitation and not yes:
        words = phrase("招待コードなしで失効させると、再び承認されるまで他団体と連携できません。いま失効させますか。")
        click.confirm(told(words), abort=True)
    pair = rekeying.revoke(town, purpose)
    say(phrase("いままでの鍵を失効させました。新しい鍵の指紋: %(thumbprint)s"), thumbprint=pair.kid)
    if purpose != "federation":
        _tell(town, purpose)
    elif not has_joined(town.config):
        return
    elif invitation:
        _enrol_again(town, invitation)
    else:
        say(phrase("連携基盤の運営者に電話などで伝え、招待コードを受け取って keys enrol を実行してください。"))


@keys_group.command(
    "enrol", help=phrase("federation の鍵を失効させたあと、新しい鍵の承認を連携基盤の運営者に求めます。")
)
@click.option("--invitation", required=True, help=phrase("招待コード。一度だけ使えます。"))
@TOWN
def keys_enrol(invitation: str, code: str | None) -> None:
    """Ask the operator to attest a federation key that nothing of ours can vouch for."""
    _enrol_again(migrated(open_town(one(code))), invitation)


def _enrol_again(town: Town, invitation: str) -> None:
    anchor, pinned = town.members.anchor(), joining.pins(town.config)
    given = Pins(pinned.entity_id, next(iter(anchor.keys.values())).thumbprint, pinned.recovery)
    registry = RemoteRegistry(town.peer, town.config.registry)
    answer = joining.join(town.config, town.keys, registry, invitation, given, now=town.clock())
    say(phrase("この鍵の指紋: %(thumbprint)s"), thumbprint=answer.thumbprint)
    say(phrase("運営者の画面にも同じ指紋が出ます。電話などで照らし合わせると、運営者が承認します。"))


def _tell(town: Town, purpose: Purpose) -> None:
    """Tell the registry of keys it attests; passes are checked by our own reception alone."""
    if purpose == "pass" or not has_joined(town.config):
        return
    if rekeying.tell(town):
        say(phrase("連携基盤に知らせました。"))
    else:
        say(phrase("連携基盤にはまだ知らせられません。動いているサーバーが30秒ごとに知らせ直します。"))
