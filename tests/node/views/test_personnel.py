"""人事の今日: what waits for 人事担当, and lists that wait for their day."""

import io
import re

import pytest

from federation.storage import Storage
from node.people import staff as people
from tests.node.views.conftest import Person, plain

LIST = "職員番号,氏名,所属\n012345,立寄 太郎,財政課\n000777,新人 一郎,企画課\n"


def _preview(person: Person) -> str:
    token = re.search(r'name="form_token" value="([^"]+)"', person.opens("/personnel/staff").text)
    assert token
    sent = {"form_token": token[1], "file": (io.BytesIO(LIST.encode()), "名簿.csv")}
    answer = person.client.post("/personnel/staff", data=sent, content_type="multipart/form-data")
    content = re.search(r'name="content" value="([^"]+)"', answer.text)
    assert content
    assert "異動となる職員" in answer.text
    return content[1]


def test_nothing_to_do_is_said(person: Person) -> None:
    assert "対応が必要なことはありません" in plain(person.opens("/personnel/today"))


def test_a_list_for_a_day_to_come_waits_and_can_be_withdrawn(person: Person, storage: Storage) -> None:
    content = _preview(person)
    sent = {"content": content, "effective": "2027-04-01"}
    assert person.sends("/personnel/staff/take-over", sent, shown_on="/personnel/staff").status_code == 303
    with storage.transaction() as db:
        assert people.find(db, "000777") is None
    assert "2027年4月1日(木)付けの名簿（2名）が、取り込みを待っています" in plain(person.opens("/personnel/today"))
    way = re.search(r"/personnel/staff/planned/[0-9a-f-]{36}", person.opens("/personnel/staff").text)
    assert way
    assert "財政課" in plain(person.opens(way[0]))
    assert person.sends(f"{way[0]}/withdraw").status_code == 303
    assert person.opens(way[0]).status_code == 404


@pytest.mark.parametrize("day", ["2030-01-01", "2027-02-29", ""])
def test_a_day_that_is_none_is_said_and_the_file_is_kept(person: Person, day: str) -> None:
    content = _preview(person)
    answer = person.sends(
        "/personnel/staff/take-over", {"content": content, "effective": day}, shown_on="/personnel/staff"
    )
    assert answer.status_code == 400
    assert content in answer.text


def test_budgets_and_conditions_stand_there(person: Person) -> None:
    person.sends("/personnel/conditions", {"days_a_week": "3"})
    person.sends("/personnel/budgets", {"section": "企画課", "year": "2026", "yen": "0"})
    page = plain(person.opens("/personnel/today"))
    assert "企画課の2026年度の予算は、残り0円です" in page
    assert "第1版になりました（立寄 太郎さん）" in page
