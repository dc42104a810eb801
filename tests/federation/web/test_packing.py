"""What is sent compressed, and to whom."""

import gzip

import brotli
import pytest
from flask.testing import FlaskClient

from federation.web.assets import build, manifest

OURS = {"Accept-Encoding": "gzip, br", "Sec-Fetch-Site": "same-origin"}
PAGE = "/nowhere"


@pytest.fixture(autouse=True, scope="module")
def _built() -> None:
    build.build()


def test_a_page_of_ours_is_packed(client: FlaskClient) -> None:
    answer, plain = client.get(PAGE, headers=OURS), client.get(PAGE)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.data) == plain.data
    assert int(answer.headers["Content-Length"]) == len(answer.data) < len(plain.data) / 2


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept-Encoding": "gzip"},
        {"Accept-Encoding": "gzip", "Sec-Fetch-Site": "cross-site"},
        {"Accept-Encoding": "gzip", "Sec-Fetch-Site": "same-site"},
        {"Accept-Encoding": "gzip;q=0", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-origin"},
    ],
)
def test_a_page_another_site_asked_for_tells_nothing_by_its_length(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    answer = client.get(PAGE, headers=headers)
    assert "Content-Encoding" not in answer.headers
    assert {"Accept-Encoding", "Sec-Fetch-Site"} <= {each.strip() for each in answer.headers["Vary"].split(",")}


def test_what_programs_read_stays_as_it_is(client: FlaskClient) -> None:
    answer = client.put("/api/desk", headers=OURS)
    assert answer.mimetype == "application/problem+json"
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize(("accepted", "coding"), [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("identity", None)])
def test_a_style_sheet_comes_as_the_client_takes_it(client: FlaskClient, accepted: str, coding: str | None) -> None:
    name = manifest.load()["app.css"]
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[coding]
    with client.get(f"/static/{name}", headers={"Accept-Encoding": accepted}) as answer:
        assert answer.headers.get("Content-Encoding") == coding
        assert unpack(answer.data) == (manifest.STATIC / name).read_bytes()
        assert answer.mimetype == "text/css"
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert "immutable" in answer.headers["Cache-Control"]


def test_a_font_is_not_packed_twice(client: FlaskClient) -> None:
    with client.get(f"/static/{manifest.load()['own-400.woff2']}", headers=OURS) as answer:
        assert "Content-Encoding" not in answer.headers
        assert "immutable" in answer.headers["Cache-Control"]
