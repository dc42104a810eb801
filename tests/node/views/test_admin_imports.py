"""CSVの取り込み: sent, checked, chosen, done; sent again it updates, and what was typed by hand is asked about."""

import io
import re
from datetime import date, timedelta
from urllib.parse import unquote

import pytest
from sqlalchemy import func, select

from federation.audit import AuditEntry
from federation.feed import FeedEntry
from node.host import closures, sites, timetables
from node.host.sheets import carrying, keeping
from node.host.timetables import DatedWish
from node.models.imports import Import, ImportRow
from node.models.opening import OpenHours
from node.models.sites import Site
from node.models.staff import Staff
from node.town import Town
from tests.node.views.conftest import Person, plain
from tests.node.views.desks import NOW, statements

HEADING = "全国地方公共団体コード,ID,名称,POIコード,所在地_連結表記,緯度,経度,電話番号,利用可能曜日,開始時間,終了時間"
HALL = "112089,A1,本庁舎,1302,埼玉県所沢市並木1-1-1,35.7993,139.4686,04-2998-1111,月火水木金,8:30,17:15"
HOUSE = "112089,A2,並木公民館,1307,埼玉県所沢市並木5-3,139.4735,35.8012,,,,"
NOWHERE = "112089,A3,どこかの館,1307,埼玉県所沢市,,,,,,"
FILE = "\r\n".join([HEADING, HALL, HOUSE, NOWHERE])


def send(person: Person, content: str | bytes, kind: str = "facilities") -> str:
    """Send a file and return the address of its check."""
    page = person.client.get("/admin/import").text
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    assert token is not None
    data = content.encode() if isinstance(content, str) else content
    form = {"kind": kind, "form_token": token[1], "file": (io.BytesIO(data), "公共施設一覧.csv")}
    answer = person.client.post("/admin/import", data=form, content_type="multipart/form-data")
    return answer.headers["Location"] if answer.status_code == 303 else plain(answer)


def take_over(person: Person, at: str, lines: list[str], **options: object) -> str:
    """Choose exactly these lines, take them over, and return what the last page says."""
    was = re.findall(r'name="was_line" value="(\d+)"', person.opens(f"{at}/choose").text)
    form = {"was_line": was, "line": lines, "do": "import", **options}
    answer = person.sends(f"{at}/choose", form)  # type: ignore[arg-type]  # Lists become several values.
    assert answer.status_code == 303
    return person.reads(answer.headers["Location"])


def named(town: Town, name: str) -> Site:
    with town.storage.transaction() as db:
        return db.scalars(select(Site).where(Site.name == name)).one()


def test_a_list_is_checked_chosen_from_and_taken_over(site_admin: Person, host_town: Town) -> None:
    at = send(site_admin, FILE.encode("cp932"))
    page = site_admin.reads(at)
    assert "文字コード Shift_JIS" in page
    assert "新規2" in page
    assert "要修正1" in page
    assert "緯度と経度が入れ替わっていた" in page
    shown = site_admin.reads(f"{at}/choose?poi=1302")
    assert "本庁舎" in shown
    assert "並木公民館" not in shown
    assert "取り込んだ行1" in take_over(site_admin, at, ["2"], publish="1")
    hall = named(host_town, "本庁舎")
    assert (hall.published, hall.facility_number, hall.phone) == (True, "A1", "04-2998-1111")
    with host_town.storage.transaction() as db:
        assert db.scalar(select(func.count()).select_from(OpenHours)) == 5
        assert db.scalar(select(func.count()).select_from(Site)) == 1
        assert db.scalars(select(AuditEntry.reason).where(AuditEntry.event == "import")).one() == "facilities, 1 rows"


def test_ticks_of_two_come_together_and_are_looked_at_before_they_are_taken_over(site_admin: Person) -> None:
    at = send(site_admin, FILE)
    opened = re.search(r'name="seen" value="([^"]+)"', site_admin.opens(f"{at}/choose").text)
    assert opened is not None
    site_admin.sends(f"{at}/choose", {"line": "2", "do": "keep"})
    answer = site_admin.sends(f"{at}/choose", {"line": "3", "do": "import", "seen": opened[1]})
    page = site_admin.opens(answer.headers["Location"])
    assert "ほかの担当者がすでに変更していました" in plain(page)
    assert re.findall(r'name="was_line" value="(\d+)"', page.text) == ["2", "3"]
    assert "取り込んだ行1" in take_over(site_admin, at, ["3"])


def test_the_log_says_who_took_over_and_not_who_sent(site_admin: Person, host_town: Town) -> None:
    at = send(site_admin, FILE)
    with host_town.storage.transaction(write=True) as db:
        db.scalars(select(Import)).one().by = "staff:99"
    take_over(site_admin, at, ["2"])
    with host_town.storage.transaction() as db:
        who = db.scalars(select(Staff)).one()
        assert db.scalars(select(AuditEntry.actor).where(AuditEntry.event == "import")).one() == f"staff:{who.id}"


def test_a_second_import_updates_and_leaves_alone_what_was_typed_by_hand(site_admin: Person, host_town: Town) -> None:
    take_over(site_admin, send(site_admin, FILE), ["2", "3"])
    with host_town.storage.transaction(write=True) as db:
        hall = db.scalars(select(Site).where(Site.name == "本庁舎")).one()
        sites.edit(db, host_town.config, hall, {"phone": "内線 7", "name_en": "Main Hall"})
    newer = FILE.replace("並木1-1-1", "並木1-1-2").replace("1111", "2222")
    at = send(site_admin, newer)
    page = site_admin.reads(f"{at}/choose")
    assert "電話番号：内線 7 → 04-2998-2222 手で変更済み" in page
    assert "変更なし" in page
    take_over(site_admin, at, ["2"])
    hall = named(host_town, "本庁舎")
    assert (hall.address[-1], hall.phone, hall.name_en) == ("2", "内線 7", "Main Hall")
    assert not hall.published
    take_over(site_admin, send(site_admin, newer), ["2"], overwrite=["2"])
    assert named(host_town, "本庁舎").phone == "04-2998-2222"


def test_a_site_typed_by_hand_is_found_by_name_and_address(site_admin: Person, host_town: Town) -> None:
    typed = {"name": "本庁舎", "address": "埼玉県所沢市並木１－１－１", "lat": 35.7993, "lon": 139.4686}
    with host_town.storage.transaction(write=True) as db:
        sites.add_site(db, host_town.config, typed)
    take_over(site_admin, send(site_admin, FILE), ["2"])
    assert named(host_town, "本庁舎").facility_number == "A1"


def test_a_row_is_mended_on_the_page(site_admin: Person, host_town: Town) -> None:
    at = send(site_admin, FILE)
    refused = site_admin.sends(f"{at}/rows/4", {"lat": "北", "lon": "139.47"})
    assert refused.status_code == 400
    assert re.search(r'name="l(at|on)"[^>]* aria-invalid="true"', refused.text)
    assert site_admin.sends(f"{at}/rows/4", {"lat": "35.80", "lon": "139.47"}).status_code == 303
    assert "要修正0" in site_admin.reads(at)
    take_over(site_admin, at, ["4"])
    assert named(host_town, "どこかの館").lat == 35.80


@pytest.mark.parametrize("line", ["0", "99", "2147483648", "9" * 30])
def test_a_row_that_no_file_has_is_not_found(site_admin: Person, line: str) -> None:
    at = send(site_admin, FILE)
    assert site_admin.opens(f"{at}/rows/{line}").status_code == 404
    assert site_admin.sends(f"{at}/rows/{line}", {"lat": "35.8"}).status_code in {404, 405}


def test_rows_without_coordinates_get_one_for_now(site_admin: Person, host_town: Town) -> None:
    at = send(site_admin, "施設名,所在地\n一号館,所沢市\n二号館,所沢市\n三号館,所沢市")
    assert site_admin.sends(f"{at}/place", {"lat": "35.8", "lon": "139.47"}).status_code == 303
    assert "新規3" in site_admin.reads(at)


def test_the_error_file_gives_reasons_and_runs_nothing(site_admin: Person) -> None:
    at = send(site_admin, FILE.replace("どこかの館", "=1+1"))
    content = site_admin.opens(f"{at}/errors.csv").data
    assert content.startswith(b"\xef\xbb\xbf")
    text = content.decode("utf-8-sig")
    assert "緯度：緯度と経度がありません。" in text
    assert ",'=1+1," in text
    again = send(site_admin, content)
    assert "要修正1" in site_admin.reads(again)
    assert ">=1+1<" in site_admin.opens(again).text


@pytest.mark.parametrize(
    ("content", "words"), [(b"PK\x03\x04", "Excelブック"), (b"", "空です"), ("あ\n1".encode(), "見出しの行")]
)
def test_a_file_that_cannot_be_read_is_told_beside_its_field(site_admin: Person, content: bytes, words: str) -> None:
    assert words in send(site_admin, content)


def test_a_huge_file_is_refused(site_admin: Person) -> None:
    length = {"CONTENT_LENGTH": str(50 * 1024 * 1024)}
    answer = site_admin.client.post(
        "/admin/import", data=b"", content_type="multipart/form-data; boundary=x", environ_overrides=length
    )
    assert answer.status_code == 413
    assert "分けて送信" in plain(answer)


def test_names_of_any_letters_are_kept_and_found(site_admin: Person, host_town: Town) -> None:
    name = "𠮷野ﾎﾞﾗﾝﾃｨｱ会館😀" + "髙﨑" * 94
    at = send(site_admin, FILE.replace("本庁舎", name[:200]))
    assert name[:200] in site_admin.reads(f"{at}/choose?name=ボランティア")
    take_over(site_admin, at, ["2"])
    assert named(host_town, name[:200]).name == name[:200]


def test_all_that_pass_the_sieve_are_chosen_over_pages(site_admin: Person, host_town: Town) -> None:
    rows = [f"112089,B{number},集会所{number},1399,埼玉県所沢市{number},35.8,139.47,,,," for number in range(120)]
    at = send(site_admin, "\n".join([HEADING, HALL, *rows]))
    assert site_admin.sends(f"{at}/choose", {"do": "all", "poi": "1399"}).status_code == 303
    assert "120行を選んでいます" in site_admin.reads(f"{at}/choose")
    assert "120行を選んでいます" in site_admin.reads(f"{at}/choose?page=3")
    site_admin.sends(f"{at}/choose", {"do": "page-2", "was_line": "3", "page": "1"})
    assert "119行を選んでいます" in site_admin.reads(f"{at}/choose")


@pytest.mark.parametrize(
    ("pressed", "shown"),
    [("sift", "/choose?page=1&name=並木"), ("show-halls", "/choose?poi=1302"), ("row-3", "/rows/3"), ("check", "")],
)
def test_ticks_stay_whatever_is_looked_at_next(site_admin: Person, pressed: str, shown: str) -> None:
    at = send(site_admin, FILE)
    ticked = {"line": "3", "do": pressed, "to_name": "並木"}
    answer = site_admin.sends(f"{at}/choose", ticked)
    assert unquote(answer.headers["Location"]).endswith(at.removeprefix("http://localhost") + shown)
    assert "1行を選んでいます" in site_admin.reads(f"{at}/choose")


def test_a_longer_page_asks_no_more(site_admin: Person, host_town: Town) -> None:
    rows = [f"112089,B{number},集会所{number},1399,埼玉県所沢市{number},35.8,139.47,,,," for number in range(45)]
    short, long = send(site_admin, FILE), send(site_admin, "\n".join([HEADING, *rows]))
    for page in ("", "/choose"):
        assert statements(site_admin, short + page) == statements(site_admin, long + page)


def test_what_a_killed_process_began_goes_on(site_admin: Person, host_town: Town) -> None:
    rows = [f"112089,B{number},集会所{number},1399,埼玉県所沢市{number},35.8,139.47,,,," for number in range(1100)]
    at = send(site_admin, "\n".join([HEADING, *rows]))
    site_admin.sends(f"{at}/choose", {"do": "all"})
    answer = site_admin.sends(f"{at}/choose", {"do": "import"})
    page = site_admin.opens(answer.headers["Location"])
    assert "1,100行のうち1,000行" in plain(page)
    assert page.headers["Refresh"] == "2"
    assert carrying.carry_on_all(host_town.storage, host_town.config, now=NOW) == 1
    assert "取り込んだ行1,100" in site_admin.reads(answer.headers["Location"])
    assert carrying.carry_on_all(host_town.storage, host_town.config, now=NOW) == 0


def test_a_row_that_fails_fails_alone(site_admin: Person, host_town: Town) -> None:
    at = send(site_admin, FILE)
    with host_town.storage.transaction(write=True) as db:
        row = db.scalars(select(ImportRow).where(ImportRow.line == 3)).one()
        row.facts = {**row.facts, "lat": 99.0}
    page = take_over(site_admin, at, ["2", "3"])
    assert "取り込んだ行1" in page
    assert "取り込めなかった行1" in page
    assert "理由" in site_admin.opens(f"{at}/errors.csv").text


def test_nothing_chosen_takes_nothing_over(site_admin: Person) -> None:
    at = send(site_admin, FILE)
    answer = site_admin.sends(f"{at}/choose", {"do": "import"})
    assert "取り込む行が選ばれていません" in site_admin.reads(answer.headers["Location"])


def test_a_file_is_dropped_and_expires(site_admin: Person, host_town: Town) -> None:
    at = send(site_admin, FILE)
    assert site_admin.sends(f"{at}/drop").status_code == 303
    assert site_admin.opens(at).status_code == 404
    send(site_admin, FILE)
    with host_town.storage.transaction(write=True) as db:
        keeping.forget(db, NOW + keeping.KEPT)
        assert db.scalar(select(func.count()).select_from(Import)) == 0
        assert db.scalar(select(func.count()).select_from(ImportRow)) == 0


def test_what_comes_by_a_file_reaches_the_feed_as_if_typed(site_admin: Person, host_town: Town) -> None:
    take_over(site_admin, send(site_admin, FILE), ["2"], publish="1")
    with host_town.storage.transaction(write=True) as db:
        hall = db.scalars(select(Site).where(Site.name == "本庁舎")).one()
        facts = {name: getattr(hall, name) for name in ("name", "address", "lat", "lon", "phone", "facility_type")}
        sites.publish(db, sites.add_site(db, host_town.config, facts))
    with host_town.storage.transaction() as db:
        one, other = db.scalars(select(FeedEntry.data).where(FeedEntry.kind == "site")).all()
    assert one is not None
    assert other is not None
    assert {**one, "id": "", "url": ""} == {**other, "id": "", "url": ""}


@pytest.mark.parametrize("kind", ["facilities", "rooms", "desks", "hours", "closures"])
def test_every_kind_goes_out_is_looked_through_and_changes_nothing(
    site_admin: Person, host_town: Town, kind: str
) -> None:
    day = date(2026, 12, 3)
    with host_town.storage.transaction(write=True) as db:
        site = sites.add_site(
            db, host_town.config, {"name": "=本庁舎", "address": "所沢市1", "lat": 35.8, "lon": 139.4}
        )
        sites.add_desk(db, sites.add_room(db, site, {"name": "一室", "privacy": "open"}), {"name": "A"})
        timetables.add(db, site, DatedWish("extra", day, day, "開放", ((540, 600),), (3,), yearly=True), NOW)
        closures.close(db, site, NOW, NOW + timedelta(days=1), template="other", now=NOW)
    content = site_admin.opens(f"/admin/export/{kind}.csv").data
    assert "新規0更新0" in site_admin.reads(send(site_admin, content, kind))
    elsewhere = (
        content.decode("utf-8-sig").replace("2026-12-03", "2026-12-10").replace("大部屋", "個室").replace("無", "有")
    )
    page = site_admin.reads(send(site_admin, elsewhere.replace(str(site.id)[:8] + "-", ""), kind) + "/choose")
    assert "取り込む行を選ぶ" in page
    assert ("時間帯：― → 9:00-10:00" in page) == ("対象の曜日：― → 木" in page) == (kind == "hours")


def test_nobody_else_imports(host_town: Town, site_admin: Person) -> None:
    at = send(site_admin, FILE)
    stranger = Person(site_admin.client.application.test_client())
    for path in (at, f"{at}/choose", f"{at}/errors.csv", f"{at}/rows/2", f"{at}/done"):
        assert stranger.opens(path).status_code in {302, 303, 401, 403}
