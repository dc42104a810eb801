"""協定書のPDF: a real one is kept, given out as a file to those it is for, and anything else is refused."""

import io
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from federation.audit import AuditEntry
from node.app import app_of
from node.host import documents
from node.models.agreements import Agreement, AgreementDocument
from node.town import Town
from tests.node.views.conftest import Person, plain
from tests.node.views.desks import offer


def pdf(marked: str = "") -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (200, 280), "#ffffff").save(written, "PDF", title=marked or "協定書")
    return written.getvalue()


def page_of(town: Town) -> str:
    offer(town)
    with town.storage.transaction() as db:
        return f"/admin/agreements/{db.scalars(select(Agreement)).one().id}"


def sent(person: Person, page: str, content: bytes, name: str = "協定書.pdf") -> int:
    return sends(person, page, content, name).status_code


def sends(person: Person, page: str, content: bytes, name: str) -> TestResponse:
    form: Any = {"document": (io.BytesIO(content), name), "seen": "nothing"}
    return person.sends(f"{page}/document", form)


def test_a_real_pdf_is_kept_and_comes_back_as_a_file(site_admin: Person, host_town: Town) -> None:
    page, content = page_of(host_town), pdf()
    assert sent(site_admin, page, content, "../../協定書\u202e.pdf") == 303
    answer = site_admin.opens(f"{page}/document")
    assert answer.data == content
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "協定書.pdf" in site_admin.reads(f"{page}/record")
    with host_town.storage.transaction() as db:
        row = db.scalars(select(AgreementDocument)).one()
        lines = db.scalars(select(AuditEntry.reason).where(AuditEntry.event == "agreement-document")).all()
    assert (row.file_name, lines) == ("協定書.pdf", [row.digest, "taken"])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "PDFのファイルを選んでください"),
        (b"<html><script>alert(1)</script>", "PDFとして開けませんでした"),
        (b"%PDF-1.7\nnothing", "PDFとして開けませんでした"),
        (b"%PDF-1.7\n" + b" " * 100_000, "ファイルが大きすぎます"),
    ],
)
def test_what_is_no_pdf_is_refused_and_the_one_before_stays(
    site_admin: Person, host_town: Town, content: bytes, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "MAX_BYTES", 100_000)
    page, kept = page_of(host_town), pdf()
    sent(site_admin, page, kept)
    answer = sends(site_admin, page, content, "x.pdf")
    assert (answer.status_code, words in plain(answer)) == (400, True)
    assert site_admin.opens(f"{page}/document").data == kept


def test_who_has_not_signed_in_gets_nothing(site_admin: Person, host_town: Town) -> None:
    page = page_of(host_town)
    sent(site_admin, page, pdf())
    answer = app_of(host_town).test_client().get(f"{page}/document")
    assert answer.status_code in {302, 303}
    assert answer.data[:5] != b"%PDF-"


def test_without_one_there_is_nothing_to_take(site_admin: Person, host_town: Town) -> None:
    assert site_admin.opens(f"{page_of(host_town)}/document").status_code == 404
