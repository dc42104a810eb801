"""``make contention``: sixteen clients want the same desks at the same times, a hundred thousand times; nobody gets what another has.

Fifty attempts at each half hour of a desk, some of them a quarter of an hour later, so that they overlap in part. Each is
a whole PUT over HTTP. Afterwards the table itself is asked: every live claim was answered with 確定, and no two overlap.
"""

import itertools
import json
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from federation import clock
from federation.storage import Storage
from node.models.bookings import Claim
from tests.bench.booking import asks, origin, serving_hall
from tests.bench.servers import free_port, ground
from tests.bench.townhall import free_times
from tests.bench.wire import GOOD, Connection
from tests.contention import at_once

CLIENTS, ATTEMPTS, AT_ONE_TIME = 16, 100_000, 50
_QUARTER = timedelta(minutes=15)


def main(kind: str = "postgresql", attempts: str = str(ATTEMPTS)) -> int:
    """Contend on a database of the kind, ``sqlite`` or ``postgresql``; raise ``AssertionError`` where two got one desk."""
    confirmed, wanted = 0, int(attempts)
    with ground(kind) as empty:
        port, now, storage = free_port(), clock.now(), Storage(empty.url)
        with serving_hall(empty, port, now) as hall:
            with storage.transaction() as db:
                before = live(db)
            ask, answers = asks(hall, origin(port), contended(hall.desks, now, wanted)), list[bool]()

            def contend(_number: int) -> None:
                connection = Connection(port, (*GOOD, b"409"))
                for _ in range(wanted // CLIENTS):
                    answers.append(json.loads(connection.ask(ask())).get("state") == "confirmed")

            raised = at_once(CLIENTS, contend)
        assert raised == [], raised[:3]
        confirmed = sum(answers)
        with storage.transaction() as db:
            assert overlaps(db) == 0, "two live claims overlap"
            assert live(db) - before == confirmed, "a claim without its answer, or an answer without its claim"
        storage.close()
    print(f"{kind}: {len(answers):,} attempts by {CLIENTS} clients, {confirmed:,} confirmed, no overlap")
    return 0


def contended(desks: tuple[str, ...], now: datetime, attempts: int) -> Iterator[tuple[str, datetime, datetime]]:
    """Go through the free times, each fifty times in a row and now and then a quarter of an hour later."""
    for desk, start, end in itertools.islice(free_times(desks, now), -(-attempts // AT_ONE_TIME)):
        for number in range(AT_ONE_TIME):
            later = _QUARTER * (number % 3 == 2)
            yield desk, start + later, end + later


def live(db: Session) -> int:
    """Return how many claims hold a desk."""
    return db.scalar(select(func.count()).select_from(Claim).where(Claim.live)) or 0


def overlaps(db: Session) -> int:
    """Return how many pairs of live claims share a desk and a moment."""
    one, other = aliased(Claim), aliased(Claim)
    pairs = select(func.count()).select_from(one).join(other, (one.desk_id == other.desk_id) & (one.id < other.id))
    both = pairs.where(one.live, other.live, one.start < other.end, other.start < one.end)
    return db.scalar(both) or 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
