"""Boundaries for the map, put in by the operator."""

from pathlib import Path

import click

from federation.terminal import say
from federation.wording import phrase
from node.commands.root import TOWN, cli, one
from node.home import boundaries

_CREDIT = "国土数値情報（行政区域データ）（国土交通省）を加工して作成"


@cli.command(
    "import-boundaries",
    help=phrase(
        "検索の地図に描く行政区域を、国土数値情報 N03 などの GeoJSON から取り込みます。取り込み直すと置き換わります。"
    ),
)
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--credit", default=_CREDIT, show_default=True, help=phrase("地図に表示する出典。"))
@TOWN
def import_boundaries(files: tuple[Path, ...], credit: str, code: str | None) -> None:
    """Replace the boundaries by those of the files together."""
    config = one(code)
    text = boundaries.simplify((boundaries.read_file(file) for file in files), credit=credit[:200])
    boundaries.keep(config.data, text)
    kept = boundaries.find(config.data)
    size = len(kept.packed) if kept else 0
    say(phrase("行政区域を取り込みました（圧縮して%(size)s KB）。"), size=-(-size // 1000))
