"""The root of the commands, and what all of them share."""

import os

import click

from federation.wording import phrase
from registry.app import open_bureau
from registry.bureau import Bureau
from registry.config import from_environment

BY = click.option("--by", default="command", show_default=True, help=phrase("判断した運営者のアカウント。"))


@click.group(
    "tachiyori-registry",
    help=phrase(
        "立ち寄りデスクの連携基盤。設定は環境変数で渡します（見本: deploy/settings/registry.env.example）。\n\n"
        "はじめて使うときの順番: migrate → operator add → import-municipalities → import-stations → serve → invite"
    ),
)
@click.option(
    "--lang", type=click.Choice(["ja", "en"]), help=phrase("表示の言語。既定は LANG に従い、なければ日本語です。")
)
def cli(lang: str | None) -> None:
    """Hold the commands; the language was read before."""


def opened() -> Bureau:
    """Open the registry that the environment describes."""
    return open_bureau(from_environment(os.environ))
