"""The day's list on paper by itself: a computer is let in, waits, prints, says so and waits again."""

from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe, hall
from tests.browser.conftest import Opener
from tests.browser.hall import Hall

pytestmark = pytest.mark.browser
PRINTER = """() => {
  window.print = () => {
    sessionStorage.setItem("printed", String(1 + Number(sessionStorage.getItem("printed"))));
    dispatchEvent(new Event("afterprint"));
  };
}"""


@pytest.fixture(name="hall")
def made(tmp_path: Path) -> Hall:
    return hall.made(tmp_path)


def paper(page: Page) -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True, format="A4"))


def test_a_computer_beside_a_printer_prints_the_list_by_itself(hall: Hall, arrives: Opener) -> None:
    person = arrives(hall.config.entity_id)
    page = person.page
    with hall.open():
        person.goes_to("/admin/printers")
        person.signs_in(hall.admin)
        person.goes_to("/admin/printers")
        assert not [*axe.overflow(page), *axe.violations(page)]
        page.get_by_label("端末の置き場所").fill("1階 守衛室")
        # Due or not is the server's word, by its clock; here it always is, once.
        page.route("**/printing/state", lambda route: route.fulfill(json={"due": True}), times=1)
        page.add_init_script(f"({PRINTER})()")
        page.get_by_role("button", name="この端末を登録").click()
        page.wait_for_url("**/printing/list")
        page.wait_for_url("**/printing")
        expect(page.get_by_role("status")).to_contain_text("次の印刷を待っています", timeout=30_000)
        assert page.evaluate("sessionStorage.getItem('printed')") == "1"
        assert not [*axe.overflow(page), *axe.violations(page)]
        page.set_viewport_size({"width": 320, "height": 640})
        assert not axe.overflow(page)
    expect(page.get_by_role("status")).to_contain_text("サーバーに接続できません", timeout=30_000)


def test_a_browser_that_says_nothing_leaves_no_names_on_the_screen(hall: Hall, arrives: Opener) -> None:
    person = arrives(hall.config.entity_id)
    page = person.page
    page.clock.install()
    with hall.open():
        person.goes_to("/admin/printers")
        person.signs_in(hall.admin)
        person.goes_to("/admin/printers")
        page.add_init_script("window.print = () => sessionStorage.setItem('printed', '1')")
        page.route("**/printing/state", lambda route: route.fulfill(json={"due": True}), times=1)
        page.get_by_label("端末の置き場所").fill("1階 守衛室")
        page.get_by_role("button", name="この端末を登録").click()
        page.wait_for_url("**/printing/list")
        page.wait_for_function("sessionStorage.getItem('printed')")
        page.clock.fast_forward(61_000)
        page.wait_for_url("**/printing")


def test_the_list_is_one_sheet_in_large_type(hall: Hall, arrives: Opener) -> None:
    person = arrives(hall.config.entity_id)
    page = person.page
    with hall.open():
        person.goes_to("/reception/list")
        person.signs_in(hall.guard)
        person.goes_to("/reception/list")
        printed = paper(page)
    assert len(printed) == 1
    assert printed[0].get_width() > printed[0].get_height()
    words = printed[0].get_textpage().get_text_bounded()
    assert all(code in words for code in ("ABC-234", "DEF-567", "GHJ-890"))
