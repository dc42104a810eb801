"""What the operator puts in: stations, municipalities, and operators' accounts."""

from pathlib import Path
from typing import IO

import click

from federation.errors import BadInput
from federation.terminal import say, told
from federation.wording import phrase
from registry import operators, places
from registry.commands.root import cli, opened


@cli.command("import-stations", help=phrase("国土数値情報 N02（GeoJSON）またはCSVの駅一覧を取り込みます。"))
@click.argument("file", type=click.Path(path_type=Path))
def import_stations(file: Path) -> None:
    """Replace all stations by those of a file."""
    content = places.read_file(file)
    with opened().storage.transaction(write=True) as db:
        count = places.import_stations(db, content)
    say(phrase("%(count)s駅を取り込みました。"), count=count)


@cli.command("import-municipalities", help=phrase("全国の自治体一覧（CSV）を取り込みます。"))
@click.argument("file", type=click.Path(path_type=Path))
def import_municipalities(file: Path) -> None:
    """Replace all municipalities by those of a file."""
    content = places.read_file(file)
    with opened().storage.transaction(write=True) as db:
        count = places.import_municipalities(db, content)
    say(phrase("%(count)s団体を取り込みました。"), count=count)


@cli.group(help=phrase("運営者のアカウントを管理します。"))
def operator() -> None:
    """Gather the commands about operators."""


@operator.command("add", help=phrase("運営者を追加し、またはパスワードを変更します。"))
@click.argument("account")
@click.option("--name", default="", help=phrase("氏名"))
@click.option("--password-file", type=click.File(), help=phrase("パスワードを読むファイル（- は標準入力）"))
def add_operator(account: str, name: str, password_file: IO[str] | None) -> None:
    """Make an operator's account; the password is asked twice, or read from a file, never taken from the command line."""
    if password_file is not None:
        password = password_file.read().strip()
    else:
        password = click.prompt(told(phrase("パスワード（12文字以上）")), hide_input=True, confirmation_prompt=True)
    if len(password) < operators.SHORTEST:
        raise BadInput("the password is too short", field="password")
    bureau = opened()
    with bureau.storage.transaction(write=True) as db:
        operators.add(db, account=account, name=name, password=password, now=bureau.clock())
    say(phrase("運営者 %(account)s を登録しました。"), account=account)


@operator.command("end", help=phrase("運営者のアカウントを終了します。"))
@click.argument("account")
def end_operator(account: str) -> None:
    """End an operator's account and its sessions."""
    bureau = opened()
    with bureau.storage.transaction(write=True) as db:
        operators.end(db, account, bureau.clock())
    say(phrase("運営者 %(account)s のアカウントを終了しました。"), account=account)
