"""Words of another town, or of an administrator, as HTML: a small, safe part of Markdown (CommonMark 0.31).

No raw HTML, no pictures, no code blocks, no link definitions (a short text could repeat one long address a thousand times),
and links to nothing but web pages, mail addresses and telephone numbers.
"""

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

MOST = 4000
"""So many characters are read, as many as ``federation.messages.base.Text`` has."""
_LEADS = re.compile(r"(https?://[^/]|mailto:|tel:)", re.IGNORECASE)
_POINT = re.compile(r"^([ \u3000]{0,3})[・●○■□◆◇][ \u3000]*(?=[^\s・])", re.MULTILINE)
"""How lists are typed in Japanese offices, whose writers do not know that Markdown wants another sign; a new line is one too."""
_OFF = ("image", "html_block", "html_inline", "reference", "code", "fence")


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "maxNesting": 20, "breaks": True}).disable(_OFF)
    # markdown-it-py asks this hook about every link; its types call it a method, its documentation a place for one's own.
    reader.validateLink = lambda url: _LEADS.match(url.strip()) is not None  # type: ignore[method-assign]
    return reader


_READER = _reader()


def render(text: str, *, top: int = 3) -> Markup:
    """Return Markdown as HTML whose first heading is an ``h{top}`` and whose headings skip no level, whatever the text does."""
    tokens = _READER.parse(_POINT.sub(r"\1- ", text[:MOST]))
    _demote(tokens, top)
    for token in tokens:
        if token.children:
            token.children = _without_empty_links(token.children)
    for token in (each for one in tokens for each in (one, *(one.children or ()))):
        if token.type == "link_open":
            token.attrSet("rel", "noreferrer")
        elif token.type in {"bullet_list_open", "ordered_list_open"}:
            token.attrSet("class", "dads-list")
            if token.type == "ordered_list_open":
                token.attrSet("data-ordered", "")
        elif token.type == "heading_open":
            token.attrSet("class", "dads-heading")
            token.attrSet("data-size", "18")
    return Markup(_READER.renderer.render(tokens, _READER.options, {}))  # noqa: S704 - the renderer escapes all text.


def _without_empty_links(tokens: Sequence[Token]) -> list[Token]:
    """Leave the words of links that lead nowhere: ``[words]()`` passes the reader without its hook being heard.

    Links do not nest, so the next close belongs to the open before it.
    """
    kept: list[Token] = []
    nowhere = False
    for token in tokens:
        if token.type == "link_open":
            nowhere = not token.attrGet("href")
        if not (nowhere and token.type in {"link_open", "link_close"}):
            kept.append(token)
    return kept


def _demote(tokens: Sequence[Token], top: int) -> None:
    """Give each heading the level at which it stands among those before it, counted from ``top``."""
    above: list[str] = []
    level = ""
    for token in tokens:
        if token.type == "heading_open":
            while above and above[-1] >= token.tag:
                above.pop()
            above.append(token.tag)
            level = f"h{min(6, top - 1 + len(above))}"
        if token.type in {"heading_open", "heading_close"}:
            token.tag = level
