"""The registry's keys: shown, rotated, and replaced in need."""

from datetime import timedelta
from pathlib import Path

import click

from federation.keys import ANNOUNCE, Purpose, Reason
from federation.terminal import Duration, say
from federation.wording import phrase
from registry import custody, rekeying
from registry.bureau import Bureau
from registry.commands.root import BY, cli, opened
from registry.commands.running import warn_of_recovery_key

PURPOSE = click.argument("purpose", type=click.Choice(["federation", "protocol"]))
KEY = click.option(
    "--key",
    "recovery",
    type=click.Path(path_type=Path),
    help=phrase("復旧用の鍵ファイル。署名用の鍵（federation）を替えるときに必要です。"),
)


@cli.group(help=phrase("連携基盤の鍵を確認し、更新します。"))
def keys() -> None:
    """Gather the commands about keys."""


@keys.command("show", help=phrase("鍵の指紋を表示します。参加団体はこの2つを固定します。"))
def show_keys() -> None:
    """Print the thumbprints that members pin."""
    bureau = opened()
    say(phrase("署名用の鍵の指紋：%(thumbprint)s"), thumbprint=bureau.seal.federation.current.kid)
    say(phrase("復旧用の鍵の指紋：%(thumbprint)s"), thumbprint=bureau.seal.recovery)
    warn_of_recovery_key(bureau)


@keys.command("rotate", help=phrase("次の鍵を作ります。すぐに公開し、一日後から使い、古い鍵はさらに二日通用します。"))
@PURPOSE
@KEY
@click.option(
    "--announce", type=Duration(), default=ANNOUNCE, help=phrase("公開してから使い始めるまで。既定は1日（1d）。")
)
@click.option("--overlap", type=Duration(), help=phrase("使い始めてから、古い鍵が通用する期間。既定は2日（2d）。"))
@BY
def rotate(purpose: Purpose, recovery: Path | None, announce: timedelta, overlap: timedelta | None, by: str) -> None:
    """Make the next key of one purpose, and publish it."""
    bureau = opened()
    pair = custody.rotate(
        bureau.config, bureau.seal, purpose, now=bureau.clock(), announce=announce, overlap=overlap, recovery=recovery
    )
    rekeying.publish(bureau, f"{purpose} rotated to {pair.kid}", by=by)
    say(phrase("次の鍵の指紋: %(thumbprint)s"), thumbprint=pair.kid)


@keys.command(
    "compromise", help=phrase("鍵が漏れたとき。いまの鍵を直ちに失効させ、新しい鍵で署名し直し、全団体に知らせます。")
)
@PURPOSE
@KEY
@BY
def compromise(purpose: Purpose, recovery: Path | None, by: str) -> None:
    """Revoke what may be in other hands."""
    _replace(opened(), purpose, recovery, "compromised", by)


@keys.command("recover", help=phrase("復旧用の鍵で、署名用の鍵を新しいものに置き換えます。"))
@click.option("--key", type=click.Path(path_type=Path), required=True, help=phrase("復旧用の鍵ファイル"))
@BY
def recover(key: Path, by: str) -> None:
    """Replace an online key that was lost, by word of the recovery key."""
    _replace(opened(), "federation", key, "superseded", by)


def _replace(bureau: Bureau, purpose: Purpose, recovery: Path | None, reason: Reason, by: str) -> None:
    pair = custody.revoke(bureau.config, bureau.seal, purpose, now=bureau.clock(), reason=reason, recovery=recovery)
    rekeying.publish(bureau, f"{purpose} {reason}, now {pair.kid}", by=by)
    say(phrase("新しい鍵の指紋：%(thumbprint)s"), thumbprint=pair.kid)
