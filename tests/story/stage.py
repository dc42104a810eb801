"""The stage of the story: a registry and two towns, each an installation of its own with real processes on free ports."""

import os
import re
import socket
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from deploy.demo import seed
from deploy.demo.programs import Program, stop_all
from deploy.demo.seed import TownFile
from node import config as node_config
from node.app import open_town
from node.town import Town
from tests.databases import drop_database, new_database, url_of

DEMO = Path(seed.__file__).parent
_THUMBPRINT = re.compile(r"(?<![\w-])[\w-]{43}(?![\w-])", re.ASCII)
"""A thumbprint may begin with a hyphen, where no word begins."""


@dataclass
class Actor:
    """One town of the story: its file, its program, and its database opened from this process too."""

    file: TownFile
    program: Program
    _opened: Town | None = field(default=None, repr=False)

    @property
    def origin(self) -> str:
        """The town's entity id."""
        return self.program.urls[0]

    def open(self) -> Town:
        """Open the town's own data, as its commands do, and keep it open; what ``join`` pins is seen by a later opening."""
        if self._opened is None:
            self._opened = open_town(node_config.from_environment(self.program.settings))
        return self._opened

    def close(self) -> None:
        """Let go of the town's data."""
        if self._opened is not None:
            self._opened.storage.close()
            self._opened.proofs.close()
        self._opened = None


@dataclass
class Stage:
    """Everything the acts need."""

    registry: Program
    home: Actor
    host: Actor
    database: str
    third: Actor | None = None
    """A town that joins when the other two have had their day, where the front has a fourth origin."""
    fourth: Actor | None = None
    """A town that joins for the evacuation, where the front has a fifth origin."""
    pins: list[str] = field(default_factory=list)

    @property
    def programs(self) -> list[Program]:
        """All programs in the order of their start."""
        return [self.registry, *(actor.program for actor in self.towns)]

    @property
    def towns(self) -> list[Actor]:
        """All towns."""
        return [self.home, self.host, *filter(None, (self.third, self.fourth))]

    def invite(self, actor: Actor) -> str:
        """Have the operator invite a town, and return the invitation's secret."""
        return self.registry.command("invite", actor.file.code, "--quiet").split()[-1]

    def join(self, actor: Actor, invitation: str) -> str:
        """Have a town's admin join with what the operator gave, and return the thumbprint on the admin's screen."""
        anchor, recovery = self.pins
        said = actor.program.command("join", "--invitation", invitation, "--anchor", anchor, "--recovery", recovery)
        return thumbprints(said)[0]


def thumbprints(text: str) -> list[str]:
    """Return the key thumbprints in what a command printed, in their order."""
    return _THUMBPRINT.findall(text)


@dataclass(frozen=True)
class Front:
    """How the registry and the towns (home, host, and a third and a fourth if any) are reached: their origins, and what each is told."""

    origins: Sequence[str]
    settings: Sequence[Mapping[str, str]] = ({}, {}, {})
    arguments: Sequence[Sequence[str]] = ((), (), ())


def bare(towns: int = 2) -> Front:
    """Return the front of programs that are called directly, on free ports."""
    parties = 1 + towns
    return Front([f"http://localhost:{port}" for port in free_ports(parties)], [{}] * parties, [()] * parties)


@contextmanager
def built(database: str, *, workers: int = 2, front: Front | None = None) -> Iterator[Stage]:
    """Give out the stage with nothing running yet; ``database`` is sqlite or postgresql. All is ended and dropped after."""
    front = front or bare()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tachiyori-story-")))
        urls = front.origins
        stage = Stage(
            registry=_registry(folder, urls, _database(stack, database)),
            home=_town("110001", folder, urls, 1, _database(stack, database)),
            host=_town("130001", folder, urls, 2, _database(stack, database)),
            database=database,
            third=_town("132195", folder, urls, 3, _database(stack, database)) if len(urls) > 3 else None,
            fourth=_town("111007", folder, urls, 4, _database(stack, database)) if len(urls) > 4 else None,
        )
        for program, settings, arguments in zip(stage.programs, front.settings, front.arguments, strict=True):
            program.settings, program.arguments, program.workers = {**program.settings, **settings}, arguments, workers
        for actor in stage.towns:
            stack.callback(actor.close)
        stack.callback(lambda: stop_all(stage.programs))
        yield stage


def _database(stack: ExitStack, kind: str) -> str:
    """Return the URL of a new PostgreSQL database, dropped at the end, or nothing for the embedded one."""
    if kind == "sqlite":
        return ""
    name = new_database()
    stack.callback(drop_database, name)
    return url_of(name)


def _registry(folder: Path, urls: Sequence[str], database: str) -> Program:
    settings = {
        "REGISTRY_ENTITY_ID": urls[0],
        "REGISTRY_NAME": "連携基盤",
        "REGISTRY_DATA": str(folder / "registry"),
        "PEER_ORIGINS_ALLOWED": " ".join(urls),
    } | ({"REGISTRY_DATABASE": database} if database else {})
    return Program("registry", "registry.commands", settings, [urls[0]], folder / "registry.log")


def _town(code: str, folder: Path, urls: Sequence[str], number: int, database: str) -> Actor:
    file = seed.read(code)
    settings = {
        "NODE_ENTITY_ID": urls[number],
        "NODE_CODE": code,
        "NODE_NAME": file.name,
        "NODE_REGISTRY": urls[0],
        "NODE_DATA": str(folder / code),
        "PEER_ORIGINS_ALLOWED": " ".join(urls),
    } | ({"NODE_DATABASE": database} if database else {})
    return Actor(file, Program(file.name, "node.commands", settings, [urls[number]], folder / f"{code}.log"))


def free_ports(count: int) -> list[int]:
    """Return ports that nobody uses now."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def kind_of_database() -> str:
    """Return which database the story is played on: ``STORY_DATABASE``, sqlite unless it says otherwise."""
    return "postgresql" if os.environ.get("STORY_DATABASE", "").startswith("postgres") else "sqlite"
