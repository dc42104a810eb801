"""利用の経過 as 施設担当者 get it: as a page and as a PDF, each look logged, and words where none can be made."""

import pypdfium2
import pytest
from sqlalchemy import func, select

from federation.audit import AuditEntry
from federation.web.assets import manifest
from node.town import Town
from node.views.privacy.papers import PDFS_A_MINUTE
from tests.node.views.conftest import Person
from tests.node.views.desks import books, offer


@pytest.fixture
def paper(host_town: Town) -> str:
    """The address of the paper of one visit."""
    return f"/admin/papers/{books(host_town, offer(host_town)).id}"


def looks(town: Town) -> int:
    with town.storage.transaction() as db:
        counted = select(func.count()).select_from(AuditEntry).where(AuditEntry.event == "paper.viewed")
        return db.scalar(counted) or 0


def test_the_link_on_the_page_downloads_a_pdf(site_admin: Person, host_town: Town, paper: str) -> None:
    assert f'href="{paper}/paper.pdf"' in site_admin.opens(paper).text
    answer = site_admin.opens(f"{paper}/paper.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="visit-{paper[-36:]}.pdf"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert looks(host_town) == 2


def test_page_and_pdf_say_what_it_rests_on(site_admin: Person, paper: str) -> None:
    page = site_admin.reads(paper)
    read = pypdfium2.PdfDocument(site_admin.opens(f"{paper}/paper.pdf").data)[0].get_textpage().get_text_range()
    for words in ("相互利用協定 3デジ第12号 第1版", "予約確定", "埼玉県に照会できませんでした"):
        assert words in page
        assert words in read


def test_the_pdf_is_in_the_readers_language(site_admin: Person, paper: str) -> None:
    data = site_admin.opens(f"{paper}/paper.pdf?lang=en").data
    assert "The host's verdict" in pypdfium2.PdfDocument(data)[0].get_textpage().get_text_range()


def test_without_the_font_the_page_says_so_and_nothing_is_logged(
    site_admin: Person, host_town: Town, paper: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifest, "print_font", lambda: None)
    answer = site_admin.opens(f"{paper}/paper.pdf")
    assert answer.status_code == 503
    assert "PDFに使う書体がこのサーバーに用意されていないため" in answer.text
    assert looks(host_town) == 0


def test_nobody_has_pdfs_made_without_end(site_admin: Person, paper: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("node.views.privacy.papers._printed", lambda _paper: b"%PDF-")
    answers = [site_admin.opens(f"{paper}/paper.pdf").status_code for _ in range(PDFS_A_MINUTE + 1)]
    assert answers == [200] * PDFS_A_MINUTE + [429]


def test_a_visit_that_is_none_has_no_pdf(site_admin: Person, paper: str) -> None:
    for none in ("/admin/papers/5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0009/paper.pdf", f"{paper}x/paper.pdf"):
        assert site_admin.opens(none).status_code == 404
