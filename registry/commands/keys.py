"""The registry's keys: shown, rotated, and replaced in need."""

from pathlib import Path

import click

from federation.terminal import say
from federation.wording import phrase
from registry import custody
from registry.commands.root import cli, opened
from registry.commands.running import warn_of_recovery_key
from registry.membership import standing, statements


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


@keys.command("rotate", help=phrase("トークン用の鍵を更新します（1日後から使用、旧鍵は2日重複）。"))
def rotate() -> None:
    """Rotate the protocol key; the pinned one is replaced by ``recover`` alone."""
    bureau = opened()
    pair = custody.rotate_protocol_key(bureau.config, bureau.clock())
    say(phrase("新しい鍵の指紋：%(thumbprint)s"), thumbprint=pair.kid)


@keys.command("recover", help=phrase("復旧用の鍵で、署名用の鍵を新しいものに置き換えます。"))
@click.option("--key", type=click.Path(path_type=Path), required=True, help=phrase("復旧用の鍵ファイル"))
def recover(key: Path) -> None:
    """Replace the online key by word of the recovery key, and sign everything anew."""
    bureau = opened()
    now = bureau.clock()
    configuration = custody.replace_online_key(bureau.config, bureau.seal, key, now)
    with bureau.storage.transaction(write=True) as db:
        statements.sign_own(db, bureau.seal, now, recovered=configuration)
        standing.sign_status_list(db, bureau.seal, now)
        for member_id in statements.due(db, bureau.seal, now):
            statements.sign_again(db, bureau.seal, member_id, now)
    say(phrase("新しい鍵の指紋：%(thumbprint)s"), thumbprint=bureau.seal.federation.current.kid)
