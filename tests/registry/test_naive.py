"""The search beside a plain reading of everything: the same desks, in the same order, at the same price, on both databases."""

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert

from federation.members import Member
from federation.messages.search import SearchAnswer, SearchQuery
from federation.storage import Storage
from registry import reach, search
from registry.facets import bits, viewpoints
from registry.models import Desk, Freedom, FreeRange, Offer, OfferHome, OfferSite, Site
from registry.models.tables import METADATAS
from registry.places import Spot
from registry.search import Asker

NOW = datetime(2026, 11, 24, tzinfo=UTC)
HOUR = timedelta(hours=1)
LAT, LON = 35.635, 139.579
ASKER = Asker(1, "132195")
PRIVACY = ("private", "semi_private", "open")
LINES = ("中央線", "小田急線")

Rows = dict[type, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def _few() -> Iterator[None]:
    """Rounds so small that a walk outwards has several of them."""
    before = reach.ROUNDS
    reach.ROUNDS = (2, 3, 7, 10_000)
    yield
    reach.ROUNDS = before


@pytest.fixture
def storage(storage_url: str, _few: None) -> Iterator[Storage]:
    opened = Storage(storage_url, *METADATAS)
    yield opened
    opened.close()


def named(kind: str, number: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{kind} {number}"))


sites = st.lists(
    st.fixed_dictionaries({
        "member": st.integers(1, 3), "east": st.integers(0, 60), "line": st.sampled_from(["", "jr中央線", "小田急線"]),
        "accessible": st.integers(0, 3),
    }),
    min_size=1, max_size=7,
)  # fmt: skip
desks = st.lists(
    st.fixed_dictionaries({
        "site": st.integers(0, 6), "privacy": st.sampled_from(PRIVACY), "features": st.integers(0, 3),
        "accessible": st.integers(0, 3),
        "free": st.lists(st.integers(0, 11), max_size=6, unique=True).map(sorted),
    }),
    min_size=1, max_size=12,
)  # fmt: skip
offers = st.lists(
    st.fixed_dictionaries({
        "member": st.integers(2, 3), "everyone": st.booleans(), "named": st.booleans(),
        "site": st.none() | st.integers(0, 6), "price": st.sampled_from([0, 300, 500]), "per_hour": st.booleans(),
        "ends": st.sampled_from(["9999-12-31", "2026-11-24"]),
    }),
    max_size=4,
)  # fmt: skip
queries = st.fixed_dictionaries({
    "begins": st.integers(0, 10), "hours": st.integers(1, 6), "minutes": st.none() | st.sampled_from([60, 120]),
    "privacy": st.sets(st.sampled_from(PRIVACY)), "features": st.sets(st.sampled_from(["monitor", "outlet"])),
    "accessibility": st.sets(st.sampled_from(["wheelchair", "step_free"])),
    "max_price_yen": st.none() | st.sampled_from([0, 500]), "lines": st.sets(st.sampled_from(LINES)),
    "radius_km": st.sampled_from([3.0, 50.0]), "limit": st.integers(1, 4),
})  # fmt: skip


def rows(sites: list[dict[str, Any]], desks: list[dict[str, Any]], offers: list[dict[str, Any]]) -> Rows:
    made: Rows = {table: [] for table in (Member, Site, Desk, Freedom, FreeRange, Offer, OfferHome, OfferSite)}
    made[Member] = [_member(number) for number in (1, 2, 3)]
    made[Site] = [_site(number, site) for number, site in enumerate(sites)]
    for number, desk in enumerate(desks):
        site = made[Site][desk["site"] % len(sites)]
        key = {"member_id": site["member_id"], "desk_id": named("desk", number)}
        listing = {"id": key["desk_id"], "name": f"A-{number}"}
        facts = {name: desk[name] for name in ("privacy", "features", "accessible")}
        own = {"member_id": key["member_id"], "id": key["desk_id"], "site_id": site["id"]}
        made[Desk].append({**own, **facts, "told": json.dumps(listing), "data": listing})
        made[Freedom].append({**key, "as_of": NOW})
        made[FreeRange] += [{**key, "start": start, "end": end} for start, end in _ranges(desk["free"])]
    for number, offer in enumerate(offers):
        key = {"member_id": offer["member"], "offer_id": named("offer", number)}
        made[Offer].append({
            "member_id": key["member_id"], "id": key["offer_id"], "everyone": offer["everyone"],
            "every_site": offer["site"] is None, "starts_on": "0001-01-01", "ends_on": offer["ends"],
            "price_yen": offer["price"], "per_hour": offer["per_hour"], "name": "協定",
        })  # fmt: skip
        made[OfferHome] += [{**key, "code": ASKER.code}] if offer["named"] else []
        made[OfferSite] += [] if offer["site"] is None else [{**key, "site_id": named("site", offer["site"])}]
    return made


def _member(number: int) -> dict[str, Any]:
    moments = dict.fromkeys(("issued", "configured", "seen_at"), NOW)
    texts = {"entity_id": f"https://{number}.example", "code": f"11000{number}", "name": f"第{number}市"}
    rest = {"statement": "", "configuration": "", "status_index": number, "expires": NOW + 99 * HOUR}
    return {"id": number, "status": "valid", **moments, **texts, **rest}


def _site(number: int, site: dict[str, Any]) -> dict[str, Any]:
    lat, lon = LAT, LON + site["east"] / 1000
    place = dict(zip("xyz", Spot(lat, lon).on_sphere, strict=True)) | {"lat": lat, "lon": lon, "zone": "Asia/Tokyo"}
    facts = {"lines": site["line"], "accessible": site["accessible"], "told": "{}", "data": {}}
    return {"member_id": site["member"], "id": named("site", number), **place, **facts}


def _ranges(hours: list[int]) -> Iterator[tuple[datetime, datetime]]:
    """Read hours that are free as ranges: neighbours are one."""
    for hour in hours:
        if hour - 1 not in hours:
            end = next(later for later in range(hour, 99) if later + 1 not in hours) + 1
            yield NOW + 24 * HOUR + hour * HOUR, NOW + 24 * HOUR + end * HOUR


def naive(made: Rows, query: SearchQuery) -> list[tuple[str, int, datetime]]:
    """Return desk, price and beginning of all that is found, by going through everything."""
    found = []
    for desk in made[Desk]:
        site = next(site for site in made[Site] if site["id"] == desk["site_id"])
        price, begins = _price(made, site, query), _begins(made, desk, query)
        km = Spot(LAT, LON).km_to(site["lat"], site["lon"])
        wanted = viewpoints(query.accessibility)
        if price is None or begins is None or km > query.radius_km:
            continue
        if query.privacy and desk["privacy"] not in query.privacy:
            continue
        if desk["features"] & bits(query.features) != bits(query.features):
            continue
        if site["accessible"] & desk["accessible"] & wanted != wanted:
            continue
        if query.max_price_yen is not None and price > query.max_price_yen:
            continue
        off_line = not any(site["lines"].endswith(line) for line in query.lines)
        found.append(((off_line, km, site["member_id"], site["id"], desk["id"]), (desk["id"], price, begins)))
    return [told for _order, told in sorted(found)]


def _price(made: Rows, site: dict[str, Any], query: SearchQuery) -> int | None:
    if site["member_id"] == ASKER.member_id:
        return 0
    prices = []
    for offer in made[Offer]:
        homes = [home for home in made[OfferHome] if home["offer_id"] == offer["id"]]
        mine = [one for one in made[OfferSite] if one["offer_id"] == offer["id"]]
        shown = offer["every_site"] or any(one["site_id"] == site["id"] for one in mine)
        if offer["member_id"] == site["member_id"] and (offer["everyone"] or homes) and shown:
            hours = -(-query.length // HOUR) if offer["per_hour"] else 1
            prices += [offer["price_yen"] * hours] if offer["ends_on"] >= "2026-11-25" else []
    return min(prices, default=None)


def _begins(made: Rows, desk: dict[str, Any], query: SearchQuery) -> datetime | None:
    mine = [one for one in made[FreeRange] if (one["member_id"], one["desk_id"]) == (desk["member_id"], desk["id"])]
    gaps = [(max(one["start"], query.start), min(one["end"], query.end)) for one in mine]
    return min((start for start, end in gaps if end - start >= query.length), default=None)


@given(sites, desks, offers, queries)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_page_is_as_a_plain_reading_has_it(
    storage: Storage,
    sites: list[dict[str, Any]],
    desks: list[dict[str, Any]],
    offers: list[dict[str, Any]],
    queries: dict[str, Any],
) -> None:
    start, minutes = NOW + (24 + queries.pop("begins")) * HOUR, queries["minutes"]
    hours = max(queries.pop("hours"), (minutes or 0) // 60)
    wish = {name: tuple(sorted(value)) if isinstance(value, set) else value for name, value in queries.items()}
    when = {"start": start, "end": start + hours * HOUR}
    query = SearchQuery.model_validate({**when, "lat": LAT, "lon": LON, **wish})
    made = rows(sites, desks, offers)
    with storage.transaction(write=True) as db:
        for table, filled in made.items():
            db.execute(delete(table))
            if filled:
                db.execute(insert(table), filled)
    expected, cursor = naive(made, query), ""
    found: list[tuple[str, int, datetime]] = []
    while cursor or not found:
        with storage.transaction() as db:
            text = search.find(db, ASKER, query.model_copy(update={"cursor": cursor}), NOW).text
        answer = json.loads(text)
        assert answer["total"] == len(expected) or (answer["at_least"] and answer["total"] < len(expected) + 1)
        told = answer.get("desks", [])
        found += [(one["desk"]["id"], one["price_yen"], _fits(one, query)) for one in told]
        cursor = answer.get("cursor", "")
        if not told:
            break
    assert found == expected


def _fits(one: dict[str, Any], query: SearchQuery) -> datetime:
    return datetime.fromisoformat(one["fits_from"]) if "fits_from" in one else query.start


def test_what_is_put_together_as_text_is_read_as_a_message(storage: Storage) -> None:
    with storage.transaction() as db:
        text = search.find(db, ASKER, SearchQuery(start=NOW, end=NOW + HOUR), NOW).text
    assert json.loads(SearchAnswer.read(text).text()) == json.loads(text)
