"""What an operator types: ``tachiyori-node``, with a help in Japanese and English that a stranger can work from."""

import os
import sys
import threading
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import click

from federation import clock, schema
from federation.errors import NotMigrated
from federation.keys import rotate
from federation.language import translate
from federation.remote_registry import RemoteRegistry
from federation.scheduler import Scheduler
from federation.terminal import locale, run, say
from federation.trust import Pins
from federation.web import logs, serving
from federation.web.serving import Installation, Listener
from federation.wording import phrase
from node import joining, towns
from node.app import THREADS, open_keys, open_town
from node.config import Config, addresses, towns_folder
from node.jobs import all_jobs
from node.models.tables import MIGRATIONS
from node.people import staff as directory
from node.people import stafflist
from node.town import Town

TARGET = "node.hosting:application"
_DEFAULT = Listener(8001)


def main() -> None:
    """Run the command of the process's arguments."""
    run(cli, sys.argv[1:], os.environ)


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


_town_option = click.option(
    "--town", "code", help=phrase("対象の団体コード。一つのインストールに複数の団体があるときに必要です。")
)


# --- Running ----------------------------------------------------------------------------------------------------------


@cli.command("serve", help=phrase("サーバーを起動します。止めるには Ctrl-C または SIGTERM を送ります。"))
@click.option(
    "--listen", multiple=True, help=phrase("待ち受けるアドレス:ポート。何度でも指定できます（NODE_LISTEN より優先）。")
)
@click.option("--workers", default=2, show_default=True, help=phrase("ポートごとのワーカープロセスの数。"))
@click.option(
    "--jobs/--no-jobs",
    default=True,
    help=phrase("定期処理をこのプロセスで行うか。別の機械の worker に任せるときは --no-jobs。"),
)
def serve_command(listen: tuple[str, ...], workers: int, jobs: bool) -> None:
    """Serve every configured town until told to stop."""
    configs = towns.towns(os.environ)
    opened = [_migrated(open_town(config)) for config in configs]
    listeners = _listeners(configs, {**os.environ, **({"NODE_LISTEN": " ".join(listen)} if listen else {})})
    for town in opened:
        say(
            phrase("%(name)s（%(code)s）: %(url)s"),
            name=town.config.name,
            code=town.config.code,
            url=town.config.entity_id,
        )
    logs.set_up()
    first, *more = [config.data for config in configs]
    background = Scheduler(all_jobs(opened)).run if jobs else None
    serving.serve(Installation(first, TARGET, listeners, workers, THREADS, more), background)


def _listeners(configs: tuple[Config, ...], environ: Mapping[str, str]) -> tuple[Listener, ...]:
    """Where to listen: as told, or at the ports of rehearsal origins, or at 8001 behind a proxy."""
    told = tuple(Listener(port, address) for address, port in addresses(environ))
    rehearsal = tuple(Listener(config.port) for config in configs if not config.secure)
    return told or rehearsal or (_DEFAULT,)


@cli.command("worker", help=phrase("定期処理だけを行います。serve --no-jobs と組み合わせて使います。"))
def worker_command() -> None:
    """Run the jobs of every configured town until told to stop."""
    opened = [_migrated(open_town(config)) for config in towns.towns(os.environ)]
    logs.set_up()
    stop = threading.Event()
    with serving.stopped_by_signals(stop):
        Scheduler(all_jobs(opened)).run(stop)


@cli.command("migrate", help=phrase("データベースを、この版の形にします。何度実行してもかまいません。"))
def migrate_command() -> None:
    """Bring the databases of all towns up to this version."""
    for config in towns.towns(os.environ):
        open_town(config).storage.migrate(MIGRATIONS)
        say(phrase("%(name)sのデータベースは最新です。"), name=config.name)


def _migrated(town: Town) -> Town:
    if town.storage.revision(MIGRATIONS) != schema.head(MIGRATIONS):
        raise NotMigrated(town.config.database.partition("@")[2], facts={"name": town.config.name})
    return town


# --- Keys and the federation ------------------------------------------------------------------------------------------


@cli.command(
    "join", help=phrase("連携基盤に参加を申し込みます。招待コードと二つの指紋は、連携基盤の運営者から受け取ります。")
)
@click.option("--invitation", required=True, help=phrase("招待コード。一度だけ使えます。"))
@click.option("--anchor", required=True, help=phrase("連携基盤の鍵の指紋（43文字）。"))
@click.option("--recovery", required=True, help=phrase("連携基盤の復旧鍵の指紋（43文字）。"))
@_town_option
def join_command(invitation: str, anchor: str, recovery: str, code: str | None) -> None:
    """Ask to become a member and pin the registry's keys."""
    town = open_town(_one(code))
    config = town.config
    given = Pins(config.registry, anchor, recovery)
    registry = RemoteRegistry(town.peer, config.registry)
    answer = joining.join(config, town.keys, registry, invitation, given, now=town.clock())
    say(phrase("%(name)s（%(code)s）として参加を申し込みました。"), name=answer.name, code=answer.code)
    say(phrase("この鍵の指紋: %(thumbprint)s"), thumbprint=answer.thumbprint)
    say(phrase("運営者の画面にも同じ指紋が出ます。電話などで照らし合わせると、運営者が承認します。"))


@cli.group("keys", help=phrase("署名に使う鍵を見る、新しくする。"))
def keys_group() -> None:
    """Hold the commands about keys."""


@keys_group.command("show", help=phrase("いま使っている鍵の指紋を表示します。"))
@_town_option
def keys_show(code: str | None) -> None:
    """Print the thumbprints of the current keys."""
    rings = open_keys(_one(code))
    for purpose, ring in (("federation", rings.federation), ("protocol", rings.protocol), ("pass", rings.passes)):
        click.echo(f"{purpose:11}{ring.current.kid}")


@keys_group.command(
    "rotate", help=phrase("次の鍵を作ります。新しい鍵はすぐ公開し、一日後から使い、古い鍵はさらに二日通用します。")
)
@click.argument("purpose", type=click.Choice(["federation", "protocol", "pass"]))
@_town_option
def keys_rotate(purpose: str, code: str | None) -> None:
    """Make the next key of one purpose."""
    config = _one(code)
    open_keys(config)
    pair = rotate(config.data / "keys", purpose, now=clock.now())  # type: ignore[arg-type]  # click.Choice has checked it.
    say(phrase("次の鍵の指紋: %(thumbprint)s"), thumbprint=pair.kid)


# --- Towns and people -------------------------------------------------------------------------------------------------


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


def _one(code: str | None) -> Config:
    """Return the configuration of the one town meant."""
    configs = towns.towns(os.environ)
    found = [config for config in configs if code in {None, config.code}]
    if len(found) != 1:
        raise click.UsageError("--town: " + " ".join(config.code for config in configs))
    return found[0]


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
@_town_option
def staff_add(number: str, name: str, *, section: str, roles: tuple[str, ...], password: str, code: str | None) -> None:
    """Add one person to the directory."""
    town = _migrated(open_town(_one(code)))
    with town.storage.transaction(write=True) as db:
        directory.add(db, number=number, name=name, now=town.clock(), roles=roles, password=password, section=section)
    say(phrase("%(name)s（%(number)s）を加えました。"), name=name, number=number)


@staff_group.command(
    "import", help=phrase("職員名簿の CSV を取り込みます。--apply を付けるまでは違いを見せるだけです。")
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--effective", type=click.DateTime(["%Y-%m-%d"]), help=phrase("退職が効く日。既定は今日です。"))
@click.option("--apply", is_flag=True, help=phrase("違いを確かめたうえで、名簿のとおりにします。"))
@_town_option
def staff_import(file: Path, effective: object, apply: bool, code: str | None) -> None:
    """Compare a list of staff with the directory, and take it over."""
    town = _migrated(open_town(_one(code)))
    listed = stafflist.read(file.read_bytes())
    for bad in listed.bad:
        say(
            phrase("%(line)s行目 %(column)s: %(what)s"),
            line=bad.line,
            column=bad.column,
            what=translate(bad.words, locale()),
        )
    day = effective.date() if hasattr(effective, "date") else date.today()  # noqa: DTZ011 - The operator's own day.
    with town.storage.transaction(write=apply) as db:
        difference = (
            directory.take_over(db, listed, effective=day, by=None, now=town.clock())
            if apply
            else directory.compare(db, listed)
        )
    say(
        phrase("加わる %(joining)s名、変わる %(changing)s名、そのまま %(staying)s名、退く %(leaving)s名"),
        joining=len(difference.joining), changing=len(difference.changing),
        staying=len(difference.staying), leaving=len(difference.leaving),
    )  # fmt: skip


if __name__ == "__main__":
    main()
