"""A signed agreement, verified years later: by the anchor this town pinned when it joined, without any network."""

from pathlib import Path

import click

from federation import agreedfile
from federation.errors import BadInput, TokenRefused, TrustBroken
from federation.terminal import say
from federation.wording import phrase
from node.commands.root import TOWN, cli, one
from node.joining import pins


@cli.command(
    "verify-agreement",
    help=phrase(
        "保存した署名付きの協定を検証します。通信はせず、参加時に固定した連携基盤の鍵と、署名したときの証明だけを使います。"
        "正しければ終了コードは0、改ざんや別の署名があれば1です。"
    ),
)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@TOWN
@click.pass_context
def verify_agreement(context: click.Context, file: Path, code: str | None) -> None:
    """Say what was checked and what the file proves, or why it proves nothing."""
    if file.stat().st_size > agreedfile.MOST_BYTES:
        raise click.UsageError(f"FILE: > {agreedfile.MOST_BYTES} bytes")
    try:
        proven = agreedfile.verify(file.read_bytes(), pins(one(code)))
    except (BadInput, TokenRefused, TrustBroken) as error:
        say(phrase("検証できませんでした。このファイルは、署名された協定を証明しません: %(why)s"), why=error.detail)
        context.exit(1)
    offer, acceptance = proven.offer, proven.acceptance
    say(phrase("検証しました。次のことを確かめました:"))
    told = phrase("- %(side)s %(name)s（%(code)s）の証明と署名: %(when)s時点で有効（%(entity)s）")
    for side, member, signed in (("host", proven.host, offer), ("home", proven.home, acceptance)):
        when = f"{signed.at:%Y-%m-%d %H:%M}Z"
        say(told, side=side, name=member.name, code=member.code, when=when, entity=member.entity_id)
    say(phrase("- 双方が署名した内容は同じ: 協定 %(id)s 第%(number)s版"), id=offer.agreement, number=offer.version)
    say(phrase("- 内容の指紋（SHA-256）: %(digest)s"), digest=offer.digest)
    say(phrase("署名の日時は署名した団体の申告です。双方の監査記録にある同じ指紋と照らし合わせてください。"))
    for name, value in sorted(offer.terms.items()):
        if value not in (None, "", [], {}):
            click.echo(f"    {name}: {value}")
