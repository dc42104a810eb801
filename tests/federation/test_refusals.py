"""Refusals in the log: none of a known party is missing, and strangers fill no disk."""

from datetime import timedelta

from sqlalchemy import select

from federation.audit import AuditEntry
from federation.refusals import BURST, PERIOD, Refusals
from federation.storage import Storage
from tests.federation.world import HOME, NOW


def rows(storage: Storage) -> list[tuple[str, str, str]]:
    with storage.transaction() as db:
        found = db.scalars(select(AuditEntry).order_by(AuditEntry.number))
        return [(row.actor, row.subject, row.reason) for row in found]


def test_each_refusal_of_a_known_party_is_a_line(storage: Storage) -> None:
    refusals = Refusals(storage, lambda: NOW)
    for number in range(3):
        refusals.of_party("token-use", HOME, "token-refused", subject="s", jti=f"j{number}")
    assert rows(storage) == [(HOME, "s", "token-refused")] * 3


def test_a_flood_of_strangers_is_folded_and_counted(storage: Storage) -> None:
    time = [NOW]
    refusals = Refusals(storage, lambda: time[0])
    for _ in range(BURST + 7):
        refusals.of_stranger("client", HOME, "not-a-member")
    assert len(rows(storage)) == BURST
    time[0] += PERIOD
    refusals.of_stranger("client", "https://x.example\r\nforged", "not-a-member")
    assert rows(storage)[-2:] == [
        ("strangers", "strangers", "7 more, not listed"),
        ("stranger", r"'https://x.example\r\nforged'", "not-a-member"),
    ]


def test_a_day_of_flood_leaves_a_line_every_ten_seconds(storage: Storage) -> None:
    time = [NOW]
    refusals = Refusals(storage, lambda: time[0])
    for _ in range(BURST):
        refusals.of_stranger("client", HOME, "not-a-member")
    for _ in range(50):
        time[0] += timedelta(seconds=1)
        refusals.of_stranger("client", HOME, "not-a-member")
    assert BURST + 5 <= len(rows(storage)) <= BURST + 10


def test_a_clock_set_back_gives_nobody_room(storage: Storage) -> None:
    time = [NOW]
    refusals = Refusals(storage, lambda: time[0])
    for _ in range(BURST):
        refusals.of_stranger("client", HOME, "not-a-member")
    time[0] -= timedelta(days=1)
    refusals.of_stranger("client", HOME, "not-a-member")
    assert len(rows(storage)) == BURST
