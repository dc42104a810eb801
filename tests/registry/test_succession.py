"""One member in another's place: by an operator's word, said in the successor's statement from then on."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from federation.errors import BadInput, NotAMember
from federation.members import Member
from federation.replaced import Replaced
from federation.trust import VerifiedMember
from registry.bureau import Bureau
from registry.jobs import sign_statements
from registry.membership import enrolment, invitations, standing, succession
from registry.membership.invitations import Body
from tests.registry.towns import Clock, Network, Town

Join = Callable[[str], Town]


def merge(bureau: Bureau, old: Town, new: Town) -> None:
    with bureau.storage.transaction(write=True) as db:
        succession.replace(db, bureau.seal, old.entity_id, new.entity_id, by="operator", now=bureau.clock())


def said(bureau: Bureau, town: Town) -> VerifiedMember:
    return bureau.members.verified(town.entity_id, bureau.clock())


def test_the_successors_statement_says_whom_it_replaces_for_good(join: Join, bureau: Bureau, clock: Clock) -> None:
    old, new = join("狛江市"), join("秩父市")
    merge(bureau, old, new)
    for hours in (0, 7):
        clock.advance(hours=hours)
        sign_statements(bureau)
        assert said(bureau, new).replaces == (Replaced(old.entity_id, old.code),)


def test_the_old_member_is_none_any_more(join: Join, bureau: Bureau, client: FlaskClient) -> None:
    old, new = join("狛江市"), join("秩父市")
    merge(bureau, old, new)
    assert client.get("/federation/fetch", query_string={"sub": old.entity_id}).status_code == 404
    assert client.get("/federation/list").json == [new.entity_id]
    with bureau.storage.transaction() as db:
        assert standing.statuses(db)[0] == "invalid"


def test_who_replaces_a_successor_replaces_all_before_it_too(join: Join, bureau: Bureau) -> None:
    first, second, third = join("狛江市"), join("秩父市"), join("川越市")
    merge(bureau, first, second)
    merge(bureau, second, third)
    assert {one.entity_id for one in said(bureau, third).replaces} == {first.entity_id, second.entity_id}


def test_nobody_takes_its_own_place_or_a_strangers(join: Join, bureau: Bureau) -> None:
    town = join("狛江市")
    with pytest.raises(BadInput):
        merge(bureau, town, town)
    stranger = Town("秩父市", 9999, Clock())
    with pytest.raises(NotAMember):
        merge(bureau, stranger, town)


def test_a_town_moves_to_another_domain_by_an_invitation_that_says_so(
    join: Join, bureau: Bureau, client: FlaskClient, network: Network, clock: Clock
) -> None:
    old, moved = join("狛江市"), Town("狛江市", 8099, clock)
    network.towns[moved.entity_id] = moved
    plain, meant = (invite(bureau, old, replaces) for replaces in ("", old.entity_id))
    assert moved.enrol(client, plain).status_code == 409
    assert moved.enrol(client, meant).status_code == 202
    with bureau.storage.transaction(write=True) as db:
        (asked,) = enrolment.waiting(db)
        thumbprint, now = moved.thumbprint, clock()
        enrolment.admit(db, bureau.seal, asked.enrolment.id, thumbprint=thumbprint, by="operator", now=now)
        standing.sign_status_list(db, bureau.seal, now)
    member = said(bureau, moved)
    assert (member.code, member.replaces) == (old.code, (Replaced(old.entity_id, old.code),))
    with bureau.storage.transaction() as db:
        assert db.scalars(select(Member.entity_id).where(~Member.gone)).all() == [moved.entity_id]


def invite(bureau: Bureau, town: Town, replaces: str) -> str:
    body = Body(town.code, town.name)
    with bureau.storage.transaction(write=True) as db:
        return invitations.invite(db, body, by="operator", now=bureau.clock(), replaces=replaces)
