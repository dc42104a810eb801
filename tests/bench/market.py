"""A registry's database with the rows of ``tests.bench.nation``, and the town that asks, admitted as in life."""

import shutil
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg
from psycopg import sql
from sqlalchemy import update

from federation.messages.enrolment import EnrolmentRequest
from federation.storage import Storage
from federation.tokens import CLIENT_ASSERTION
from registry.bureau import Bureau
from registry.config import Config
from registry.membership import enrolment, invitations
from registry.models import FeedReading
from registry.models.tables import METADATAS
from tests.bench import nation
from tests.bench.days import at, weekdays
from tests.bench.nation import ASKER_CODE, CENTRE
from tests.federation.world import Town

__all__ = ["CENTRE", "admit_asker", "lay", "wished_time"]

ASKER = "https://asker.example"
_TABLES = ("members", "site", "desk", "freedom", "free_range", "offer", "offer_home", "feed_reading")
_TIMES = frozenset({"issued", "configured", "expires", "seen_at", "as_of", "start", "end", "due_at", "complete_at"})
_FLAGS = frozenset({"gone", "doubtful", "everyone", "every_site", "every_room", "per_hour", "pinged"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Market:
    """The town that asks, with its keys."""

    asker: Town


def lay(config: Config, desks: int, now: datetime) -> None:
    """Lay tables and rows under a registry that was never opened: as a copy of the file, or by COPY."""
    path = nation.rows(desks, now)
    if config.database.startswith("sqlite"):
        shutil.copyfile(path, config.database.removeprefix("sqlite:///"))
        return
    storage = Storage(config.database, *METADATAS)
    storage.create_all()
    storage.close()
    with sqlite3.connect(path) as kept, psycopg.connect(config.database) as connection:
        for table in _TABLES:
            _copy(kept, connection, table)
        connection.execute("SELECT setval(pg_get_serial_sequence('members', 'id'), (SELECT max(id) FROM members))")


def _copy(kept: sqlite3.Connection, connection: psycopg.Connection, table: str) -> None:
    rows = kept.execute(f"SELECT * FROM {table}")
    names = [column[0] for column in rows.description]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    moments: dict[int, str] = {}
    with connection.cursor().copy(statement) as copy:
        for row in rows:
            copy.write_row([_value(name, value, moments) for name, value in zip(names, row, strict=True)])


def _value(name: str, value: object, moments: dict[int, str]) -> object:
    if isinstance(value, int) and name in _TIMES:
        if value not in moments:
            moments[value] = (_EPOCH + timedelta(microseconds=value)).isoformat()
        return moments[value]
    return bool(value) if name in _FLAGS else value


def admit_asker(bureau: Bureau, now: datetime) -> Market:
    """Admit the town that asks, and let every feed have been read just now."""
    town = Town(ASKER, code=ASKER_CODE, name="問合市")
    admit(bureau, town, now)
    with bureau.storage.transaction(write=True) as db:
        db.execute(update(FeedReading).values(complete_at=now))
    return Market(town)


def admit(bureau: Bureau, town: Town, now: datetime) -> None:
    """Admit a town by invitation and signed statements."""
    own = bureau.config.entity_id
    with bureau.storage.transaction(write=True) as db:
        secret = invitations.invite(db, invitations.Body(town.code, town.name), by="bench", now=now)
        claims = {"iss": town.entity_id, "sub": town.entity_id, "aud": own}
        proof = CLIENT_ASSERTION.sign(town.federation, claims, now=now)
        configuration = town.configuration(now, authority_hints=[own])
        wish = EnrolmentRequest(invitation=secret, configuration=configuration, proof=proof)
        asked = enrolment.enrol(db, bureau.seal, wish, now)
        number, thumbprint = asked.enrolment.id, town.federation.kid
        enrolment.admit(db, bureau.seal, number, thumbprint=thumbprint, by="bench", now=now)


def wished_time(now: datetime) -> tuple[datetime, datetime]:
    """Return two hours of the first weekday of the week after next: what every search asks for."""
    day = next(weekdays(nation.first_day(now) + timedelta(days=14)))
    return at(day, 10), at(day, 12)
