"""同僚と一緒に予約する: the form, the look at all of it, the one press, and the team's page for everybody in it."""

import html
import re
from datetime import timedelta
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from federation.errors import DeskTaken
from federation.messages.booking import Alternative, HouseRules, Quote, QuoteRequest, Reason
from federation.messages.listing import DeskListing, SiteListing
from federation.messages.search import Beside
from federation.storage import Storage
from node.home import asking, trips
from node.models.staff import Staff
from node.models.teams import Team
from node.models.trips import Trip
from node.people import staff as people
from node.people.signin import SignedIn
from node.town import Town
from tests.node.fakehost import DESK, SITE, FakeHost
from tests.node.home.conftest import NOW, Clock
from tests.node.views.conftest import PASSWORD, WISH, FakeRegistry, Person, plain
from tests.node.views.desks import statements
from tests.node.views.test_search import AT, address, desk_id, free

TAKEN = Reason(code=DeskTaken.code, side="host", ja="予約済みです", en="Taken")
USED_UP = Reason(
    code="seats-used-up",
    side="host",
    ja="協定の席は予約済みです。",
    en="Used up.",
    change_ja="別の日なら予約できます。",
    change_en="Another day would do.",
)
WHEN = {"day": "2026-11-24", "slot": "hours", "from": "13:00", "to": "15:00"}
DECLARED = {name: WISH[name] for name in ("work_kind", "confidentiality", "consent", "consent_version")}


class Room(FakeHost):
    """A host with many desks, some of them taken."""

    taken: frozenset[str] = frozenset()
    instead: tuple[Alternative, ...] = ()
    most: int = 20
    """So many seats a day are agreed."""

    def listing(self, desk: str) -> tuple[SiteListing, DeskListing]:
        self._reached()
        number = 1 if desk == DESK.id else int(desk[-3:])
        url = DESK.url.replace(DESK.id, desk)
        return SITE, DESK.model_copy(update={"id": desk, "url": url, "name": f"A-{number}"})

    def quote(self, request: QuoteRequest) -> Quote:
        usual = super().quote(request)
        if len(request.places) > self.most:
            return usual.model_copy(update={"allowed": False, "outcome": "refused", "reasons": (USED_UP,)})
        if request.places[0].desk not in self.taken:
            return usual
        no = {"allowed": False, "outcome": "refused", "reasons": (TAKEN,), "alternatives": self.instead}
        return usual.model_copy(update=no)


@pytest.fixture
def host(clock: Clock) -> Room:
    return Room(clock)


@pytest.fixture
def colleagues(person: Person, storage: Storage) -> list[Person]:
    """Two of the same section, each signed in at a browser of their own."""
    others = []
    for number in ("771", "772"):
        with storage.transaction(write=True) as db:
            people.add(db, number=number, name=f"隣席 {number}", section="企画課", password=PASSWORD, now=NOW)
        others.append(Person(person.client.application.test_client()))
        others[-1].signs_in(number)
    return others


def form(*numbers: int, **changes: str) -> str:
    """Return the address of the form with desks by number, and what else is filled in."""
    fields = [*(("desk", address(number)) for number in numbers), *{**WHEN, **changes}.items()]
    return f"/book/team?{urlencode(fields)}"


def check(*numbers: int, **changes: str) -> str:
    return form(*numbers, **{"number1": "771", "step": "check", **changes})


def presses(person: Person, path: str, **changes: str) -> TestResponse:
    """Press the one button of the confirmation page, with what is declared."""
    hidden = parse_qs(urlsplit(path).query)
    return person.sends("/book/team", {**hidden, **DECLARED, **changes})  # type: ignore[dict-item]  # A field may have several values.


def links(text: str, start: str) -> list[str]:
    return [html.unescape(link) for link in re.findall(rf'href="({re.escape(start)}[^"]*)"', text)]


def test_the_page_that_books_and_the_plan_lead_there(person: Person, registry: FakeRegistry) -> None:
    (link,) = links(person.opens(f"/book?desk={DESK.url}&day=2026-11-24&slot=day").text, "/book/team?")
    assert "一緒に使う座席" in person.reads(link)
    registry.desks = (free(2), free(3))
    plan = f"/search/desks?site={quote(SITE.url, safe='')}&near=35.694,139.753&day=2026-11-24&slot=day"
    assert len(links(person.opens(plan).text, "/book/team?")) == 1


def test_desks_found_side_by_side_are_chosen_already(person: Person, registry: FakeRegistry) -> None:
    registry.desks = (free(2, together=(Beside(id=desk_id(3), name="A-3"), Beside(id=desk_id(4), name="A-4"))),)
    page = person.opens(f"{AT}&people=3")
    (link,) = links(page.text, "/book/team?")
    assert "3席をまとめて予約へ進む" in plain(page)
    text = person.opens(link).text
    assert re.findall(r'value="([^"]+)" checked', text) == [address(number) for number in (2, 3, 4)]
    assert all(
        words in text for words in ("A-2には、あなたが座ります。", "A-3に座る方の職員番号", "A-4に座る方の職員番号")
    )


def test_more_than_a_team_are_booked_one_by_one(person: Person, registry: FakeRegistry) -> None:
    registry.desks = (free(2, together=tuple(Beside(id=desk_id(n), name=f"A-{n}") for n in range(3, 10))),)
    assert links(person.opens(f"{AT}&people=8").text, "/book/team?") == []


def test_free_desks_of_the_room_are_offered_to_choose_from(person: Person, registry: FakeRegistry) -> None:
    registry.desks = (
        free(2),
        free(3),
        free(5).model_copy(update={"desk": DESK.model_copy(update={"id": desk_id(5), "room_id": desk_id(999)})}),
    )
    text = person.opens(form(2)).text
    assert re.findall(r'type="checkbox" name="desk" value="([^"]+)"', text) == [DESK.url, address(2), address(3)]
    assert all(part in registry.asked[-1] for part in ("lat=35.694", "radius_km=1.0"))


def test_the_form_stands_without_the_registry(person: Person, registry: FakeRegistry) -> None:
    registry.status = 400
    assert "空きは次の画面で確認します" in person.reads(form(2, 3))


def test_one_look_at_who_sits_where(person: Person, colleagues: list[Person], host: Room) -> None:
    page = person.reads(check(2, 3, 4, number2="772"))
    said = ("立寄 太郎さん（あなた）", "隣席 771さん", "隣席 772さん", "第3版", "勤務区分", "3席をまとめて予約する")
    assert all(words in page for words in said)
    assert not host.bookings


def test_one_press_books_all_and_everybody_sees_the_team(
    person: Person, colleagues: list[Person], host: Room, storage: Storage
) -> None:
    answer = presses(person, check(2, 3, 4, number2="772"))
    where = answer.headers["Location"]
    page = person.opens(where)
    assert "全員分の座席がとれました" in plain(page)
    assert len(links(page.text, "/bookings/")) == 2
    assert sorted(each.state for each in host.bookings.values()) == ["confirmed"] * 3
    assert "同僚と一緒の予約" in person.reads("/bookings")
    listed = colleagues[0].opens("/bookings").text
    (own,) = set(links(listed, "/bookings/"))
    (team,) = links(colleagues[0].opens(own).text, "/teams/")
    theirs = colleagues[0].reads(team)
    assert "隣席 771さん（あなた）" in theirs
    assert "取り消し、同僚にお知らせします" not in theirs
    with storage.transaction() as db:
        consents = {trip.consent_version for trip in db.scalars(select(Trip))}
    assert consents == {"3"}


def test_a_second_press_leads_to_the_same_team(person: Person, colleagues: list[Person], host: Room) -> None:
    number = re.search(r'name="team" value="([^"]+)"', person.opens(check(2, 3)).text)
    assert number is not None
    where = {presses(person, check(2, 3), team=number[1]).headers["Location"] for _ in range(2)}
    assert (where, len(host.bookings)) == ({f"/teams/{number[1]}"}, 2)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number1": "000"}, "number1"),
        ({"number1": ""}, "number1"),
        ({"number1": "012345"}, "number1"),
        ({"number1": "\0"}, "number1"),
        ({"number2": "771"}, "number2"),
        ({"day": "?"}, "day"),
        ({"from": "08:00", "to": "15:00"}, "day"),
    ],
)
def test_a_mistake_is_said_at_its_field_and_nothing_typed_is_lost(
    person: Person, colleagues: list[Person], host: Room, changes: dict[str, str], field: str
) -> None:
    wanted = {"number2": "772", **changes}
    for answer in (person.opens(check(2, 3, 4, **wanted)), presses(person, check(2, 3, 4, **wanted))):
        assert (answer.status_code, f'id="{field}-error"' in answer.text) == (400, True)
        assert f'value="{wanted["number2"]}"' in answer.text
        assert answer.text.count(" checked") == 3
    assert not host.bookings


def test_each_number_is_for_the_desk_it_was_typed_for(person: Person, colleagues: list[Person], host: Room) -> None:
    shown = person.reads(form(4, 2, 3))
    labels = [shown.index(words) for words in ("A-2には、あなたが", "A-3に座る方", "A-4に座る方")]
    assert labels == sorted(labels)
    page = person.reads(check(4, 2, 3, number2="772"))
    told = [
        page.index(words) for words in ("立寄 太郎さん（あなた）", "A-2", "隣席 771さん", "A-3", "隣席 772さん", "A-4")
    ]
    assert told == sorted(told)


@pytest.mark.parametrize("numbers", [(2,), tuple(range(2, 9))])
def test_a_team_has_two_desks_to_six(person: Person, colleagues: list[Person], numbers: tuple[int, ...]) -> None:
    answer = person.opens(check(*numbers))
    assert (answer.status_code, 'id="desk-error"' in answer.text) == (400, True)


def test_a_number_left_out_is_asked_for(person: Person) -> None:
    assert "職員番号を入力してください。" in person.reads(check(2, 3, number1=""))


def test_numbers_wait_for_their_desks(person: Person) -> None:
    text = person.opens(form(2, 3, number1="771", number2="772", number5="775")).text
    assert [part in text for part in ('name="number2" value="772"', 'name="number5" value="775"')] == [True, True]
    assert 'id="number2"' not in text


@pytest.mark.parametrize(
    "desk", ["", "nothing", "http://[", f"{SITE.url}", "https://elsewhere.example/desks/" + desk_id(1)]
)
def test_what_is_no_desk_is_not_found(person: Person, desk: str) -> None:
    assert person.opens(f"/book/team?desk={quote(desk, safe='')}").status_code in {403, 404}
    assert person.opens(f"/book/team?desk={quote(address(2), safe='')}&desk={quote(desk, safe='')}").status_code in {
        403,
        404,
    }


def test_every_reason_is_said_before_anybody_is_asked(person: Person, colleagues: list[Person], host: Room) -> None:
    at = {"start": NOW + timedelta(hours=4), "end": NOW + timedelta(hours=6)}
    other = Alternative(desk=desk_id(7), desk_name="A-7", site_name=SITE.name, **at)
    far = other.model_copy(update={"desk": desk_id(8), "site_name": "ほかの庁舎"})
    host.taken, host.instead = frozenset({desk_id(3), desk_id(4)}), (other, far)
    answer = person.opens(check(2, 3, 4, number2="772"))
    page = plain(answer)
    assert page.count("予約済みです") == 2
    assert "全員分の座席がそろわないため、予約できません" in page
    assert "まとめて予約する" not in page
    instead = [link for link in links(answer.text, "/book/team?") if desk_id(7) in link]
    assert [parse_qs(urlsplit(link).query)["desk"] for link in instead] == [
        [address(number) for number in numbers] for numbers in ((2, 7, 4), (2, 3, 7))
    ]
    assert presses(person, check(2, 3, 4, number2="772")).status_code == 409
    assert not host.bookings


@pytest.mark.parametrize(("most", "left"), [(1, 1), (2, 2)])
def test_more_than_the_agreement_has_left_is_said_before_the_press(
    person: Person, colleagues: list[Person], host: Room, most: int, left: int
) -> None:
    host.most = most
    page = person.reads(check(2, 3, 4, number2="772"))
    assert f"一つの協定でいま予約できるのは、3席のうち{left}席までです" in page
    assert "別の日なら予約できます。" in page
    assert "3席をまとめて予約する" in page
    host.most = 3
    assert "一つの協定で" not in person.reads(check(2, 3, 4, number2="772"))


def test_a_colleague_who_is_elsewhere_is_named_but_not_where(
    person: Person, colleagues: list[Person], host: Room, town: Town, storage: Storage
) -> None:
    with storage.transaction() as db:
        busy = db.scalars(select(Staff).where(Staff.number == "771")).one()
    at = (NOW + timedelta(hours=5), NOW + timedelta(hours=7))
    wish = trips.Wish(busy.id, "https://node.host.example", "千代田区", SITE, DESK, *at, "satellite", "2", "3")
    asking.submit(town, wish, SignedIn(busy.id, 1, "", NOW), now=NOW)
    page = person.reads(check(2, 3))
    assert "この方には、同じ時間帯に別の予約があります。" in page
    assert presses(person, check(2, 3)).status_code == 409
    assert len(host.bookings) == 1


def test_a_host_that_is_silent_keeps_nobodys_time(
    person: Person, colleagues: list[Person], host: Room, registry: FakeRegistry, storage: Storage
) -> None:
    registry.desks = (free(2), free(3))
    person.opens(AT)
    host.down = True
    assert "システムが応答していません" in person.reads(check(2, 3))
    assert presses(person, check(2, 3)).status_code == 409
    with storage.transaction() as db:
        assert db.scalar(select(func.count()).select_from(Team)) == 0


@pytest.mark.parametrize(
    "wrong", [{"consent": ""}, {"confidentiality": ""}, {"consent_version": ""}, {"consent_version": "2"}]
)
def test_what_is_not_declared_is_asked_for_once_more(
    person: Person, colleagues: list[Person], host: Room, wrong: dict[str, str]
) -> None:
    answer = presses(person, check(2, 3), **wrong)
    assert (answer.status_code, "隣席 771さん" in answer.text, len(host.bookings)) == (400, True, 0)


def test_a_host_that_approves_says_so_before_and_after(person: Person, colleagues: list[Person], host: Room) -> None:
    host.quoted = Quote(
        allowed=True, outcome="requested", house_rules=HouseRules(version="3", ja="通話は電話ブースで。")
    )
    host.state = "requested"
    assert "1人ずつの申込みとして受入団体の承認を待ちます" in person.reads(check(2, 3))
    page = person.reads(presses(person, check(2, 3)).headers["Location"])
    assert "承認されない方がいても、ほかの方の予約はそのまま残ります" in page


def test_a_desk_lost_at_the_last_moment_leaves_none_and_leads_back(
    person: Person, colleagues: list[Person], host: Room
) -> None:
    host.no = DeskTaken("a race")
    page = person.opens(presses(person, check(2, 3)).headers["Location"])
    said = plain(page)
    assert "どの座席も予約していません" in said
    assert "ほかの予約が先に入ったため" in said
    (again,) = [link for link in links(page.text, "/book/team?") if "number1=771" in link]
    assert person.opens(again).text.count(" checked") == 2


def test_while_the_host_is_away_the_page_says_until_when(person: Person, colleagues: list[Person], host: Room) -> None:
    host.deaf = True
    page = person.reads(presses(person, check(2, 3)).headers["Location"])
    assert "9:02までに全員分がそろわなければ、すべて取りやめ" in page


def test_all_are_cancelled_by_who_asked_alone(person: Person, colleagues: list[Person], host: Room) -> None:
    where = presses(person, check(2, 3)).headers["Location"]
    assert colleagues[0].sends(f"{where}/cancel").status_code == 404
    assert colleagues[1].opens(where).status_code == 404
    page = person.reads(person.sends(f"{where}/cancel").headers["Location"])
    assert "2席の予約の取消しを受け付けました。" in page
    assert "全員分の座席がとれました" not in page
    assert len(host.gone) == 2
    assert "申し込んだ予約を取り消しました" in colleagues[0].reads("/notices")


def test_more_colleagues_and_more_teams_need_no_more_statements(
    person: Person, colleagues: list[Person], host: Room, storage: Storage
) -> None:
    with storage.transaction(write=True) as db:
        for number in ("773", "774"):
            people.add(db, number=number, name="隣席", section="企画課", now=NOW)
    two = presses(person, check(2, 3)).headers["Location"]
    few, listed = statements(person, two), statements(person, "/bookings")
    more = {"number2": "772", "number3": "773", "number4": "774"}
    five = presses(person, check(2, 3, 4, 5, 6, day="2026-11-25", **more)).headers["Location"]
    assert statements(person, five) == few
    assert statements(person, "/bookings") == listed
