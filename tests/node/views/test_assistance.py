"""避難・入館のときの手助け: what a person says at 私の情報, and where a host shows it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from federation.audit import AuditEntry
from federation.messages.booking import ASSISTED
from node.models.assistance import Assistance, ToldAssistance
from node.models.bookings import BookingPlace
from node.town import Town
from node.views.privacy.assistance import KINDS
from tests.node.views.conftest import Person, plain
from tests.node.views.desks import NOW, Came, begins, books, offer

WORDS = "車いすを使っています"
FORM = {"kinds": "stairs", "words": WORDS, "tells_hosts": "1"}


@pytest.fixture
def here(host_town: Town, site_admin: Person) -> Came:
    came = books(host_town, offer(host_town, desks=6), name="井上 彩")
    with host_town.storage.transaction(write=True) as db:
        place = db.get_one(BookingPlace, came.place)
        db.add(ToldAssistance(booking_id=came.id, visitor_id=place.visitor_id, kinds=["stairs", "new"], words=WORDS))
    host_town.clock.now = NOW + timedelta(hours=1)  # type: ignore[attr-defined]
    site_admin.sends(f"/reception/places/{came.place}/arrive")
    return came


def kept(town: Town) -> list[Assistance]:
    with town.storage.transaction() as db:
        return list(db.scalars(select(Assistance)))


def test_every_kind_has_its_words() -> None:
    assert tuple(KINDS) == ASSISTED


def test_what_is_said_is_kept_shown_and_taken_back_twice(person: Person, town: Town) -> None:
    assert person.sends("/me/assistance", FORM).status_code == 303
    (said,) = kept(town)
    assert (said.kinds, said.words, said.tells_hosts) == (["stairs"], WORDS, True)
    assert WORDS in person.reads("/me/assistance")
    assert "これからの予約で訪問先に伝えます" in person.reads("/me")
    for _ in range(2):
        assert person.sends("/me/assistance/remove").status_code == 303
    assert kept(town) == []


@pytest.mark.parametrize("form", [{}, {"kinds": "gossip"}, {"words": "あ" * 201}, {"words": "a\x1bb"}], ids=str)
def test_what_does_not_fit_is_said_and_nothing_is_kept(person: Person, town: Town, form: dict[str, str]) -> None:
    answer = person.sends("/me/assistance", form)
    assert answer.status_code == 400
    assert "dads-error" in answer.text or "＊" in plain(answer)
    assert kept(town) == []


def test_the_page_says_what_it_is_for_who_sees_it_until_when_and_what_is_not_told(person: Person) -> None:
    person.sends("/me/assistance", FORM)
    page = person.reads("/me/assistance")
    for words in ("使う目的", "見る人", "いつまで", "変更も削除も届きません"):
        assert words in page


def test_the_booking_page_says_that_it_is_told(person: Person) -> None:
    assert "避難・入館のときの手助け" not in person.reads("/book?desk=https://node.host.example/desks/none")
    address = "/book?desk=https://node.host.example/desks/5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0002"
    assert "訪問先に伝わります" not in person.reads(address)
    person.sends("/me/assistance", FORM)
    assert "訪問先に伝わります" in person.reads(address)


def test_reception_and_the_roll_call_show_it_on_the_day_and_the_printed_list_does_not(
    site_admin: Person, here: Came, host_town: Town
) -> None:
    call = begins(site_admin, host_town)
    site_admin.sends(f"/reception/rollcall/{call}/end")
    for path in ("", f"/visits/{here.id}", "/rollcall", "/rollcall/list", f"/rollcall/{call}"):
        page = site_admin.reads(f"/reception{path}")
        assert WORDS in page, path
        assert "階段が難しい" in page
    for path in ("/reception/list", "/reception/offline/list", "/admin"):
        assert WORDS not in site_admin.reads(path)


def test_each_look_is_in_the_log_without_it(site_admin: Person, here: Came, host_town: Town) -> None:
    site_admin.opens("/reception/rollcall")
    with host_town.storage.transaction() as db:
        looks = select(AuditEntry).where(AuditEntry.event == "manifest.viewed", AuditEntry.subject == here.id)
        found = db.scalars(looks).all()
        every = [f"{row.reason} {row.subject}" for row in db.scalars(select(AuditEntry))]
    assert "rollcall" in {row.reason for row in found}
    assert not [line for line in every if WORDS in line]
