"""承認 in the portal: the applicant, the 所属長 and the one who stands in, each at their own browser."""

import pytest

from federation.messages.booking import Booking
from federation.storage import Storage
from federation.web.audience import AudiencedFlask
from node.people import staff as people
from tests.node.fakehost import FakeHost
from tests.node.home.conftest import NOW, Clock
from tests.node.views.conftest import PASSWORD, WISH, Person, plain
from tests.node.views.desks import statements

PAGE = "/manager/approvals"


def approval(person: Person) -> str:
    return person.opens(PAGE).text.split('name="approval" value="')[1][:36]


def test_the_page_of_a_booking_says_that_somebody_has_to_approve_and_who(applicant: Person) -> None:
    page = applicant.reads(f"/book?desk={WISH['desk']}&day=2026-11-24&slot=hours&from=13:00&to=15:00")
    assert "所属団体の承認が必要です" in page
    assert "立寄 太郎さんに承認を依頼します" in page


def test_the_approver_sees_from_whom_where_and_by_when(person: Person, held: Booking) -> None:
    page = person.reads(PAGE)
    assert "申請 三郎さん（企画課）" in page
    assert "千代田合同庁舎" in page


def test_one_press_approves_and_the_applicant_reads_who_did(person: Person, applicant: Person, held: Booking) -> None:
    answer = person.sends(PAGE, {"approval": approval(person), "act": "approve"})
    assert answer.status_code == 303
    assert "承認を待っている予約はありません" in person.reads(PAGE)
    page = applicant.reads(f"/bookings/{held.id}")
    assert "決めた人" in page
    assert "立寄 太郎さんが承認しました" in page


@pytest.mark.parametrize("act", ["return", "refuse"])
def test_a_no_without_a_reason_is_asked_for_one_and_loses_nothing(person: Person, held: Booking, act: str) -> None:
    chosen = approval(person)
    answer = person.sends(PAGE, {"approval": chosen, "act": act})
    assert answer.status_code == 400
    assert f'value="{chosen}" checked' in answer.text
    assert "理由を入力してください" in plain(answer)


def test_what_was_sent_back_can_be_asked_for_anew(person: Person, applicant: Person, held: Booking) -> None:
    person.sends(PAGE, {"approval": approval(person), "act": "return", "reason": "午前にしてください"})
    page = applicant.opens(f"/bookings/{held.id}")
    assert "午前にしてください" in plain(page)
    assert "もう一度申し込む" in plain(page)
    assert "/book?desk=" in page.text


@pytest.mark.parametrize("act", ["", "approved", "sure"])
def test_what_is_no_decision_approves_nothing(person: Person, held: Booking, act: str) -> None:
    assert person.sends(PAGE, {"approval": approval(person), "act": act}).status_code == 400
    assert "承認を待っている予約（1件）" in plain(person.opens(PAGE))


def test_nothing_ticked_is_said(person: Person, held: Booking) -> None:
    assert "承認する予約を選んでください" in plain(person.sends(PAGE, {"act": "approve"}))


def test_the_applicant_decides_nothing_of_their_own(person: Person, applicant: Person, held: Booking) -> None:
    answer = applicant.sends(PAGE, {"approval": approval(person), "act": "approve"})
    assert answer.status_code == 303
    assert "申請 三郎さん" in person.reads(PAGE)
    assert "承認を待っている予約はありません" in applicant.reads(PAGE)


def test_the_list_asks_as_often_for_one_as_for_many(person: Person, applicant: Person, held: Booking) -> None:
    few = statements(person, PAGE)
    for hour in range(15, 20):
        applicant.books(**{"from": f"{hour}:00", "to": f"{hour + 1}:00"})
    assert "（6件）" in person.reads(PAGE)
    assert statements(person, PAGE) == few


def test_a_standing_approval_is_given_shown_used_and_ended(
    person: Person, applicant: Person, host: FakeHost, clock: Clock
) -> None:
    period = {"number": "000500", "from_on": "2026-11-24", "until_on": "2027-03-31", "from": "08:30", "until": "17:15"}
    assert person.sends("/manager/standing", period).status_code == 303
    assert "わたしに与えられているもの" in applicant.reads("/manager/standing")
    applicant.books()
    (booking,) = host.bookings.values()
    assert booking.state == "confirmed"
    assert "包括承認の範囲内" in applicant.reads(f"/bookings/{booking.id}")
    ending = person.opens("/manager/standing").text.split('action="/manager/standing/')[1].split('"')[0]
    person.sends(f"/manager/standing/{ending}")
    applicant.books(**{"from": "16:00", "to": "17:00"})
    assert [one.state for one in host.bookings.values()] == ["confirmed", "held"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"number": "999999"}, "この方の承認者ではないため"),
        ({"number": "012345"}, "この方の承認者ではないため"),
        ({"until_on": "2028-03-31"}, "1年以内"),
        ({"until_on": "2026-11-01", "from_on": "2026-10-01"}, "今日以降"),
        ({"until": "08:00"}, "始まりの時刻より後"),
        ({"host_codes": "111111"}, "団体コード"),
    ],
)
def test_a_standing_approval_that_cannot_be_is_said_at_its_field(
    person: Person, applicant: Person, changes: dict[str, str], words: str
) -> None:
    usual = {"number": "000500", "from_on": "2026-11-24", "until_on": "2027-03-31", "from": "08:30", "until": "17:15"}
    answer = person.sends("/manager/standing", usual | changes)
    assert answer.status_code == 400
    assert words in plain(answer)


def test_who_is_no_chief_gives_nothing_to_a_section(applicant: Person) -> None:
    answer = applicant.sends("/manager/standing", {"from_on": "2026-11-24", "until_on": "2027-03-31"})
    assert "所属長だけ" in plain(answer)


def test_a_deputy_is_appointed_decides_and_is_relieved(
    person: Person, applicant: Person, app: AudiencedFlask, storage: Storage, held: Booking
) -> None:
    with storage.transaction(write=True) as db:
        people.add(db, number="000600", name="代理 四郎", section="総務課", password=PASSWORD, now=NOW)
    deputy = Person(app.test_client())
    deputy.signs_in("000600")
    assert "申請 三郎さん" not in deputy.reads(PAGE)
    days = {"number": "000600", "from_on": "2026-11-24", "until_on": "2026-11-30"}
    assert person.sends("/manager/deputies", days).status_code == 303
    assert "申請 三郎さん" in deputy.reads(PAGE)
    ending = person.opens("/manager/deputies").text.split('action="/manager/deputies/')[1].split('"')[0]
    assert deputy.sends(f"/manager/deputies/{ending}").status_code == 404
    person.sends(f"/manager/deputies/{ending}")
    assert "申請 三郎さん" not in deputy.reads(PAGE)


def test_a_deputy_who_cannot_be_is_said_at_the_field(person: Person) -> None:
    answer = person.sends("/manager/deputies", {"number": "012345", "from_on": "2026-11-24", "until_on": "2026-11-30"})
    assert answer.status_code == 400
    assert "代理にできません" in plain(answer)


def test_every_version_of_the_conditions_stays_readable(person: Person) -> None:
    person.sends("/personnel/conditions", {"days_a_week": "2"})
    person.sends("/personnel/conditions", {"days_a_week": "3", "approval_by": "superior", "escalate_hours": "24"})
    page = person.reads("/personnel/conditions/versions")
    assert page.index("第2版") < page.index("第1版")
    assert "利用は週2日まで" in page
    assert "所属長の承認が必要" in page
    assert "立寄 太郎" in page
