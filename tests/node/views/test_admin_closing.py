"""休止を登録: a choice for each booking that is hit, for all of them, and what happens when it is sent too late."""

import re
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from federation.audit import AuditEntry
from node.models.agreements import Agreement
from node.models.bookings import Booking
from node.models.opening import Closure
from node.models.sites import Desk
from node.town import Town
from tests.node.views.conftest import Person, plain
from tests.node.views.desks import Offered, books, offer, statements

NEW = "/admin/closures/new"
JAPAN = ZoneInfo("Asia/Tokyo")


def closing(offered: Offered, **changed: str) -> dict[str, str]:
    """The first room closed for an assembly, as the form sends it."""
    return {"place": offered.room, "template": "assembly", "start_day": "2026-11-24", **changed}


def seen(text: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]+)"', text)
    return found[1] if found else ""


def look(person: Person, form: dict[str, str]) -> str:
    return person.opens(f"{NEW}?{urlencode(form)}").text


def state_of(town: Town, uuid: str) -> tuple[str, str]:
    with town.storage.transaction() as db:
        booking = db.get_one(Booking, uuid)
        return booking.state, booking.places[0].desk_id


def rooms_of(town: Town, *, desks: int = 2) -> tuple[Offered, tuple[str, ...]]:
    """Two rooms of that many desks; the desks of the second."""
    offered = offer(town, rooms=2, desks=desks)
    with town.storage.transaction() as db:
        others = db.scalars(select(Desk.id).where(Desk.room_id != offered.room).order_by(Desk.name)).all()
    return offered, tuple(others)


def test_without_any_choice_everybody_is_moved_who_can_be(site_admin: Person, host_town: Town) -> None:
    offered, others = rooms_of(host_town)
    came = [books(host_town, offered, number) for number in range(2)]
    form = closing(offered)
    answer = site_admin.sends(NEW, {**form, "seen": seen(look(site_admin, form))})
    assert answer.status_code == 303
    assert {state_of(host_town, one.id) for one in came} == {("confirmed", others[0]), ("confirmed", others[1])}
    assert "2件のうち2件は座席を移しました" in site_admin.reads(answer.headers["Location"])


def test_one_is_moved_and_one_cancelled_as_was_chosen(site_admin: Person, host_town: Town) -> None:
    offered, others = rooms_of(host_town)
    one, two = (books(host_town, offered, number) for number in range(2))
    form = closing(offered)
    choices = {f"choice-{one.id}": others[1], f"choice-{two.id}": "cancel"}
    assert site_admin.sends(NEW, {**form, **choices, "seen": seen(look(site_admin, form))}).status_code == 303
    assert state_of(host_town, one.id) == ("confirmed", others[1])
    assert state_of(host_town, two.id)[0] == "cancelled"


def test_all_can_be_cancelled_at_once_and_nothing_happens_before_it_is_registered(
    site_admin: Person, host_town: Town
) -> None:
    offered, _ = rooms_of(host_town)
    came = [books(host_town, offered, number) for number in range(2)]
    form = {**closing(offered)}
    answer = site_admin.sends(NEW, {**form, "step": "all-cancel", "seen": seen(look(site_admin, form))})
    assert answer.status_code == 200
    assert answer.text.count('<option value="cancel" selected>') == 2
    assert {state_of(host_town, one.id)[0] for one in came} == {"confirmed"}
    site_admin.sends(NEW, {**form, "all": "cancel", "seen": seen(answer.text)})
    assert {state_of(host_town, one.id)[0] for one in came} == {"cancelled"}


def test_a_chosen_desk_that_was_taken_meanwhile_is_shown_again_and_nothing_is_done(
    site_admin: Person, host_town: Town
) -> None:
    offered, others = rooms_of(host_town)
    came = books(host_town, offered)
    form = closing(offered)
    shown = look(site_admin, form)
    books(host_town, Offered(offered.site, offered.room, others, offered.home), 1)
    chosen = {f"choice-{came.id}": others[1], "seen": seen(shown)}
    answer = site_admin.sends(NEW, {**form, **chosen})
    assert answer.status_code == 409
    assert "表示している間に予約が変わりました" in plain(answer)
    assert state_of(host_town, came.id) == ("confirmed", offered.desks[0])
    with host_town.storage.transaction() as db:
        assert db.scalar(select(Closure)) is None


def test_what_no_form_offers_moves_nobody(site_admin: Person, host_town: Town) -> None:
    offered, _ = rooms_of(host_town)
    came = books(host_town, offered)
    form = closing(offered)
    for typed in (offered.desks[1], "00000000-0000-4000-8000-000000000000", "'; --", ",", "あ" * 400):
        answer = site_admin.sends(NEW, {**form, f"choice-{came.id}": typed, "seen": seen(look(site_admin, form))})
        assert answer.status_code == 409
    assert state_of(host_town, came.id) == ("confirmed", offered.desks[0])


def test_who_comes_today_is_named_and_who_comes_later_is_not(site_admin: Person, host_town: Town) -> None:
    offered, _ = rooms_of(host_town)
    books(host_town, offered, name="今日 来子")
    assert "今日 来子" in look(site_admin, closing(offered))


def test_an_assembly_is_closed_for_every_week_at_once(site_admin: Person, host_town: Town) -> None:
    form = closing(offer(host_town), weekly_until="2026-12-10", start_time="13:00", end_time="17:00")
    shown = look(site_admin, form)
    assert "毎週、あと2回" in shown
    site_admin.sends(NEW, {**form, "seen": seen(shown)})
    with host_town.storage.transaction() as db:
        assert [one.start.day for one in db.scalars(select(Closure).order_by(Closure.start))] == [24, 1, 8]


def test_many_hits_are_shown_in_pages_and_choices_elsewhere_are_kept(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town, desks=52)
    lift_quota(host_town)
    came = [books(host_town, offered, number) for number in range(52)]
    form = closing(offered)
    first = look(site_admin, form)
    assert "1／2ページ" in first
    answer = site_admin.sends(NEW, {**form, "step": "page-2", "page": "1", "seen": seen(first)})
    assert answer.text.count("<select") == 3  # Two bookings, and the place.
    site_admin.sends(NEW, {**form, "all": "cancel", "page": "2", "seen": seen(answer.text)})
    assert {state_of(host_town, one.id)[0] for one in came} == {"cancelled"}


def lift_quota(town: Town) -> None:
    with town.storage.transaction(write=True) as db:
        db.scalars(select(Agreement)).one().seats_a_day = None


def test_more_hits_need_no_more_statements(site_admin: Person, host_town: Town) -> None:
    offered, _ = rooms_of(host_town, desks=5)
    address = f"{NEW}?{urlencode(closing(offered))}"
    books(host_town, offered)
    site_admin.opens(address)
    few = statements(site_admin, address)
    for number in (1, 2, 3):
        books(host_town, offered, number)
    assert statements(site_admin, address) == few


def closed_days(town: Town) -> list[tuple[str, int]]:
    with town.storage.transaction() as db:
        every = db.scalars(select(Closure).order_by(Closure.start, Closure.place_id)).all()
        return [(one.place_id, one.start.astimezone(JAPAN).day) for one in every]


def test_a_tax_office_moves_in_on_chosen_days(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    days = "2026-11-26\n２０２６－１２－０３～２０２６－１２－０４\n\n"
    form = closing(offered, template="tax_return", start_time="8:30", end_time="17:00", dates=days)
    shown = look(site_admin, form)
    assert all(words in shown for words in ("11月26日", "12月3日", "12月4日"))
    assert site_admin.sends(NEW, {**form, "seen": seen(shown)}).status_code == 303
    assert [day for _, day in closed_days(host_town)] == [24, 26, 3]
    lines = log(host_town, "closure-registered")
    assert len(lines) == 3
    assert all(offered.room in line and "tax_return" in line for line in lines)


@pytest.mark.parametrize(
    "dates", ["2026-02-30", "あした", "2026-12-05〜2026-12-03", "2029-01-01", "2026-11-23", "2026-12-01〜\n" * 61]
)
def test_a_day_that_cannot_be_read_stands_at_its_field(site_admin: Person, host_town: Town, dates: str) -> None:
    answer = site_admin.opens(f"{NEW}?{urlencode(closing(offer(host_town), dates=dates))}")
    assert answer.status_code == 400
    assert 'id="dates-error"' in answer.text
    assert dates.splitlines()[0] in answer.text


def test_several_rooms_close_together_and_nobody_moves_into_one_of_them(site_admin: Person, host_town: Town) -> None:
    offered, others = rooms_of(host_town)
    one = books(host_town, offered)
    two = books(host_town, Offered(offered.site, offered.room, others, offered.home), 1)
    with host_town.storage.transaction() as db:
        second = db.get_one(Desk, others[0]).room_id
    form = closing(offered, also=second)
    assert site_admin.sends(NEW, {**form, "seen": seen(look(site_admin, form))}).status_code == 303
    assert {state_of(host_town, each.id)[0] for each in (one, two)} == {"cancelled"}
    assert {place for place, _ in closed_days(host_town)} == {offered.room, second}


def test_another_site_s_room_is_no_room_to_close_along(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    for typed in ("00000000-0000-4000-8000-000000000000", "'", offered.site):
        answer = site_admin.opens(f"{NEW}?{urlencode(closing(offered, also=typed))}")
        assert (answer.status_code, "同じ施設の部屋を選んでください" in answer.text) == (400, True)


def test_lifting_is_written_down_once(site_admin: Person, host_town: Town) -> None:
    form = closing(offer(host_town))
    site_admin.sends(NEW, {**form, "seen": seen(look(site_admin, form))})
    with host_town.storage.transaction() as db:
        one = db.scalars(select(Closure)).one()
    for _ in range(2):
        site_admin.sends(f"/admin/closures/{one.id}/lift")
    assert len(log(host_town, "closure-lifted")) == 1


def log(town: Town, event: str) -> list[str]:
    with town.storage.transaction() as db:
        found = select(AuditEntry).where(AuditEntry.event == event)
        return [f"{one.actor} {one.subject} {one.reason}" for one in db.scalars(found)]


def a_closure(site_admin: Person, town: Town, offered: Offered, **facts: str) -> Closure:
    form = closing(offered, **facts)
    site_admin.sends(NEW, {**form, "seen": seen(look(site_admin, form))})
    with town.storage.transaction() as db:
        return db.scalars(select(Closure).order_by(Closure.made_at.desc())).first()  # type: ignore[return-value]


def test_a_closure_is_shown_as_it_stands_and_changed_after_a_look_at_whom_it_hits(
    site_admin: Person, host_town: Town
) -> None:
    offered = offer(host_town)
    came = books(host_town, offered)
    one = a_closure(site_admin, host_town, offered, start_time="13:00", end_time="17:00", note="議会のため")
    address = f"/admin/closures/{one.id}"
    calendar = site_admin.opens("/admin/calendar?month=2026-11").text
    assert f'href="{address}" aria-label="2026年11月24日(火)の休止を変更"' in calendar
    form = site_admin.opens(address).text
    assert all(f'value="{typed}"' in form for typed in ("2026-11-24", "13:00", "17:00", "議会のため"))
    wider = {
        "template": "assembly",
        "start_day": "2026-11-24",
        "start_time": "09:00",
        "end_time": "17:00",
        "note": "長引くため",
    }
    shown = site_admin.opens(f"{address}?{urlencode(wider)}").text
    assert "影響のある予約（1件）" in shown
    assert state_of(host_town, came.id)[0] == "confirmed"
    answer = site_admin.sends(address, {**wider, "seen": seen(shown)})
    assert "休止を変更しました" in site_admin.reads(answer.headers["Location"])
    assert state_of(host_town, came.id)[0] == "cancelled"
    assert len(log(host_town, "closure-changed")) == 1


def test_who_changes_what_another_has_changed_meanwhile_is_shown_it_again(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    one = a_closure(site_admin, host_town, offered)
    address, form = f"/admin/closures/{one.id}", {"template": "other", "start_day": "2026-11-25"}
    before = seen(site_admin.opens(f"{address}?{urlencode(form)}").text)
    with host_town.storage.transaction(write=True) as db:
        db.get_one(Closure, one.id).note = "ほかの担当者のことば"
    answer = site_admin.sends(address, {**form, "seen": before})
    assert answer.status_code == 409
    assert "予約または休止が変わりました" in plain(answer)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"start_day": ""}, "入力してください"),
        ({"start_day": "2026-11-20"}, "終了がすでに過ぎています"),
        ({"end_day": "2026-11-01"}, "終了は開始より後"),
        ({"template": "because"}, "選択肢から選んでください"),
        ({"end_day": "2029-11-01"}, "1年以内"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused_and_nothing_typed_is_lost(
    site_admin: Person, host_town: Town, changed: dict[str, str], words: str
) -> None:
    one = a_closure(site_admin, host_town, offer(host_town))
    form = {
        "template": "other",
        "start_day": "2026-11-25",
        "note": "書いたことば",
        "place": "x",
        "dates": "x",
        **changed,
    }
    answer = site_admin.sends(f"/admin/closures/{one.id}", form)
    assert answer.status_code == 400
    assert words in plain(answer)
    assert 'value="書いたことば"' in answer.text


def test_a_lifted_closure_cannot_be_changed(site_admin: Person, host_town: Town) -> None:
    one = a_closure(site_admin, host_town, offer(host_town))
    site_admin.sends(f"/admin/closures/{one.id}/lift")
    assert site_admin.opens(f"/admin/closures/{one.id}").status_code == 409
    assert site_admin.opens("/admin/closures/00000000-0000-4000-8000-000000000000").status_code == 404
