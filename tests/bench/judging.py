"""What it costs a search of a hundred desks to be judged: every bound of the agreements at the registry, every condition at home.

Ours: what agreements bound is compared in the registry's statement, and the answer's desks are judged by a town's own conditions
for one person. Bare: the same search and the same answer read, with agreements compared by their days alone, the person known
and nothing judged.
A ratio of 0.8 is a quarter more time.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from unittest import mock

from sqlalchemy import select, update

from federation import clock
from federation.messages.search import SearchAnswer, SearchQuery
from federation.storage import Storage
from node.home import conditions
from node.models.staff import Staff
from node.models.tables import METADATAS
from node.people import staff
from registry import reach, search
from registry.config import Config
from registry.models import Offer
from registry.models.tables import METADATAS as REGISTRY_METADATAS
from registry.offered import LETS
from registry.reach import Asker
from tests.bench import market, nation
from tests.bench.measure import Candidate, Figure, Work, compare
from tests.bench.search import settle
from tests.bench.servers import Ground

DESKS, RESULTS = 1_000, 100
_ASKER = Asker(999_999, nation.ASKER_CODE)
_DAYS_ALONE = "o.starts_on <= :last_day AND o.ends_on >= :first_day"


def figures(ground: Ground) -> Iterator[Figure]:
    """Search a market whose agreements all have bounds, with and without judging."""
    now = clock.now()
    market.lay(Config("http://localhost:1", "連携基盤", ground.folder, ground.url), DESKS, now)
    registry = Storage(ground.url, *REGISTRY_METADATAS)
    with registry.transaction(write=True) as db:
        bounds = {"weekdays": 0b1_1111, "opens": 480, "closes": 1200, "shortest_minutes": 60, "longest_minutes": 480}
        db.execute(update(Offer).values(**bounds, lead_minutes=60, horizon_days=60, work_kinds=" satellite "))
    settle(registry)
    try:
        with _home(now) as home:
            yield compare(
                f"judge {RESULTS} search results ({ground.name})",
                Candidate([lambda: _judged(home, _found(registry, now), now)]),
                Candidate([_without_bounds(registry, home, now)]),
            )
    finally:
        registry.close()


def _found(registry: Storage, now: datetime) -> tuple[SearchQuery, SearchAnswer]:
    start, _end = market.wished_time(now)
    end = start + timedelta(hours=1)
    lat, lon = (round(degrees, 3) for degrees in nation.CENTRE)
    query = SearchQuery(start=start, end=end, lat=lat, lon=lon, limit=RESULTS)
    with registry.transaction() as db:
        answer = SearchAnswer.read(search.find(db, _ASKER, query, now).text)
    assert len(answer.desks) == RESULTS, len(answer.desks)
    return query, answer


def _judged(home: Storage, found: tuple[SearchQuery, SearchAnswer], now: datetime) -> object:
    query, answer = found
    with home.transaction() as db:
        judge = conditions.judge_for(db, db.scalars(select(Staff)).one(), nation.ASKER_CODE, now=now)
    return [judge.reasons(one.site, one.desk, query.start, query.end, price_yen=one.price_yen) for one in answer.desks]


def _without_bounds(registry: Storage, home: Storage, now: datetime) -> Work:
    """Return a search whose statement compares the days of agreements and nothing else."""
    with mock.patch.object(reach, "_SHOWN", reach._SHOWN.replace(LETS, _DAYS_ALONE)):
        plain = reach._statement.__wrapped__(True, False)

    def work() -> object:
        with mock.patch.object(reach, "_statement", return_value=plain):
            found = _found(registry, now)
        with home.transaction() as db:
            return found, db.scalars(select(Staff)).one()

    return work


@contextmanager
def _home(now: datetime) -> Iterator[Storage]:
    """Make a town with one person, and with every condition that a town may lay down."""
    with tempfile.TemporaryDirectory(prefix="tachiyori-bench-") as folder:
        home = Storage(f"sqlite:///{Path(folder) / 'home.db'}", *METADATAS)
        home.create_all()
        with home.transaction(write=True) as db:
            person = staff.add(db, number="1", name="試験 太郎", now=now, authority="知事部局", employment="正規")
            conditions.lay_down(
                db,
                privacy=["private", "semi_private"],
                work_kinds=["satellite"],
                host_codes=[nation.code_of(number) for number in range(1, 15)],
                employments_barred=["会計年度任用"],
                authorities_barred=["教育委員会"],
                days_a_week=3,
                days_a_month=10,
                limit_yen=2000,
                lead_hours=1,
                private_levels=["3A"],
                facility_types=["office"],
                by=person.id,
                now=now,
            )
        try:
            yield home
        finally:
            home.close()
