"""What people do by pages is in the log, allowed or not."""

import pytest
from sqlalchemy import select

from federation.audit import AuditEntry
from node.people import staff as directory
from tests.node.home.conftest import NOW
from tests.node.pair import HOME, Pair
from tests.node.views.conftest import PASSWORD, Person


@pytest.fixture
def person(towns: Pair) -> Person:
    with towns.home.storage.transaction(write=True) as db:
        directory.add(db, number="000777", name="同僚 花子", now=NOW, password=PASSWORD)
    client = towns.wire.apps[HOME].test_client()
    signed = Person(client)
    signed.signs_in("000777")
    return signed


def lines(towns: Pair) -> list[tuple[str, str, str]]:
    with towns.home.storage.transaction() as db:
        found = db.scalars(select(AuditEntry).where(AuditEntry.event.startswith("page ")).order_by(AuditEntry.number))
        return [(line.event, line.actor, line.verdict) for line in found]


def test_a_change_is_a_line_and_a_look_is_none(towns: Pair, person: Person) -> None:
    person.opens("/notices")
    assert lines(towns) == []
    assert person.sends("/notices").status_code == 303
    assert lines(towns) == [("page staff.mark_read", "staff:2", "allowed")]


def test_who_is_kept_out_is_a_line_too(towns: Pair, person: Person) -> None:
    assert person.opens("/personnel/leaving").status_code == 403
    assert lines(towns) == [("page leavers.choose", "staff:2", "refused")]


def test_a_stranger_leaves_no_line(towns: Pair) -> None:
    assert towns.wire.apps[HOME].test_client().get("/personnel/leaving").status_code == 303
    assert towns.wire.apps[HOME].test_client().post("/notices").status_code in {303, 401, 403}
    assert lines(towns) == []
