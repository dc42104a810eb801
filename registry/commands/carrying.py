"""A member's feed that came by hand: read as if the member had been asked."""

from pathlib import Path

import click

from federation import audit, carriage
from federation.errors import BadInput
from federation.terminal import say
from federation.wording import phrase
from registry import reading
from registry.commands.root import BY, cli, opened


@cli.command(
    "import-feed",
    help=phrase(
        "参加団体が export-feed で書き出したファイルを取り込みます。署名を確かめ、前に読み取ったものより古いファイルは"
        "取り込みません。"
    ),
)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@BY
def import_feed(file: Path, by: str) -> None:
    """Take a file in, and log whose it was and of when."""
    if file.stat().st_size > carriage.MOST_BYTES:
        raise BadInput(f"a file of more than {carriage.MOST_BYTES} bytes", field="file")
    bureau = opened()
    source, carried = reading.take_carried(bureau, file.read_bytes())
    items = sum(len(page.items) for page in carried.pages.values())
    made = carried.made_at.isoformat(timespec="minutes")
    with bureau.storage.transaction(write=True) as db:
        audit.record(
            db,
            event="feed-carried",
            actor=by,
            subject=source.entity_id,
            verdict="allowed",
            reason=f"{carried.feed} as of {made}, {items} items",
            now=bureau.clock(),
        )
    say(
        phrase("%(entity)s の %(feed)s（%(made)s 現在、%(count)s件）を取り込みました。"),
        entity=source.entity_id,
        feed=carried.feed,
        made=made,
        count=items,
    )
