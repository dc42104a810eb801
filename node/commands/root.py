"""The root of the commands, and what all of them share: which town is meant, and that its database is ready."""

import os

import click

from federation import schema
from federation.errors import NotMigrated
from federation.wording import phrase
from node import towns
from node.config import Config
from node.models.tables import MIGRATIONS
from node.town import Town

TOWN = click.option(
    "--town", "code", help=phrase("対象の団体コード。一つのインストールに複数の団体があるときに必要です。")
)


@click.group(
    "tachiyori-node",
    help=phrase(
        "立ち寄りデスクの自治体ノード。設定は環境変数で渡します（見本: deploy/settings/node.env.example）。\n\n"
        "はじめて使うときの順番: migrate → join → staff add → serve"
    ),
)
@click.option(
    "--lang", type=click.Choice(["ja", "en"]), help=phrase("表示の言語。既定は LANG に従い、なければ日本語です。")
)
def cli(lang: str | None) -> None:
    """Hold the commands; the language was read before."""


def one(code: str | None) -> Config:
    """Return the configuration of the one town meant; of several ``--town`` must name one."""
    configs = towns.towns(os.environ)
    found = [config for config in configs if code in {None, config.code}]
    if len(found) != 1:
        raise click.UsageError("--town: " + " ".join(config.code for config in configs))
    return found[0]


def migrated(town: Town) -> Town:
    """Return the town if its database has this version's form; raise ``NotMigrated``."""
    if town.storage.revision(MIGRATIONS) != schema.head(MIGRATIONS):
        raise NotMigrated(town.config.database.partition("@")[2], facts={"name": town.config.name})
    return town
