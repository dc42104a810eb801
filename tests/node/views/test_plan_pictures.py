"""配置図の画像: laid under a room's seats, seen by those who are signed in, and never by others."""

import io
import re

from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from node.app import app_of
from node.models.sites import Desk
from node.town import Town
from tests.node.host.test_pictures import encoded
from tests.node.host.test_planpictures import pdf
from tests.node.views.conftest import Person, plain
from tests.node.views.desks import Offered, offer
from tests.node.views.test_admin_plans import filled, path_of, put


def lay(person: Person, offered: Offered, content: bytes, page: str = "", **seen: str) -> TestResponse:
    path = f"{path_of(offered)}/picture"
    hidden = {name: value for name, value in filled(person, path).items() if name in {"form_token", "digest"}}
    data = MultiDict({**hidden, **seen, "page": page, "picture": FileStorage(io.BytesIO(content), "a.bin")})
    kind, body = _multipart(data)
    return person.client.post(path, data=body, content_type=kind)


def _multipart(data: MultiDict[str, object]) -> tuple[str, bytes]:
    boundary, body = encode_multipart(data)
    return f"multipart/form-data; boundary={boundary}", body


def address(person: Person, offered: Offered) -> str:
    found = re.search(r'href="(/rooms/[^"]+/plan/[0-9a-f]{64})"', person.opens(path_of(offered)).text)
    return found[1] if found else ""


def test_a_drawing_lies_under_the_seats_and_moves_none(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    path, first = path_of(offered), offered.desks[0]
    site_admin.sends(path, filled(site_admin, path) | put(first, "16", "1"), shown_on=path)
    assert lay(site_admin, offered, pdf((595, 842), (842, 595)), "2").status_code == 303
    shown = site_admin.opens(path).text
    assert 'data-columns="96" data-rows="68"' in shown
    assert 'data-column="94" data-row="4"' in shown
    with host_town.storage.transaction() as db:
        desk = db.get(Desk, first)
        assert desk is not None
        assert (desk.plan_x, desk.plan_y) == (15.5 / 16, 0.5 / 10)


def test_a_drawing_is_for_those_who_are_signed_in(site_admin: Person, host_town: Town) -> None:
    offered, anybody = offer(host_town), app_of(host_town).test_client()
    lay(site_admin, offered, encoded())
    path = address(site_admin, offered)
    answer = site_admin.opens(path)
    assert (answer.status_code, answer.mimetype, answer.headers["Cache-Control"]) == (
        200,
        "image/webp",
        "private, max-age=86400, immutable",
    )
    assert site_admin.client.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert anybody.get(path).status_code in {302, 303, 401}
    assert anybody.post(f"{path_of(offered)}/picture").status_code in {302, 303, 401, 403}


def test_numbers_typed_for_another_drawing_are_not_saved(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    path, first = path_of(offered), offered.desks[0]
    form = filled(site_admin, path) | put(first, "5", "5")
    lay(site_admin, offered, encoded())
    answer = site_admin.sends(path, form, shown_on=path)
    assert (answer.status_code, "ほかの担当者が先に" in plain(answer)) == (409, True)
    with host_town.storage.transaction() as db:
        desk = db.get(Desk, first)
        assert desk is not None
        assert desk.plan_x is None


def test_what_is_no_drawing_is_told_beside_its_field(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    answers = [
        lay(site_admin, offered, *sent) for sent in ((b"",), (b"GIF89a",), (pdf((9, 9)), "2"), (pdf((9, 9)), "x"))
    ]
    assert [answer.status_code for answer in answers] == [400] * 4
    words = ("ファイルを選んでください", "配置図として読み取れません", "1ページまで", "整数で入力")
    assert all(each in plain(answer) for each, answer in zip(words, answers, strict=True))
    assert address(site_admin, offered) == ""


def test_nobody_replaces_a_drawing_they_have_not_seen(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    lay(site_admin, offered, encoded())
    before = address(site_admin, offered)
    answer = lay(site_admin, offered, encoded((900, 900)), digest="")
    assert (answer.status_code, "ほかの担当者がすでに変更" in plain(answer)) == (409, True)
    assert address(site_admin, offered) == before


def test_a_drawing_is_taken_away_unless_there_is_another_by_now(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    form = f"{path_of(offered)}/picture"
    lay(site_admin, offered, encoded())
    seen = filled(site_admin, form)["digest"]
    lay(site_admin, offered, encoded((900, 900)))
    site_admin.sends(f"{form}/delete", {"digest": seen}, shown_on=form)
    assert address(site_admin, offered) != ""
    site_admin.sends(f"{form}/delete", {"digest": filled(site_admin, form)["digest"]}, shown_on=form)
    assert address(site_admin, offered) == ""
