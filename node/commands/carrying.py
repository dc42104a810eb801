"""What this town publishes, written to a file: for a network that can be left by hand only."""

from pathlib import Path

import click

from federation import carriage
from federation.terminal import say
from federation.wording import phrase
from node import entity, marks
from node.app import open_town
from node.commands.root import TOWN, cli, migrated, one
from node.host import untold
from node.host.listings import LISTINGS, OFFERS

FEEDS = {LISTINGS: entity.LISTINGS_FEED, OFFERS: entity.OFFERS_FEED}


@cli.command(
    "export-feed",
    help=phrase(
        "フィードの全体を署名付きのファイルに書き出します。連携基盤から通信できない団体の掲載を、媒体で運ぶためのものです。"
        "連携基盤の運営者が import-feed で取り込みます。"
    ),
)
@click.argument("feed", type=click.Choice(tuple(FEEDS)))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@TOWN
def export_feed(feed: str, file: Path, code: str | None) -> None:
    """Write the entity configuration and every page of one feed, signed; a file that is there already is replaced whole."""
    town = migrated(open_town(one(code)))
    untold.tell(town.storage)
    now, own = town.clock(), town.config.entity_id
    configuration = entity.configuration(town.config, town.keys, now, marks.carried(town.config, town.members, now))
    first, key = own + FEEDS[feed], town.keys.protocol.current
    pages = carriage.carry(town.storage, town.feeds, feed, first, issuer=own, key=key, now=now)
    fresh, count = file.with_name(f".{file.name}.part"), 0
    with fresh.open("w", encoding="ascii") as lines:
        lines.write(f"{configuration}\n")
        for page in pages:
            lines.write(f"{page}\n")
            count += 1
    fresh.replace(file)
    say(phrase("%(file)s に%(count)sページを書き出しました。"), file=str(file), count=count)
