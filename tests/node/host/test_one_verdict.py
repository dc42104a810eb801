"""At one instant, on the same facts, the registry's search, the host's quote and its booking say the same."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from federation import rules
from federation.errors import BookingRefused
from federation.members import Member
from federation.messages.booking import BookingRequest, QuoteRequest
from federation.messages.search import SearchAnswer, SearchQuery
from federation.storage import Storage
from node.config import Config
from node.host import bookings, coverage, judging, listings
from node.host.offering import agreement_offer
from node.host.passes import Passes
from node.models.agreements import Agreement
from node.models.sites import Desk, Site
from registry import agreements as kept
from registry import keepers, search
from registry.models.tables import METADATAS as REGISTRY_METADATAS
from registry.offered import Figures, Offered
from registry.reach import Asker
from tests.databases import Databases
from tests.node.agreed import conclude
from tests.node.host.conftest import NOW, SAITAMA, SITE, Desks, wish

MINUTE, QUARTER = timedelta(minutes=1), timedelta(minutes=15)
KINDS = ["satellite", "between_trips"]
ZONES = [ZoneInfo(name) for name in ("Asia/Tokyo", "America/New_York", "Australia/Lord_Howe")]
ASKER = Asker(99, SAITAMA.code)
BOUNDS: dict[str, st.SearchStrategy[Any]] = {
    "opens": st.integers(0, 840),
    "closes": st.integers(841, 1440),
    "shortest_minutes": st.integers(1, 240),
    "longest_minutes": st.integers(240, 600),
    "work_kinds": st.lists(st.sampled_from(KINDS), min_size=1, unique=True),
    "weekdays": st.lists(st.integers(0, 6), min_size=1, max_size=6, unique=True),
    "starts_on": st.dates(date(2026, 11, 20), date(2026, 11, 28)),
    "ends_on": st.dates(date(2026, 11, 28), date(2026, 12, 20)),
    "lead_minutes": st.sampled_from([0, 60, 1440, 10080]),
    "horizon_days": st.integers(0, 14),
}
UNBOUNDED: dict[str, Any] = dict.fromkeys(
    ("opens", "closes", "shortest_minutes", "longest_minutes", "starts_on", "ends_on", "horizon_days", "closes_at")
) | {"work_kinds": [], "weekdays": [], "lead_minutes": 0, "room_ids": [], "site_ids": [], "home_codes": []}
UNBOUNDED |= {"version": 1, "confirmed_by": [SAITAMA.code], "suspended_by": {}}
bounds = st.fixed_dictionaries({}, optional=BOUNDS)


@given(
    bounds,
    st.none() | st.integers(-2000, 30_000),
    st.integers(-1440, 25_000),
    st.integers(1, 3000),
    st.sampled_from(KINDS),
    st.sampled_from(ZONES),
    st.sampled_from([NOW, datetime(2026, 10, 31, 3, 10, tzinfo=UTC), datetime(2026, 3, 7, 22, 59, tzinfo=UTC)]),
)
@settings(deadline=None)
def test_offers_compare_numbers_as_the_rules_judge(
    facts: dict[str, Any], closes: int | None, begins: int, minutes: int, kind: str, zone: ZoneInfo, now: datetime
) -> None:
    closes_at = None if closes is None else now + closes * MINUTE
    agreement = Agreement(
        **{
            "id": str(UUID(int=0, version=4)),
            "name": "協定",
            "per": "use",
            "price_yen": 0,
            **UNBOUNDED,
            **facts,
            "closes_at": closes_at,
        }
    )
    start = now + begins * MINUTE
    asked = rules.Wish(SAITAMA.code, "", "site", start, start + minutes * MINUTE, zone, "open", work_kind=kind)
    until, lead = coverage.limits(agreement, asked, now)
    # How far a town itself offers desks is in the ranges it publishes.
    ours: list[rules.Condition] = [
        rules.BeforeDeadline(now, lead),
        rules.WithinHorizon(max(until, asked.end) if _unbounded(agreement) else until),
    ]
    said = coverage.covers(agreement, asked) and bool(rules.judge([*ours, *coverage.manner(agreement)], asked))
    wished = Figures.of(asked.start, asked.end, zone, now, kind)
    far = asked.end > now + timedelta(days=40)
    assert far or offered(agreement).allows(wished) == said


def _unbounded(agreement: Agreement) -> bool:
    return agreement.horizon_days is None and agreement.closes_at is None


def offered(agreement: Agreement) -> Offered:
    """The agreement as the registry keeps it."""
    offer = agreement_offer(None, agreement)  # type: ignore[arg-type]  # Rooms alone are looked up.
    assert offer is not None
    row = kept._row(1, offer)
    values = {name: getattr(row, name) for name in Offered._fields if name != "rooms"}
    return Offered(**values, rooms=None)


@given(
    bounds,
    st.integers(0, 14 * 96),
    st.integers(1, 200),
    st.integers(1, 40),
    st.sampled_from(ZONES[:1]),
)
@settings(deadline=None)
def test_a_gap_begins_where_the_first_wish_in_it_is_allowed(
    facts: dict[str, Any], begins: int, quarters: int, length: int, zone: ZoneInfo
) -> None:
    offer = offered(
        Agreement(
            **{"id": str(UUID(int=0, version=4)), "name": "協定", "per": "use", "price_yen": 0, **UNBOUNDED, **facts}
        )
    )
    start, end, long = NOW + begins * QUARTER, NOW + (begins + quarters) * QUARTER, length * QUARTER
    tried = (start + number * QUARTER for number in range(max(0, quarters - length + 1)))
    expected = next((at for at in tried if offer.allows(Figures.of(at, at + long, zone, NOW))), None)
    told = next((part[0] for part in offer.stretches(start, end, long, zone, NOW)), None)
    assert told == expected
    if told is not None:
        assert offer.allows(Figures.within(start, end, long, zone, NOW))


@pytest.fixture
def registry(
    storage_url: str, databases: Databases, tmp_path: Path, storage: Storage, desks: Desks, config: Config
) -> Iterator[Storage]:
    """A registry on the same kind of database that has read everything of the host but its agreements."""
    folder = tmp_path / "registry"
    folder.mkdir()
    lite = storage_url.startswith("sqlite")
    url = databases.sqlite(REGISTRY_METADATAS, folder) if lite else databases.postgresql(REGISTRY_METADATAS)
    opened = Storage(url, *REGISTRY_METADATAS)
    with storage.transaction() as db, opened.transaction(write=True) as other:
        _publish(db, other, config, desks)
    yield opened
    opened.close()


def _publish(db: Session, registry: Session, config: Config, desks: Desks) -> None:
    moments = dict.fromkeys(("issued", "configured", "seen_at"), NOW)
    texts = {
        "entity_id": config.entity_id,
        "code": config.code,
        "name": config.name,
        "statement": "",
        "configuration": "",
    }
    registry.execute(
        insert(Member).values(
            id=1, status="valid", status_index=1, expires=NOW + timedelta(days=99), **moments, **texts
        )
    )
    source = keepers.Source(1, config.entity_id, config.code, NOW)
    found = [db.get_one(Desk, id_) for id_ in (desks.first, desks.second, desks.booth)]
    keepers.keep_sites(registry, source, [listings.site_listing(db.get_one(Site, desks.site), config)])
    keepers.keep_desks(registry, source, [listings.desk_listing(desk, config) for desk in found])
    keepers.keep_free(registry, source, list(listings.free_times(db, found, NOW).values()))


priced = st.fixed_dictionaries(
    {"price_yen": st.sampled_from([0, 100, 300, 500]), "per": st.sampled_from(["use", "hour"])}, optional=BOUNDS
)
two = st.lists(
    st.tuples(priced, st.sampled_from(["one", "several", "prefecture", "everyone", "others"]), st.booleans()),
    min_size=1,
    max_size=2,
)


@given(two, st.integers(0, 12), st.integers(28, 76), st.integers(1, 24), st.sampled_from(KINDS))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_search_quote_and_booking_are_of_one_mind(
    storage: Storage,
    registry: Storage,
    desks: Desks,
    passes: Passes,
    agreed: list[tuple[dict[str, Any], str, bool]],
    day: int,
    begins: int,
    quarters: int,
    kind: str,
) -> None:
    start = NOW - timedelta(hours=9) + timedelta(days=day) + begins * QUARTER
    if start < NOW:
        start += timedelta(days=1)
    end = start + quarters * QUARTER
    with storage.transaction(write=True) as db, registry.transaction(write=True) as other:
        _agree(db, other, desks, agreed)
    query = SearchQuery(start=start, end=end, lat=SITE["lat"], lon=SITE["lon"], work_kind=kind)  # type: ignore[arg-type]
    with registry.transaction() as db:
        found = SearchAnswer.read(search.find(db, ASKER, query, NOW).text)
    shown = {one.desk.id for one in found.desks}
    for desk in (desks.first, desks.booth):
        asked = wish(desk, start=start, end=end, work_kind=kind)
        with storage.transaction() as db:
            said = judging.quote(db, SAITAMA, QuoteRequest(places=asked.places, work_kind=asked.work_kind), NOW)
        assert said.allowed == (desk in shown), said.reasons
        assert _is_booked(storage, passes, asked) == said.allowed
        if said.allowed:
            assert said.price_yen == next(one.price_yen for one in found.desks if one.desk.id == desk)


HOMES: dict[str, dict[str, Any]] = {
    "one": {"home_code": SAITAMA.code},
    "several": {"home_codes": ["120006", SAITAMA.code]},
    "prefecture": {"home_codes": ["11"]},
    "everyone": {},
    "others": {"home_codes": ["12", "130001"]},
}


def _agree(db: Session, registry: Session, desks: Desks, agreed: list[tuple[dict[str, Any], str, bool]]) -> None:
    """Let these be all the agreements there are, here and at the registry."""
    kept.drop(registry, 1, list(db.scalars(select(Agreement.id))))
    for row in db.scalars(select(Agreement)):
        db.delete(row)
    for facts, whom, in_a_room in agreed:
        rooms = {"room_ids": [desks.room]} if in_a_room else {}
        made = conclude(
            db, {"name": "協定", "price_basis": "庁舎使用料条例", "home_code": None, **facts, **HOMES[whom], **rooms}
        )
        offer = agreement_offer(db, made)
        assert offer is not None
        kept.keep(registry, 1, [offer])


class _Undone(Exception):
    """Nothing of it is to stay."""


def _undo() -> NoReturn:
    raise _Undone


def _is_booked(storage: Storage, passes: Passes, asked: BookingRequest) -> bool:
    try:
        with storage.transaction(write=True) as db:
            bookings.decide(db, passes, SAITAMA, "0d4f6e3e-4b0e-4f5e-9f0e-1f6f3c1d7a10", asked, now=NOW)
            _undo()
    except _Undone:
        return True
    except BookingRefused:
        return False
