"""Setting up the registry and the towns, each step skipped where an earlier start has done it already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import select

from deploy.demo import seed
from deploy.demo.programs import Program
from deploy.demo.seed import TownFile
from federation.members import Member, find
from federation.remote_registry import RemoteRegistry
from federation.trust import Pins
from node import config as node_config
from node import joining
from node.app import open_town
from node.models.tables import MIGRATIONS as NODE_MIGRATIONS
from node.town import Town
from registry import config as registry_config
from registry import operators, places
from registry.app import open_bureau
from registry.bureau import Bureau
from registry.jobs import first_words
from registry.membership import enrolment, invitations, standing
from registry.models import Operator
from registry.models.tables import MIGRATIONS as REGISTRY_MIGRATIONS

HERE = Path(__file__).parent
OPERATOR = "operator"
ALONE, HOSTED = ("130001", "110001"), ("132195", "111007")
"""東京都 and 埼玉県 run their own installations; 狛江市 and さいたま市 share one (共同利用)."""


@dataclass(frozen=True)
class Plan:
    """Where everything is: the folder with all data, and the first of the ports that follow each other."""

    folder: Path
    port: int

    @property
    def data(self) -> Path:
        """The data of this start's entity ids: they bear the port, so that other ports are another federation."""
        return self.folder / f"data-{self.port}"

    @property
    def registry(self) -> str:
        """The registry's entity id."""
        return f"http://localhost:{self.port}"

    def entity_id(self, code: str) -> str:
        """Return a town's entity id."""
        return f"http://localhost:{self.port + 1 + (*ALONE, *HOSTED).index(code)}"

    @property
    def origins(self) -> str:
        """All origins, as ``PEER_ORIGINS_ALLOWED`` wants them."""
        return " ".join((self.registry, *map(self.entity_id, (*ALONE, *HOSTED))))

    def registry_program(self) -> Program:
        """Return the registry's installation."""
        settings = {
            "REGISTRY_ENTITY_ID": self.registry,
            "REGISTRY_NAME": "立ち寄りデスク連携基盤（デモ）",
            "REGISTRY_NAME_EN": "Tachiyori Registry (demo)",
            "REGISTRY_DATA": str(self.data / "registry"),
            "PEER_ORIGINS_ALLOWED": self.origins,
        }
        return Program("registry", "registry.commands", settings, [self.registry], self.folder / "log/registry.log")

    def settings_of(self, file: TownFile) -> dict[str, str]:
        """Return one town's settings."""
        folder = self.data / ("towns" if file.code in HOSTED else "") / file.code
        return {
            "NODE_ENTITY_ID": self.entity_id(file.code),
            "NODE_CODE": file.code,
            "NODE_NAME": file.name,
            "NODE_NAME_EN": file.name_en,
            "NODE_REGISTRY": self.registry,
            "NODE_DATA": str(folder),
            "PEER_ORIGINS_ALLOWED": self.origins,
            "NODE_RECEPTION_CAMERA": "1",
        }

    def node_programs(self, files: Mapping[str, TownFile]) -> list[Program]:
        """Return the nodes' installations: one for each town alone, one for all that are hosted."""
        alone = [
            Program(code, "node.commands", self.settings_of(files[code]), [self.entity_id(code)], self._log(code))
            for code in ALONE
        ]
        shared = {"NODE_TOWNS": str(self.data / "towns"), "PEER_ORIGINS_ALLOWED": self.origins}
        hosted = Program(
            "hosted", "node.commands", shared, [self.entity_id(code) for code in HOSTED], self._log("hosted")
        )
        return [*alone, hosted]

    def _log(self, name: str) -> Path:
        return self.folder / f"log/{name}.log"


def open_registry(settings: Mapping[str, str]) -> Bureau:
    """Open the registry with its schema, an operator, the places people search near, and its first signed words."""
    bureau = open_bureau(registry_config.from_environment(settings))
    bureau.storage.migrate(REGISTRY_MIGRATIONS)
    with bureau.storage.transaction(write=True) as db:
        if db.scalar(select(Operator.id).limit(1)) is None:
            operators.add(db, account=OPERATOR, name="運営 花子", password=seed.PASSWORD, now=bureau.clock())
            places.import_municipalities(db, (HERE / "municipalities.csv").read_bytes())
            places.import_stations(db, (HERE / "stations.csv").read_bytes())
    first_words(bureau)
    return bureau


def open_node(settings: Mapping[str, str]) -> Town:
    """Open a town with its schema."""
    town = open_town(node_config.from_environment(settings))
    town.storage.migrate(NODE_MIGRATIONS)
    return town


def write_settings(settings: Mapping[str, str]) -> None:
    """Write the file of a hosted town, as ``town add`` does; ports may have moved since the last start."""
    folder = Path(settings["NODE_DATA"])
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = "".join(f"{name}={value}\n" for name, value in settings.items() if name != "NODE_DATA")
    (folder / "town.env").write_text(text, encoding="utf-8")


def is_member(bureau: Bureau, entity_id: str) -> bool:
    """Say whether the registry has admitted the town."""
    with bureau.storage.transaction() as db:
        return find(db, entity_id) is not None


def admit(bureau: Bureau, town: Town) -> None:
    """Invite, join and admit one town: what its admin and the operator do in turn, thumbprints compared."""
    config, now = town.config, bureau.clock()
    with bureau.storage.transaction(write=True) as db:
        body = replace(invitations.known_body(db, config.code, config.name), name_en=config.name_en)
        secret = invitations.invite(db, body, by=OPERATOR, now=now)
    given = Pins(bureau.config.entity_id, bureau.seal.federation.current.kid, bureau.seal.recovery)
    registry = RemoteRegistry(town.peer, config.registry)
    answer = joining.join(config, town.keys, registry, secret, given, now=now)
    with bureau.storage.transaction(write=True) as db:
        (waiting,) = [each for each in enrolment.waiting(db) if each.enrolment.entity_id == config.entity_id]
        enrolment.admit(db, bureau.seal, waiting.enrolment.id, thumbprint=answer.thumbprint, by=OPERATOR, now=now)
        standing.sign_status_list(db, bureau.seal, now)


def known_members(town: Town) -> Sequence[str]:
    """Return the codes of the members a town knows of."""
    with town.storage.transaction() as db:
        return db.scalars(select(Member.code).where(~Member.gone).order_by(Member.code)).all()
