"""A form's fields: what is wrong is said, and goes no further."""

import pytest
from werkzeug.datastructures import MultiDict

from node.views.filled import Filled


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let sentences be themselves where no page is asked for."""
    monkeypatch.setattr("node.views.filled.say", lambda words, **facts: words % facts)


@pytest.mark.parametrize(
    ("typed", "read"), [("x" * 60_000, "x" * 300), ("A\0B", "AB"), ("\u202eA", "A"), (" A\nB ", "AB")]
)
def test_words_that_are_refused_are_not_handed_on(said: None, typed: str, read: str) -> None:
    filled = Filled(MultiDict({"note": typed}))
    assert filled.text("note", longest=300) == read
    assert (list(filled.errors), filled.typed("note")) == (["note"], typed)


def test_lines_are_kept_where_they_may_be(said: None) -> None:
    filled = Filled(MultiDict({"note": "A\r\n\tB"}))
    assert (filled.text("note", longest=300, lines=True), filled.errors) == ("A\r\n\tB", {})
