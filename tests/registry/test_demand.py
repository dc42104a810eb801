"""Searches that found nothing are counted; nobody is."""

from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import select

from registry import demand
from registry.bureau import Bureau
from registry.demand import Demand
from registry.jobs import purge
from registry.models import UnmetSearch
from tests.registry.towns import NOW, Clock, Town

START = NOW + timedelta(days=1, minutes=20)
END = START + timedelta(hours=2)
HOUR = NOW + timedelta(days=1)
Join = Callable[[str], Town]


def unmet(bureau: Bureau) -> list[Demand]:
    with bureau.storage.transaction() as db:
        return demand.unmet(db, NOW)


def test_three_towns_in_vain_make_a_line(join: Join, client: FlaskClient, bureau: Bureau) -> None:
    for name in ("狛江市", "埼玉県", "秩父市"):
        join(name).search(client, START, END, lat=35.99, lon=139.08)
    assert unmet(bureau) == [Demand("coordinates", "36.0, 139.1", HOUR, "no-site", 3)]


def test_fewer_than_three_are_not_shown(join: Join, client: FlaskClient, bureau: Bureau) -> None:
    for name in ("狛江市", "埼玉県"):
        join(name).search(client, START, END, lat=35.99, lon=139.08)
    assert unmet(bureau) == []


def test_one_town_asking_again_counts_once(join: Join, client: FlaskClient, bureau: Bureau) -> None:
    komae = join("狛江市")
    for _ in range(5):
        komae.search(client, START, END, lat=35.99, lon=139.08)
    with bureau.storage.transaction() as db:
        assert len(db.scalars(select(UnmetSearch)).all()) == 1


def test_a_search_that_finds_something_is_not_counted(
    join: Join, client: FlaskClient, bureau: Bureau, harvest: Callable[[], None]
) -> None:
    komae = join("狛江市")
    komae.open_desk(komae.open_site(35.63, 139.58), start=NOW + timedelta(days=1))
    harvest()
    komae.search(client, START, END, lat=35.63, lon=139.58)
    with bureau.storage.transaction() as db:
        assert db.scalars(select(UnmetSearch)).all() == []


def test_who_asked_is_forgotten_after_a_day(join: Join, client: FlaskClient, bureau: Bureau, clock: Clock) -> None:
    join("狛江市").search(client, START, END)
    clock.advance(hours=23, minutes=59)
    purge(bureau)
    assert _askers(bureau) == ["132195"]
    clock.advance(minutes=1)
    purge(bureau)
    assert _askers(bureau) == [None]


def _askers(bureau: Bureau) -> list[str | None]:
    with bureau.storage.transaction() as db:
        return list(db.scalars(select(UnmetSearch.asker)))


def kept(bureau: Bureau) -> list[tuple[str, str, str]]:
    with bureau.storage.transaction() as db:
        return [(row.kind, row.label, row.reason) for row in db.scalars(select(UnmetSearch).order_by(UnmetSearch.id))]


def test_a_name_is_counted_for_the_town_that_has_it(
    join: Join, client: FlaskClient, bureau: Bureau, harvest: Callable[[], None]
) -> None:
    komae = join("狛江市")
    komae.open_site(35.63, 139.58)
    harvest()
    komae.search(client, START, END, station="狛江市役所")
    assert kept(bureau) == [("municipality", "狛江市", "full")]


def test_a_name_that_nothing_has_is_counted_and_not_kept(join: Join, client: FlaskClient, bureau: Bureau) -> None:
    komae, times = join("狛江市"), {"start": f"{START:%Y-%m-%dT%H:%M:%SZ}", "end": f"{END:%Y-%m-%dT%H:%M:%SZ}"}
    for typed in ("\u3000", "立寄 太郎", "立寄 花子"):
        assert komae.get(client, "/api/v1/search", "search", **times, station=typed).status_code == 400
        assert typed.strip() or not kept(bureau)
    assert kept(bureau) == [("name", "", "unknown")]


def test_why_nothing_was_found_is_told_apart(
    join: Join, client: FlaskClient, bureau: Bureau, harvest: Callable[[], None]
) -> None:
    komae = join("狛江市")
    komae.open_desk(komae.open_site(35.63, 139.58), start=NOW + timedelta(days=1))
    harvest()
    komae.search(client, START, END, lat=35.63, lon=139.58, features="monitor")
    komae.search(client, START + timedelta(days=30), END + timedelta(days=30), lat=35.63, lon=139.58)
    komae.search(client, START, END, lat=43.06, lon=141.35)
    assert [reason for _kind, _label, reason in kept(bureau)] == ["unlike", "full", "no-site"]
