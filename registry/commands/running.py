"""Running the registry: its schema, its server, its jobs."""

import threading

import click

from federation import schema
from federation.errors import NotMigrated
from federation.scheduler import Scheduler
from federation.terminal import say
from federation.wording import phrase
from registry import custody
from registry.app import THREADS
from registry.bureau import Bureau
from registry.commands.root import cli, opened
from registry.jobs import first_words, jobs
from registry.models.tables import MIGRATIONS

TARGET = "registry.app:application"
_DEFAULT_PORT = 8000


@cli.command("migrate", help=phrase("データベースを、この版の形にします。何度実行してもかまいません。"))
def migrate_command() -> None:
    """Bring the schema up to the newest revision."""
    bureau = opened()
    bureau.storage.migrate(MIGRATIONS)
    say(phrase("%(name)sのデータベースは最新です。"), name=bureau.config.name)


@cli.command("serve", help=phrase("サーバーを起動します。止めるには Ctrl-C または SIGTERM を送ります。"))
@click.option("--address", default="127.0.0.1", show_default=True, help=phrase("待ち受けるアドレス。"))
@click.option("--port", type=int, help=phrase("待ち受けるポート。既定は識別子のポート、https のときは8000です。"))
@click.option("--workers", default=2, show_default=True, help=phrase("ポートごとのワーカープロセスの数。"))
@click.option(
    "--jobs/--no-jobs",
    "with_jobs",
    default=True,
    help=phrase("定期処理をこのプロセスで行うか。別の機械の worker に任せるときは --no-jobs。"),
)
def serve_command(address: str, port: int | None, workers: int, with_jobs: bool) -> None:
    """Sign what must be there, then serve, and run the jobs, until told to stop."""
    # Loaded here only: no other command needs a server.
    from federation.web import logs, serving  # noqa: PLC0415 - no other command needs a server.

    bureau = _migrated(opened())
    first_words(bureau)
    warn_of_recovery_key(bureau)
    say(phrase("%(name)s: %(url)s"), name=bureau.config.name, url=bureau.config.entity_id)
    logs.set_up()
    listener = serving.Listener(port or (_DEFAULT_PORT if bureau.config.secure else bureau.config.port), address)
    installation = serving.Installation(bureau.config.data, TARGET, [listener], workers, THREADS)
    serving.serve(installation, Scheduler(jobs(bureau)).run if with_jobs else None)


@cli.command("worker", help=phrase("定期処理だけを行います。serve --no-jobs と組み合わせて使います。"))
def worker_command() -> None:
    """Run the jobs alone until told to stop, where the pages are served by other processes."""
    from federation.web import logs, serving  # noqa: PLC0415 - no other command needs a server.

    bureau = _migrated(opened())
    first_words(bureau)
    logs.set_up()
    stop = threading.Event()
    with serving.stopped_by_signals(stop):
        Scheduler(jobs(bureau)).run(stop)


def _migrated(bureau: Bureau) -> Bureau:
    if bureau.storage.revision(MIGRATIONS) != schema.head(MIGRATIONS):
        raise NotMigrated(bureau.config.database.partition("@")[2], facts={"name": bureau.config.name})
    return bureau


def warn_of_recovery_key(bureau: Bureau) -> None:
    """Remind the operator while the recovery key still lies where the online key does."""
    if custody.recovery_key_is_here(bureau.config):
        path = custody.folder(bureau.config) / custody.RECOVERY
        say(
            phrase("注意：復旧用の鍵がこのサーバーにあります。%(path)s を別の安全な場所へ移してください。"),
            path=str(path),
        )
