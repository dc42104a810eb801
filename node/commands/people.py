"""The directory of the town's own people: added, taken over from a list."""

from datetime import datetime
from pathlib import Path

import click
from sqlalchemy.orm import Session

from federation import audit
from federation.errors import NotFound
from federation.language import translate
from federation.terminal import locale, say
from federation.wording import phrase
from node import yearlists
from node.app import open_town
from node.commands.root import TOWN, cli, migrated, one
from node.home.wishes import JAPAN
from node.people import entries, stafflist
from node.people import staff as directory

_NOBODYS = phrase("先の日付の名簿には、--by に人事担当の職員番号を指定してください。")


@cli.group("staff", help=phrase("職員を加える、名簿を取り込む。"))
def staff_group() -> None:
    """Hold the commands about the directory."""


@staff_group.command(
    "add", help=phrase("職員を一人加えます。パスワードは画面に出さずに尋ねます（NODE_PASSWORD でも渡せます）。")
)
@click.argument("number")
@click.argument("name")
@click.option("--section", default="", help=phrase("所属。"))
@click.option(
    "--role",
    "roles",
    multiple=True,
    default=["staff"],
    show_default=True,
    help=phrase(
        "staff（利用職員）、site_admin（施設担当者）、manager（所属長）、personnel（人事担当）、reception（受付・守衛）。何度でも指定できます。"
    ),
)
@click.password_option(envvar="NODE_PASSWORD", help=phrase("パスワード。"))
@TOWN
def staff_add(number: str, name: str, *, section: str, roles: tuple[str, ...], password: str, code: str | None) -> None:
    """Add one person to the directory."""
    town = migrated(open_town(one(code)))
    with town.storage.transaction(write=True) as db:
        now, words = town.clock(), " ".join(sorted(roles))
        added = directory.add(db, number=number, name=name, now=now, roles=roles, password=password, section=section)
        who = f"staff:{added.id}"
        audit.record(db, event="staff-added", actor="command", subject=who, verdict="allowed", reason=words, now=now)
    say(phrase("%(name)s（%(number)s）を加えました。"), name=name, number=number)


@staff_group.command(
    "unlink",
    help=phrase(
        "団体の認証基盤などのアカウントとの結び付きを解きます（アカウントが作り直されたとき）。その人のサインインはすべて終わります。"
    ),
)
@click.argument("number")
@TOWN
def staff_unlink(number: str, *, code: str | None) -> None:
    """Let a person's next sign-in from outside be taken for theirs again."""
    town = migrated(open_town(one(code)))
    with town.storage.transaction(write=True) as db:
        person = directory.find(db, number)
        if person is None:
            raise NotFound(f"no staff {number}", field="number")
        count = entries.unlink(db, person)
        who, now = f"staff:{person.id}", town.clock()
        audit.record(db, event="entry-unlinked", actor="command", subject=who, verdict="allowed", now=now)
    say(phrase("%(number)s の結び付きを%(count)s件解きました。"), number=number, count=count)


@staff_group.command(
    "import", help=phrase("職員名簿の CSV を取り込みます。--apply を付けるまでは違いを見せるだけです。")
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--effective",
    type=click.DateTime(["%Y-%m-%d"]),
    help=phrase("名簿の日付。既定は今日です。先の日付なら、その日に取り込みます。"),
)
@click.option(
    "--by", "number", default="", help=phrase("先の日付の名簿を預ける人事担当の職員番号。結果はこの人に知らせます。")
)
@click.option("--apply", is_flag=True, help=phrase("違いを確かめたうえで、名簿のとおりにします。"))
@TOWN
def staff_import(file: Path, effective: object, number: str, apply: bool, code: str | None) -> None:
    """Compare a list of staff with the directory, and take it over; one of a day to come is kept until then."""
    town = migrated(open_town(one(code)))
    content = file.read_bytes()
    listed = stafflist.read(content)
    for bad in listed.bad:
        say(
            phrase("%(line)s行目 %(column)s: %(what)s"),
            line=bad.line,
            column=bad.column,
            what=translate(bad.words, locale()),
        )
    today = town.clock().astimezone(JAPAN).date()
    day = effective.date() if isinstance(effective, datetime) else today
    later = apply and day > today
    with town.storage.transaction(write=apply) as db:
        difference = (
            yearlists.take_over(db, listed, effective=day, by=None, now=town.clock())
            if apply and not later
            else directory.compare(db, listed)
        )
        if later:
            yearlists.plan(db, content, listed, effective=day, by=_keeper(db, number), now=town.clock())
    say(
        phrase("加わる %(joining)s名、変わる %(changing)s名、そのまま %(staying)s名、退く %(leaving)s名"),
        joining=len(difference.joining), changing=len(difference.changing),
        staying=len(difference.staying), leaving=len(difference.leaving),
    )  # fmt: skip
    if later:
        say(phrase("名簿を預かりました。%(day)sに取り込み、結果を人事担当に知らせます。"), day=day.isoformat())


def _keeper(db: Session, number: str) -> int:
    """Return the id of the 人事担当 to whom a list of a day to come is entrusted; nobody else is told what came of it."""
    keeper = directory.find(db, number)
    if keeper is None or "personnel" not in keeper.role_names:
        raise click.UsageError(translate(_NOBODYS, locale()))
    return keeper.id
