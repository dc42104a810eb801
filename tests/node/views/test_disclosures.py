"""開示請求: the file holds what is kept of one person and no secret, and that it was made is logged."""

import io
import json
import zipfile

from sqlalchemy import select

from federation.audit import AuditEntry
from node import disclosures
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
