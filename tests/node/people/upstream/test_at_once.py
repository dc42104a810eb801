"""Several tabs at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from sqlalchemy import func, select

from federation.errors import UpstreamDown
from node.models.staff import Staff
from node.people.upstream import kept
from node.people.upstream.kept import Kept
from node.town import Town
from tests.federation.forgery import NOW
from tests.node.people.upstream.conftest import Visit
from tests.node.people.upstream.lyingidp import LyingIdp

TABS = 4


@pytest.fixture
def url(storage_url: str) -> str:
    """Both kinds of database."""
    return storage_url


def test_somebody_who_comes_by_several_tabs_for_the_first_time_is_entered_once(
    visit: Visit, idp: LyingIdp, town: Town
) -> None:
    tabs = [Visit(visit.client.application.test_client(), idp) for _ in range(TABS)]
    asked = [tab.goes() for tab in tabs]
    idp.nonces = {str(number): each["nonce"] for number, each in enumerate(asked)}
    together = Barrier(TABS)

    def comes(number: int) -> int:
        together.wait(10)
        return tabs[number].comes_back(asked[number], code=str(number)).status_code

    with ThreadPoolExecutor(TABS) as pool:
        assert list(pool.map(comes, range(TABS))) == [303] * TABS
    with town.storage.transaction() as db:
        assert db.scalar(select(func.count()).select_from(Staff)) == 1


def test_a_silent_provider_holds_one_thread_and_not_those_that_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "PATIENCE", 0.01)
    asked, answered = Event(), Event()

    def fetch() -> str:
        asked.set()
        assert answered.wait(30)
        return "copy"

    copy = Kept(fetch)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(copy.get, NOW)
        assert asked.wait(30)
        with pytest.raises(UpstreamDown):
            copy.get(NOW)
        answered.set()
        assert first.result(30) == copy.get(NOW) == "copy"
