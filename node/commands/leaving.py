"""Leaving by command: for the day nobody of personnel can reach a page."""

from datetime import date, datetime

import click

from federation.errors import NotFound
from federation.terminal import say
from federation.wording import phrase
from node import leaving
from node.app import open_town
from node.commands.people import staff_group
from node.commands.root import TOWN, migrated, one
from node.people import staff as directory


@staff_group.command(
    "leave",
    help=phrase("職員の退職・転出を登録します。--apply を付けるまでは、終了する内容を見せるだけです。"),
)
@click.argument("number")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help=phrase("退職・転出の日。既定は今日です。"))
@click.option("--apply", is_flag=True, help=phrase("終了する内容を確かめたうえで、登録します。"))
@TOWN
def staff_leave(number: str, on: datetime | None, code: str | None, *, apply: bool) -> None:
    """End a person's access, or show what would end."""
    town = migrated(open_town(one(code)))
    day = on.date() if on else date.today()  # noqa: DTZ011 - The operator's own day.
    with town.storage.transaction(write=apply) as db:
        person = directory.find(db, number)
        if person is None:
            raise NotFound(f"staff number {number}")
        ending = leaving.foresee(db, person.id)
        if apply:
            leaving.end(db, person.id, on=day, by="command", now=town.clock())
    say(
        phrase("%(name)s（%(number)s）: %(day)s から終了、連絡する受入団体 %(hosts)s、取り消す予約 %(trips)s件"),
        name=person.name, number=number, day=day.isoformat(), hosts=ending.hosts, trips=len(ending.trips),
    )  # fmt: skip
