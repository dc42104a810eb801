"""写真, as somebody adds them and as anybody sees them."""

import io
import re

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from federation.audit import AuditEntry
from node.app import app_of
from node.host import photos, pictures, sites
from node.models.sites import Site
from node.town import Town
from tests.node.views.conftest import Person, plain
from tests.node.views.desks import offer

WORDS = {"shows": "door", "alt": "北側の通用口", "alt_en": ""}


@pytest.fixture
def anybody(host_town: Town) -> FlaskClient:
    """A browser of nobody in particular."""
    return app_of(host_town).test_client()


def jpeg() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (800, 600), "teal").save(written, "JPEG")
    return written.getvalue()


def sends(person: Person, place: str, content: bytes, name: str = "door.jpg", **words: str) -> TestResponse:
    token = re.search(r'name="form_token" value="([^"]+)"', person.opens("/me").text)
    assert token
    data = {**WORDS, **words, "form_token": token[1], "photo": FileStorage(io.BytesIO(content), name)}
    boundary, body = encode_multipart(data)
    kind = f"multipart/form-data; boundary={boundary}"
    return person.client.post(f"/admin/places/{place}/photos", data=body, content_type=kind)


def addresses(page: str) -> list[str]:
    return re.findall(r'"([^"]*/photos/[0-9a-f]{64})"', page)


def seen(person: Person, album: str) -> dict[str, str]:
    """Return what a page of photos says that it shows."""
    found = re.search(r'name="seen" value="([^"]+)"', person.opens(album).text)
    return {"seen": found[1] if found else ""}


def test_a_photo_of_the_door_stands_on_the_sites_page(
    site_admin: Person, host_town: Town, anybody: FlaskClient
) -> None:
    offered = offer(host_town)
    assert sends(site_admin, offered.site, jpeg()).status_code == 303
    page = anybody.get(f"/sites/{offered.site}").text
    assert 'alt="北側の通用口"' in page
    path = addresses(page)[0].removeprefix(host_town.config.entity_id)
    answer = anybody.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "image/webp")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer.headers["Cache-Control"]
    assert anybody.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_a_withdrawn_sites_photo_is_for_those_who_look_after_it(
    site_admin: Person, host_town: Town, anybody: FlaskClient
) -> None:
    offered = offer(host_town)
    sends(site_admin, offered.site, jpeg())
    with host_town.storage.transaction(write=True) as db:
        sites.withdraw(db, db.get_one(Site, offered.site))
    path = addresses(site_admin.opens(f"/admin/places/{offered.site}/photos").text)[0]
    assert anybody.get(path).status_code == 404
    answer = site_admin.opens(path)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "", "写真のファイルを選んでください"),
        (b"<svg onload=alert(1)>", "door.jpg", "写真として読み取れませんでした"),
        (jpeg()[:500], "door.jpg", "写真として読み取れませんでした"),
        (b"\0" * (pictures.MAX_BYTES + 1), "door.jpg", "写真が大きすぎます"),
    ],
    ids=["none", "svg", "half", "large"],
)
def test_what_is_no_photo_is_told_beside_its_field(
    site_admin: Person, host_town: Town, content: bytes, name: str, words: str
) -> None:
    answer = sends(site_admin, offer(host_town).site, content, name)
    assert answer.status_code == 400
    assert words in plain(answer)
    assert 'value="北側の通用口"' in answer.text


def test_who_forgot_the_words_is_told_to_choose_the_file_again(site_admin: Person, host_town: Town) -> None:
    answer = sends(site_admin, offer(host_town).site, jpeg(), alt="")
    assert answer.status_code == 400
    assert "ファイルは保存していません" in plain(answer)


def test_a_photo_needs_words(site_admin: Person, host_town: Town) -> None:
    answer = sends(site_admin, offer(host_town).site, jpeg(), alt="")
    assert (answer.status_code, "写真の説明：入力してください。" in plain(answer)) == (400, True)


def test_more_than_is_read_is_refused_before_it_is_read(site_admin: Person, host_town: Town) -> None:
    assert sends(site_admin, offer(host_town).site, b"\0" * (pictures.MAX_BYTES + 200_000)).status_code == 413


def test_one_photo_too_many_is_told(site_admin: Person, host_town: Town) -> None:
    desk = offer(host_town).desks[0]
    assert [sends(site_admin, desk, jpeg()).status_code for _ in range(4)] == [303] * 4
    answer = sends(site_admin, desk, jpeg())
    assert (answer.status_code, "写真は4枚までです" in plain(answer)) == (400, True)


def test_a_photo_is_described_put_first_and_deleted(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    for alt in ("一枚目", "二枚目"):
        sends(site_admin, offered.site, jpeg(), alt=alt)
    album = f"/admin/places/{offered.site}/photos"
    second = re.findall(r"/admin/photos/([0-9a-f-]{36})\"", site_admin.opens(album).text)[-1]
    site_admin.sends(f"/admin/photos/{second}/first", seen(site_admin, album))
    listed = site_admin.reads(album)
    assert listed.index("二枚目") < listed.index("一枚目")
    site_admin.sends(f"/admin/photos/{second}", {**WORDS, "alt": "正面玄関"})
    assert "正面玄関" in site_admin.reads(album)
    site_admin.sends(f"/admin/photos/{second}/delete")
    assert "正面玄関" not in site_admin.reads(album)


def test_photos_are_put_in_order_as_they_were_seen_alone(site_admin: Person, host_town: Town) -> None:
    album = f"/admin/places/{offer(host_town).site}/photos"
    for name in ("一", "二", "三"):
        sends(site_admin, album.split("/")[3], jpeg(), alt=name)
    third = re.findall(r"/admin/photos/([0-9a-f-]{36})\"", site_admin.opens(album).text)[-1]
    before = seen(site_admin, album)
    site_admin.sends(f"/admin/photos/{third}/first", before)
    answer = site_admin.sends(f"/admin/photos/{third}/earlier", before)
    assert "ほかの担当者がすでに変更していました" in site_admin.reads(answer.headers["Location"])
    assert re.findall('alt="(.)"', site_admin.opens(album).text) == ["三", "一", "二"]


def test_photos_are_put_in_order_and_every_deed_is_written_down(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    album = f"/admin/places/{offered.site}/photos"
    for name in ("一", "二", "三"):
        sends(site_admin, offered.site, jpeg(), alt=name)
    third = re.findall(r"/admin/photos/([0-9a-f-]{36})\"", site_admin.opens(album).text)[-1]
    site_admin.sends(f"/admin/photos/{third}/earlier", seen(site_admin, album))
    with host_town.storage.transaction() as db:
        place = db.get_one(Site, offered.site)
        assert [photo.alt for photo in photos.of(db, place)] == ["一", "三", "二"]
        events = db.scalars(select(AuditEntry.event).where(AuditEntry.event.startswith("photo-"))).all()
        assert events == ["photo-added"] * 3 + ["photo-moved"]


def test_a_photos_words_are_words_and_no_markup(site_admin: Person, host_town: Town, anybody: FlaskClient) -> None:
    offered = offer(host_town)
    sends(site_admin, offered.site, jpeg(), alt='"><script>alert(1)</script>')
    assert "<script>alert" not in anybody.get(f"/sites/{offered.site}").text


def test_nobody_else_adds_photos(host_town: Town, anybody: FlaskClient) -> None:
    place = offer(host_town).site
    answer = anybody.post(f"/admin/places/{place}/photos", data={"photo": (io.BytesIO(jpeg()), "a.jpg")})
    assert answer.status_code in {302, 303, 400, 401, 403}
    assert "/photos/" not in anybody.get(f"/sites/{place}").text
