"""Feeds that come to the registry as files: taken in as if read, and refused when they are not what they say."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from federation.carriage import lines_of
from federation.errors import BadInput, MemberSuspended, NotAMember, TokenRefused
from federation.tokens import FEED_PAGE
from registry import reading
from registry.bureau import Bureau
from registry.membership import standing, statements
from registry.models import Site
from tests.registry.towns import Clock, Town


@pytest.fixture
def komae(join: Callable[..., Town]) -> Town:
    town = join("狛江市")
    town.open_site(35.63, 139.58)
    return town


def file_of(town: Town, *, feed: str = "listings", cut: int = 0, **changed: object) -> bytes:
    """What the town's ``export-feed`` writes."""
    url, lines = f"{town.entity_id}/feeds/{feed}", [town.configuration()]
    while True:
        page = town.page(url)
        claims = {"iss": town.entity_id, "feed": feed, "url": url, "page": page.wire(), **changed}
        lines.append(FEED_PAGE.sign(town.protocol.current, claims, now=town.clock()))
        if page.next == url:
            return "\n".join(lines[: len(lines) - cut]).encode()
        url = page.next


def sites(bureau: Bureau) -> list[str]:
    with bureau.storage.transaction() as db:
        return sorted(row.data["name"] for row in db.scalars(select(Site)))


def test_a_file_is_read_as_the_town_would_be(bureau: Bureau, komae: Town, clock: Clock) -> None:
    source, carried = reading.take_carried(bureau, file_of(komae))
    assert (source.entity_id, carried.feed, sites(bureau)) == (komae.entity_id, "listings", ["狛江市役所"])
    komae.publish("listings", "site", komae.feeds["listings"][0].id, None)
    komae.open_site(35.64, 139.57, name="西庁舎")
    clock.advance(minutes=1)
    reading.take_carried(bureau, file_of(komae))
    assert sites(bureau) == ["西庁舎"]


def test_the_same_file_again_does_no_harm_and_an_older_one_is_refused(
    bureau: Bureau, komae: Town, clock: Clock
) -> None:
    older = file_of(komae)
    clock.advance(minutes=1)
    newer = file_of(komae)
    for _ in range(2):
        reading.take_carried(bureau, newer)
    with pytest.raises(BadInput, match="newer than this file"):
        reading.take_carried(bureau, older)


def test_a_file_that_is_cut_off_is_refused(bureau: Bureau, komae: Town) -> None:
    with pytest.raises(BadInput, match="cut off"):
        reading.take_carried(bureau, file_of(komae, cut=1))
    assert sites(bureau) == []


def test_pages_of_two_feeds_in_one_file_are_refused(bureau: Bureau, komae: Town) -> None:
    listings, offers = file_of(komae).split(), file_of(komae, feed="offers").split()
    with pytest.raises(BadInput, match="several feeds"):
        reading.take_carried(bureau, b"\n".join([*listings, *offers[1:]]))


def test_what_another_key_signed_is_refused(bureau: Bureau, komae: Town) -> None:
    thief = Town("狛江市", komae.port, komae.clock, feeds=komae.feeds)
    forged = [komae.configuration().encode(), *file_of(thief).split()[1:]]
    with pytest.raises(TokenRefused):
        reading.take_carried(bureau, b"\n".join(forged))
    assert sites(bureau) == []


def test_another_members_pages_are_refused(bureau: Bureau, komae: Town, join: Callable[..., Town]) -> None:
    saitama = join("埼玉県")
    mixed = [*file_of(saitama).split()[:1], *file_of(komae).split()[1:]]
    with pytest.raises(TokenRefused):
        reading.take_carried(bureau, b"\n".join(mixed))
    assert sites(bureau) == []


def test_a_stranger_and_a_suspended_member_are_refused(bureau: Bureau, komae: Town, clock: Clock) -> None:
    with pytest.raises(NotAMember):
        reading.take_carried(bureau, file_of(Town("秩父市", 8999, clock)))
    with bureau.storage.transaction(write=True) as db:
        member = statements.get_member(db, komae.entity_id)
        standing.suspend(db, member.id, reason="調査のため", emergency=True, by="operator", now=clock())
    with pytest.raises(MemberSuspended):
        reading.take_carried(bureau, file_of(komae))


@pytest.mark.parametrize("content", [b"", b"one-line", "二行\nです".encode(), b"x\n" * 5001])
def test_what_is_no_such_file_is_said(content: bytes) -> None:
    with pytest.raises(BadInput):
        lines_of(content)


def test_what_is_no_signed_page_is_refused(bureau: Bureau, komae: Town) -> None:
    with pytest.raises(TokenRefused):
        reading.take_carried(bureau, b"a.b.c\nd.e.f")


def test_a_town_known_by_file_alone_is_found_and_marked(
    bureau: Bureau, komae: Town, join: Callable[..., Town], client: FlaskClient, clock: Clock
) -> None:
    saitama, start = join("埼玉県"), clock() + timedelta(days=1)
    komae.open_desk(komae.feeds["listings"][0].id, start=start)
    komae.agree(saitama)
    for feed in ("listings", "offers"):
        reading.take_carried(bureau, file_of(komae, feed=feed))
    komae.up = False
    clock.advance(hours=2)
    (desk,) = saitama.search(client, start, start + timedelta(hours=1), lat=35.63, lon=139.58)
    assert desk["stale"]
