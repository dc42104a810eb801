"""協定一覧 at home, as a 人事担当 uses it: read, compare, confirm or say what is wrong, stop and go on."""

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from node import jobs
from node.home import offered
from node.host import agreements
from node.models.agreements import Agreement, Confirmation
from node.people import assurance, sessions
from node.people import staff as directory
from node.people.signin import SignedIn
from tests.node.pair import HOME, Pair, pair
from tests.node.test_agreeing import FACTS

ROLES = ("staff", "personnel", "site_admin")


class Desk:
    """A 人事担当 at the home's portal, with the one agreement that has arrived."""

    def __init__(self, both: Pair) -> None:
        self.both = both
        with both.home.storage.transaction(write=True) as db:
            who = directory.add(db, number="5001", name="人事 花子", section="人事課", now=both.clock(), roles=ROLES)
            signed_in = SignedIn(who.id, 1, assurance.ONE_FACTOR, both.clock(), "five")
            sessions.begin(db, signed_in)
        self.client: FlaskClient = both.home_app.test_client()
        with self.client.session_transaction(base_url=HOME) as kept:
            since = int(both.clock().timestamp())
            kept["who"] = {"id": who.id, "epoch": 1, "acr": signed_in.acr, "since": since, "session": "five"}

    def opens(self, path: str) -> TestResponse:
        return self.client.get(path, base_url=HOME)

    def reads(self, path: str) -> str:
        answer = self.opens(path)
        assert answer.status_code == 200, answer.text[-2000:]
        return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)))

    def sends(self, what: str, **form: str) -> TestResponse:
        token = re.search(r'name="form_token" value="([^"]+)"', self.opens(self.page).text)
        assert token
        return self.client.post(
            f"{self.page}/{what}",
            data={"form_token": html.unescape(token[1]), **form},
            base_url=HOME,
            headers={"Origin": HOME},
        )

    def carry(self) -> None:
        for _ in range(2):
            jobs.deliver(self.both.host)
            jobs.deliver(self.both.home)

    @property
    def page(self) -> str:
        with self.both.home.storage.transaction() as db:
            (found,) = offered.every(db)
            return f"/personnel/agreements/{found.id}"

    def hidden(self) -> dict[str, str]:
        text = self.opens(self.page).text
        return {name: re.search(f'name="{name}" value="([^"]*)"', text)[1] for name in ("number", "digest")}  # type: ignore[index]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = pair(tmp_path, f"sqlite:///{tmp_path}/home.db", f"sqlite:///{tmp_path}/host.db")
    with made.host.storage.transaction(write=True) as db:
        agreements.conclude(db, FACTS, by="staff:1", now=made.clock())
    at = Desk(made)
    assert "届いている協定はありません" in at.reads("/personnel/agreements")
    at.carry()
    yield at
    made.home.storage.close()
    made.host.storage.close()


def second(desk: Desk) -> Agreement:
    with desk.both.host.storage.transaction() as db:
        return db.scalars(select(Agreement).where(Agreement.name == FACTS["name"])).one()


def test_what_arrived_is_a_thing_to_do_and_is_compared_and_signed(desk: Desk) -> None:
    assert "確認を待っている協定が1件あります" in desk.reads("/")
    assert "千代田区から協定「二つ目の協定」" in desk.reads("/notices")
    assert "確認待ち" in desk.reads("/personnel/agreements")
    page = desk.reads(desk.page)
    assert "文書番号 7千総第2号" in page
    assert "1日の席数 3席まで" in page
    assert "利用する団体 所沢市（112089）" in page
    assert desk.sends("confirm", **desk.hidden()).status_code == 400
    assert desk.sends("confirm", compared="1", **desk.hidden()).status_code == 303
    assert "まだ使われていません" in desk.reads(desk.page)
    desk.carry()
    assert "人事 花子（5001）が" in desk.reads(desk.page)
    assert "有効" in desk.reads("/personnel/agreements")
    assert "確認を待っている協定" not in desk.reads("/")
    file = desk.opens(f"{desk.page}/versions/1/signed")
    assert file.headers["Content-Disposition"].startswith("attachment;")
    assert (file.json or {})["kind"] == "tachiyori-agreement"


def test_what_does_not_match_is_said_in_words(desk: Desk) -> None:
    number = desk.hidden()["number"]
    assert desk.sends("object", number=number).status_code == 400
    assert desk.sends("object", number=number, said="1日の席数は5席です。").status_code == 303
    desk.carry()
    with desk.both.host.storage.transaction() as db:
        assert db.scalars(select(Confirmation.said).where(Confirmation.said != "")).all() == ["1日の席数は5席です。"]
    assert "「1日の席数は5席です。」" in desk.reads(desk.page)


def test_a_page_that_was_overtaken_signs_nothing(desk: Desk) -> None:
    stale, made = desk.hidden(), second(desk).id
    with desk.both.host.storage.transaction(write=True) as db:
        agreements.amend(db, agreements.locked(db, made), {"seats_a_day": 1}, now=desk.both.clock())
    desk.carry()
    assert desk.sends("confirm", compared="1", **stale).status_code == 409
    assert "1日の席数：3席まで → 1席まで" in desk.reads(desk.page)


def test_one_press_stops_and_another_goes_on(desk: Desk) -> None:
    assert desk.sends("suspend").status_code == 400
    assert desk.sends("suspend", reason="人事異動のため").status_code == 303
    page = desk.reads(desk.page)
    assert "当団体が停止しています" in page
    assert "受入団体にはまだ届いていません" in page
    desk.carry()
    assert second(desk).suspended_by["112089"]["reason"] == "人事異動のため"
    assert "停止中" in desk.reads("/personnel/agreements")
    assert desk.sends("resume").status_code == 303
    desk.carry()
    assert second(desk).suspended_by == {}


def test_one_number_each_way_is_mutual_use_on_both_pages(desk: Desk) -> None:
    with desk.both.home.storage.transaction(write=True) as db:
        ours = agreements.conclude(db, {**FACTS, "home_code": "131016"}, by="staff:1", now=desk.both.clock())
    assert "相互利用" in desk.reads("/personnel/agreements")
    assert "相互利用" in desk.reads(desk.page)
    assert "相互利用" in desk.reads("/admin/agreements")
    assert "相互利用" in desk.reads(f"/admin/agreements/{ours.id}/record")
