"""Running the node: its schema, its server, its jobs."""

import os
import threading
from collections.abc import Mapping

import click

from federation.scheduler import Scheduler
from federation.terminal import say
from federation.web import logs, serving
from federation.web.serving import Installation, Listener
from federation.wording import phrase
from node import towns
from node.app import THREADS, open_town
from node.commands.root import cli, migrated
from node.config import Config, addresses
from node.jobs import all_jobs
from node.models.tables import MIGRATIONS

TARGET = "node.hosting:application"
_DEFAULT = Listener(8001)


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
    opened = [migrated(open_town(config)) for config in configs]
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
    opened = [migrated(open_town(config)) for config in towns.towns(os.environ)]
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
