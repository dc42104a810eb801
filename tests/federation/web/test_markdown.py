"""Markdown from anybody: safe whatever is written, quick whatever is written."""

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.web.markdown import MOST, render

ALLOWED = {
    "p": set(), "br": set(), "hr": set(), "em": set(), "strong": set(), "code": set(), "blockquote": set(), "li": set(),
    "ul": {"class"}, "ol": {"class", "data-ordered", "start"}, "a": {"href", "rel", "title"},
    **{f"h{level}": {"class", "data-size"} for level in range(3, 7)},
}  # fmt: skip
PIECES = [
    "<script>", "</script>", "<img src=x onerror=alert(1)>", "javascript:", "JaVaScRiPt&colon;", "data:text/html,", "[a](", ")",
    "![a](", "<", ">", '"', "'", "`", "*", "_", "[a]: ", "\n", "\n\n", "    ", "- ", "1. ", "> ", "#", "## ", "&#x6a;", "\\",
    "https://a.example/", "\t", "\x00", "onload=", "」", "a", "<https://a.example>", "<javascript:alert(1)>", "vbscript:", "//a",
]  # fmt: skip


class Seen(HTMLParser):
    """Notes every element with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


def seen(text: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Seen()
    parser.feed(render(text))
    return parser.elements


@given(st.one_of(st.text(max_size=400), st.lists(st.sampled_from(PIECES), max_size=60).map("".join)))
def test_nothing_but_plain_elements_ever_comes_out(text: str) -> None:
    for tag, attributes in seen(text):
        assert tag in ALLOWED
        assert set(attributes) <= ALLOWED[tag]
        if tag == "a":
            assert re.match(r"(https?://|mailto:|tel:)", attributes["href"] or "", re.IGNORECASE)
            assert attributes["rel"] == "noreferrer"


@given(st.lists(st.tuples(st.integers(1, 6), st.sampled_from(["a", "- b", "> c"])), max_size=20))
def test_headings_begin_below_the_page_and_skip_no_level(lines: list[tuple[int, str]]) -> None:
    text = "\n\n".join(f"{'#' * level} {words}" for level, words in lines)
    levels = [int(tag[1]) for tag, _ in seen(text) if re.fullmatch(r"h\d", tag)]
    assert all(3 <= level <= 6 for level in levels)
    assert all(after <= before + 1 for before, after in zip([2, *levels], levels, strict=False))


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        "&#106;avascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "/me",
    ],
)
def test_links_lead_to_pages_mail_and_telephones_alone(link: str) -> None:
    assert [tag for tag, _ in seen(f"[押す]({link}) <{link}>")] == ["p"]


def test_what_a_town_writes_is_shown() -> None:
    html = render("# 注意\n\n- **通話**は[ブース](https://a.example/b)で\n\n1. 施錠\n\n[電話](tel:+81312345678)")
    assert '<h3 class="dads-heading" data-size="18">注意</h3>' in html
    assert '<a href="https://a.example/b" rel="noreferrer">ブース</a>' in html
    assert '<a href="tel:+81312345678" rel="noreferrer">電話</a>' in html
    assert "<strong>通話</strong>" in html


def test_a_list_may_be_typed_as_offices_do_and_a_new_line_is_one() -> None:
    assert re.findall("<li>(.*?)</li>", render("注意\n・静かに。\n●　17時に施錠・消灯\n\n・・・")) == [
        "静かに。",
        "17時に施錠・消灯",
    ]
    assert render("一行目\n二行目") == "<p>一行目<br />\n二行目</p>\n"


@pytest.mark.parametrize(
    "piece", ["[", "![", "*", "**a", "> ", "- ", "`", "<", "[a](", "_a ", "\\", "&", "(((", "[a][", "1. ", "#"]
)
def test_no_text_takes_long_or_grows(piece: str) -> None:
    began = time.perf_counter()
    html = render(piece * 100_000)
    assert len(html) < 100 * MOST
    assert time.perf_counter() - began < 5


def test_a_link_that_leads_nowhere_is_its_words() -> None:
    assert render("[窓口]()と[]()") == "<p>窓口と</p>\n"
