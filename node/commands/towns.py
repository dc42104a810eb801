"""Hosted towns (共同利用): added, listed."""

import os

import click

from federation.terminal import say
from federation.wording import phrase
from node import towns
from node.commands.root import cli
from node.config import towns_folder


@cli.group("town", help=phrase("共同利用: 一つのインストールで動かす団体を見る、加える。"))
def town_group() -> None:
    """Hold the commands about hosted towns."""


@town_group.command("add", help=phrase("団体を加えます。設定ファイルと鍵の置き場を作ります。次の起動から有効です。"))
@click.option("--code", required=True, help=phrase("全国地方公共団体コード（6桁）。"))
@click.option("--name", required=True, help=phrase("団体名。"))
@click.option("--name-en", default="", help=phrase("英語の団体名。"))
@click.option("--entity-id", required=True, help=phrase("識別子。例: https://desks.city.example.lg.jp"))
@click.option("--registry", default="", help=phrase("連携基盤の識別子。NODE_REGISTRY があれば不要です。"))
@click.option("--database", default="", help=phrase("データベースの URL。書かなければ団体のフォルダーの SQLite です。"))
def town_add(*, code: str, name: str, name_en: str, entity_id: str, registry: str, database: str) -> None:
    """Write the folder of a hosted town."""
    folder = towns_folder(os.environ)
    if folder is None:
        raise click.UsageError("NODE_TOWNS is not set")
    settings = {
        "NODE_ENTITY_ID": entity_id,
        "NODE_CODE": code,
        "NODE_NAME": name,
        "NODE_NAME_EN": name_en,
        "NODE_REGISTRY": registry,
        "NODE_DATABASE": database,
    }
    config = towns.add(folder, {key: value for key, value in settings.items() if value}, os.environ)
    say(phrase("%(name)s（%(code)s）を加えました: %(folder)s"), name=name, code=config.code, folder=str(config.data))


@town_group.command("list", help=phrase("このインストールの団体を並べます。"))
def town_list() -> None:
    """Print the towns served here."""
    for config in towns.towns(os.environ):
        click.echo(f"{config.code}  {config.name}  {config.entity_id}")
