"""What was agreed before confirmations existed stays in force, says so, and is confirmed when somebody asks for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from federation.storage import Storage
from node.host import agreements, versions
from node.models.agreements import Agreement, Confirmation
from node.models.tables import METADATAS, MIGRATIONS
from tests.conftest import BOTH
from tests.databases import drop_database, new_database, url_of
from tests.node.agreed import LONG_AGO

BEFORE = "0044"
OURS, ALL, SEVERAL = (f"6f9619ff-8b86-4d01-b42d-00c04fc964f{digit}" for digit in "123")
ROW = (
    "INSERT INTO agreement (id, number, name, home_code, home_codes, site_ids, weekdays, lead_minutes, price_yen, per,"
    " price_basis, host_approves, named_manifest, notice_days, lock_version)"
    " VALUES (:id, '', '協定', :code, :codes, '[]', '[]', 0, 0, 'use', '', FALSE, TRUE, 30, 0)"
)


@pytest.fixture(params=BOTH)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    name = new_database() if request.param == "postgresql" else ""
    storage = Storage(url_of(name) if name else f"sqlite:///{tmp_path}/old.db", *METADATAS)
    storage.migrate(MIGRATIONS, BEFORE)
    with storage.transaction(write=True) as db:
        for id_, code, codes in ((OURS, "110001", "[]"), (ALL, None, "[]"), (SEVERAL, None, '["110001", "13"]')):
            db.execute(text(ROW), {"id": id_, "code": code, "codes": codes})
    storage.migrate(MIGRATIONS)
    yield storage
    storage.close()
    if name:
        drop_database(name)


@pytest.mark.parametrize("id_", [OURS, ALL, SEVERAL])
def test_what_was_agreed_stays_in_force(storage: Storage, id_: str) -> None:
    with storage.transaction() as db:
        one, version = db.get_one(Agreement, id_), versions.newest(db, id_)
        assert one.stands_for("110001")
        assert version is not None
        assert (one.version, version.earlier, version.in_force_at) == (1, True, None)
        assert not versions.awaits(one, version)


def test_it_is_confirmed_once_somebody_asks(storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        one = agreements.locked(db, OURS)
        assert agreements.amend(db, one, {}, now=LONG_AGO) is None
        made = agreements.amend(db, one, {}, now=LONG_AGO, again=True)
        assert made is not None
        assert (made.number, made.digest) == (2, versions.of(db, [OURS])[OURS][1].digest)
        assert db.scalars(select(Confirmation.state)).all() == ["awaited"]
        assert one.stands_for("110001")
