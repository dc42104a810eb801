"""A template is compiled once for all applications of a process, and again when its source has changed."""

from types import CodeType

import pytest
from jinja2 import DictLoader, Environment

from federation.web.compiled import Compiled


def shown(sources: dict[str, str], compiled: Compiled) -> str:
    """The page ``a`` of these sources in an environment of its own."""
    return Environment(loader=DictLoader(sources), bytecode_cache=compiled, autoescape=True).get_template("a").render()


def test_a_second_environment_does_not_compile_again(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = Compiled()
    assert shown({"a": "one"}, compiled) == "one"

    def again(*_: object) -> CodeType:
        raise AssertionError("compiled again")

    monkeypatch.setattr(Environment, "compile", again)
    assert shown({"a": "one"}, compiled) == "one"


def test_a_changed_source_is_compiled_anew() -> None:
    compiled = Compiled()
    assert [shown({"a": "one"}, compiled), shown({"a": "two"}, compiled)] == ["one", "two"]
