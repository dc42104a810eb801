"""The alarm on our own entry: not for what we did ourselves, and for good until somebody has looked."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from federation import keys
from federation.audit import AuditEntry
from federation.errors import NotFound
from federation.members import Members
from federation.storage import Storage
from node import alarms
from node.alarms import TownsWitness
from node.app import open_keys
from node.config import Config
from node.models.alarms import Alarm
from tests.federation.world import HOME, NOW, REGISTRY, Registry, Town


class Own:
    """A town as the registry of these tests sees it, and what the town's members table hears."""

    def __init__(self, storage: Storage, config: Config) -> None:
        self.storage, self.registry, self.keys = storage, Registry(), open_keys(config, clock=lambda: NOW)
        witness = TownsWitness(config, self.keys, lambda: self.registry.now)
        self.members = Members(storage, self.registry.pins, HOME, self.registry, witness=witness)

    def town(self, **changed: object) -> Town:
        own = Town(HOME, federation=self.keys.federation.current, protocol=self.keys.protocol.current)
        return replace(own, **changed)  # type: ignore[arg-type]  # The changed members of a town.

    def said(self, town: Town) -> list[str]:
        """Have the registry say this of us, read it, and return the kinds of the alarms that stand."""
        self.registry.later(minutes=1)
        self.registry.admit(town)
        self.members.refresh(self.registry.now)
        return [alarm.kind for alarm in self.standing()]

    def standing(self) -> list[Alarm]:
        with self.storage.transaction() as db:
            return list(alarms.standing(db))


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(HOME, "131130", "帰宅市", REGISTRY, tmp_path, "")


@pytest.fixture
def own(storage: Storage, config: Config) -> Own:
    return Own(storage, config)


def test_what_is_so_from_the_start_alarms_nobody(own: Own) -> None:
    assert own.said(own.town()) == []


def test_our_own_rotation_alarms_nobody(own: Own, config: Config) -> None:
    own.said(own.town())
    for purpose in keys.PURPOSES:
        keys.rotate(config.data / "keys", purpose, now=NOW, announce=NOW - NOW)
    assert own.said(own.town()) == []


def test_nor_does_a_key_that_we_revoked_ourselves(own: Own, config: Config) -> None:
    before = own.town()
    keys.revoke(config.data / "keys", "protocol", now=NOW)
    assert own.said(before) == []


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("code", {"code": "012025"}),
        ("name", {"name": "別市"}),
        ("federation", {"federation": keys.make()}),
        ("protocol", {"protocol": keys.make()}),
    ],
)
def test_what_we_did_not_do_alarms(own: Own, kind: str, changed: dict[str, object]) -> None:
    own.said(own.town())
    assert own.said(own.town(**changed)) == [kind]
    with own.storage.transaction() as db:
        assert "alarm" in db.scalars(select(AuditEntry.event)).all()


def test_one_change_is_one_alarm_however_often_it_is_read(own: Own) -> None:
    other = own.town(name="別市")
    own.said(own.town())
    assert own.said(other) == ["name"]
    assert own.said(replace(other, federation=own.keys.federation.current)) == ["name"]


def test_an_alarm_stands_until_it_is_acknowledged(own: Own) -> None:
    own.said(own.town())
    own.said(own.town(name="別市"))
    (alarm,) = own.standing()
    with own.storage.transaction(write=True) as db:
        alarms.acknowledge(db, alarm.id, by="1001", now=NOW)
    assert own.standing() == []
    assert own.said(own.town(name="別市")) == []
    with own.storage.transaction(write=True) as db, pytest.raises(NotFound):
        alarms.acknowledge(db, alarm.id, by="1001", now=NOW)


def test_a_lost_online_key_of_the_registry_alarms_and_a_rotated_one_does_not(own: Own) -> None:
    own.said(own.town())
    old, own.registry.online = own.registry.online, keys.make()
    own.registry.name_keys((old, None), (own.registry.online, None))
    own.registry.own_configuration = lambda *_: Registry.own_configuration(  # type: ignore[method-assign]  # Lists both.
        own.registry, None, [own.registry.online, old]
    )
    assert own.said(own.town()) == []
    del own.registry.own_configuration
    own.registry.online = keys.make()
    own.registry.name_keys((own.registry.online, None))
    assert own.said(own.town()) == ["anchor"]
