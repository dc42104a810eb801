"""見つからなかった希望: what the registry said, in words, with what to do next; and that it is silent, where it is."""

from datetime import timedelta
from typing import Any, cast

import pytest

from federation.answer import Answer
from federation.errors import PeerUnreachable
from federation.messages.demand import DemandReport, Wanted
from node import pings
from node.host import wanted
from node.town import Town
from node.views.admin import wanted as page_of
from tests.node.home.conftest import NOW, Clock
from tests.node.views.conftest import Person
from tests.node.views.desks import statements

PATH = "/admin/demand"


@pytest.fixture(autouse=True)
def joined(monkeypatch: pytest.MonkeyPatch) -> None:
    """The town has joined a registry."""
    monkeypatch.setattr(page_of, "has_joined", lambda _config: True)


def wish(place: str = "狛江駅", times: int = 3, reason: str = "full", hours: int = 0, kind: str = "station") -> Wanted:
    return Wanted(kind=kind, place=place, hour=NOW + timedelta(days=1, hours=hours), reason=reason, times=times)


def hears(town: Town, *wishes: Wanted) -> None:
    with town.storage.transaction(write=True) as db:
        wanted.keep(db, DemandReport(as_of=NOW, since=NOW - timedelta(days=28), wishes=wishes), town.clock())


def test_each_wish_says_where_when_why_and_what_to_do(site_admin: Person, host_town: Town) -> None:
    hears(
        host_town,
        wish(times=7),
        wish("登戸駅", reason="unlike"),
        wish("調布市", reason="no-site"),
        wish("泉駅", reason=""),
    )
    page = site_admin.opens(PATH).text
    text = site_admin.reads(PATH)
    for words in (
        "狛江駅",
        "2026年11月25日(水) 09:00から1時間",
        "満席・利用時間外",
        "希望の設備や条件に合わない",
        "不明",
    ):
        assert words in text
    for link in ('<a href="/admin/sites">座席を増やす', '<a href="/admin/agreements">協定の相手を増やす'):
        assert link in page


def test_what_is_written_by_the_registry_is_words(site_admin: Person, host_town: Town) -> None:
    hears(host_town, wish("<b>駅</b>", reason="<i>"))
    assert "<b>駅" not in site_admin.opens(PATH).text


def test_places_stand_together_the_most_wanted_first() -> None:
    mixed = [wish("登戸駅", 6), wish("狛江駅", 4, hours=2), wish("狛江駅", 3)]
    assert [(each.place, each.times) for each in wanted.by_place(mixed)] == [
        ("狛江駅", 3),
        ("狛江駅", 4),
        ("登戸駅", 6),
    ]


def test_nothing_wanted_says_so(site_admin: Person, host_town: Town) -> None:
    hears(host_town)
    assert "見つからなかった希望はありません" in site_admin.reads(PATH)


def test_a_registry_that_never_answered_and_one_that_fell_silent(
    site_admin: Person, host_town: Town, clock: Clock
) -> None:
    assert "連携基盤からまだ回答がありません" in site_admin.reads(PATH)
    hears(host_town, wish())
    assert "応答がありません" not in site_admin.reads(PATH)
    clock.pass_by(hours=3, minutes=1)
    silent = site_admin.reads(PATH)
    assert "連携基盤から応答がありません" in silent
    assert "狛江駅" in silent


def test_a_town_that_has_not_joined_is_told(
    site_admin: Person, host_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_of, "has_joined", lambda _config: False)
    assert "まだ連携基盤に参加していません" in site_admin.reads(PATH)


def test_more_wishes_need_no_more_statements(site_admin: Person, host_town: Town) -> None:
    hears(host_town, wish())
    few = statements(site_admin, PATH)
    hears(host_town, *(wish(hours=number) for number in range(50)))
    assert statements(site_admin, PATH) == few


def test_the_job_keeps_what_the_registry_says_and_leaves_it_where_it_says_nothing(host_town: Town) -> None:
    said = DemandReport(as_of=NOW, since=NOW, wishes=(wish(),))
    asked: list[str] = []

    class Registry:
        down = False

        def request(self, method: str, url: str, **_options: object) -> Answer:
            asked.append(f"{method} {url}")
            if self.down:
                raise PeerUnreachable("away")
            return Answer(url, 200, {"content-type": "application/json"}, said.text().encode())

    registry = Registry()
    object.__setattr__(host_town, "peer", cast(Any, registry))
    pings.hear_demand(host_town)
    registry.down = True
    with pytest.raises(PeerUnreachable):
        pings.hear_demand(host_town)
    with host_town.storage.transaction() as db:
        assert wanted.heard(db, NOW).report == said
    assert asked == ["GET http://localhost:8000/api/v1/demand"] * 2
