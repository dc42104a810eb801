"""開示請求: the file holds what is kept of one person and no secret, and that it was made is logged."""

import io
import json
import zipfile

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from federation import audit
from federation.audit import AuditEntry
from node import disclosures, notices
from node.models.bookings import BookingPlace, Visitor
from node.othernames import MASK, OtherNames
from node.people import staff as people
from node.town import Town
from tests.node.views.conftest import Person
from tests.node.views.desks import NOW, books, offer


def test_a_visitors_file_holds_their_rows_alone(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    came = books(host_town, offered, name="井上 彩")
    books(host_town, offered, 1, name="別 の人")
    answer = site_admin.sends("/admin/disclosures", {"code": came.code})
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert [row["id"] for row in json.loads(texts["bookings.json"])] == [came.id]
    assert "井上 彩" in texts["names.json"]
    assert "別 の人" not in "".join(texts.values())
    with host_town.storage.transaction() as db:
        assert db.scalars(select(AuditEntry.subject).where(AuditEntry.event == "disclosed")).all()


def test_an_unknown_number_is_said(site_admin: Person, host_town: Town) -> None:
    for typed in ("000-000", ""):
        assert site_admin.sends("/admin/disclosures", {"code": typed}).status_code == 400


def test_our_own_persons_file_has_no_secret(host_town: Town) -> None:
    with host_town.storage.transaction(write=True) as db:
        person = people.add(db, number="000009", name="立寄 次郎", password="tachiyori-desu-yo", now=NOW)
        files = disclosures.of_staff(db, person)
    assert files["staff"][0]["name"] == "立寄 次郎"
    assert "argon2" not in str(files)


def test_other_peoples_names_are_written_over_however_they_are_spaced(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    came = books(host_town, offered, name="井上 彩")
    books(host_town, offered, 1, name="別 の人")
    line = "立寄　太郎と別の人の同行。井上彩さん本人は窓口へ"
    site_admin.sends(f"/reception/people/{came.place}/note", {"badge": "12", "companions": "1", "note": line})
    with host_town.storage.transaction() as db:
        visitor = db.scalars(select(Visitor).join(BookingPlace).where(BookingPlace.id == came.place)).one()
        files = disclosures.of_visitor(db, visitor)
    (note,) = files["door_notes"]
    assert note["words"] == f"{MASK}と{MASK}の同行。井上彩さん本人は窓口へ"
    assert (note["by"], note["badge"]) == (MASK, "12")
    assert [row["name"] for row in files["names"]] == ["井上 彩"]
    assert not [row for row in files["audit"] if row["actor"].startswith("staff:")]


def test_our_own_persons_file_does_not_say_who_decided_or_whom_they_acted_on(host_town: Town) -> None:
    with host_town.storage.transaction(write=True) as db:
        person = people.add(db, number="000009", name="立寄 次郎", section="管財課", now=NOW)
        other = people.find(db, "012345")
        assert other is not None
        person.approver = other.number
        own, theirs = f"staff:{person.id}", f"staff:{other.id}"
        for actor, subject in ((own, own), (own, theirs), (theirs, own)):
            audit.record(db, event="roles", actor=actor, subject=subject, verdict="allowed", reason="立寄太郎", now=NOW)
        notices.tell(db, person.id, "%(name)sさんが承認しました。", now=NOW, name=other.name)
        db.flush()
    with host_town.storage.transaction() as db:
        files = disclosures.of_staff(db, person)
    lines = {(row["actor"], row["subject"], row["reason"]) for row in files["audit"] if row["event"] == "roles"}
    assert lines == {(own, own, MASK), (own, MASK, MASK), (MASK, own, MASK)}
    assert files["staff"][0]["approver"] == MASK
    assert "立寄 太郎" not in str(files)
    assert files["staff"][0]["name"] == "立寄 次郎"


@given(st.text(max_size=60))
def test_a_text_without_a_known_name_stays_as_it_is(text: str) -> None:
    others = OtherNames({"別": ["別の人"]})
    masked = others.written_over(text)
    assert masked == text or "別" in text


def test_the_page_says_what_it_cannot_find(site_admin: Person) -> None:
    assert "このシステムに登録のない方（同行者など）の氏名は見つけられません" in site_admin.reads("/admin/disclosures")
