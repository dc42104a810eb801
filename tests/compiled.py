"""What is compiled once serves every test of a worker.

Each test opens databases and an application of its own, and SQLAlchemy and Werkzeug keep what they compile with those:
statements and rules of addresses are the same for each, and were a third of what the tests cost.
"""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

_statements: LRUCache[Any, Any] = LRUCache(5000)
_builders: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}


def pytest_configure(config: pytest.Config) -> None:
    """Begin to share; no test changes what its database or its addresses are compiled to."""
    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    patch.setattr(Engine, "__init__", _sharing(Engine.__init__))
    patch.setattr(Rule, "_compile_builder", _remembering(Rule._compile_builder))
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        # The dialect is part of a statement's key. All of one kind are made alike here.
        patch.setattr(dialect, "__hash__", lambda self: hash(type(self)))
        patch.setattr(dialect, "__eq__", lambda self, other: type(self) is type(other))


def _sharing(original: Callable[..., None]) -> Callable[..., None]:
    def init(engine: Engine, *args: Any, **options: Any) -> None:
        original(engine, *args, **options)
        engine._compiled_cache = _statements

    return init


def _remembering(original: Callable[..., Callable[..., tuple[str, str]]]) -> Callable[..., Any]:
    def compile_builder(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (rule.rule, rule.merge_slashes, rule.subdomain, rule.host, repr(rule.defaults), append_unknown)
        if key not in _builders:
            _builders[key] = original(rule, append_unknown)
        return _builders[key]

    return compile_builder
