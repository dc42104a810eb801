"""What the operator of a node types."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from node.app import open_town
from node.commands import main
from node.config import from_environment
from node.people import staff
from node.people.signin import sign_in

Run = Callable[..., tuple[int, str]]
PASSWORD = "correct horse battery"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Type a command; returns the exit status and everything printed."""
    for name in os.environ:
        if name.startswith(("NODE_", "LC_")):
            monkeypatch.delenv(name)
    settings = {
        "LANG": "ja_JP.UTF-8",
        "NODE_ENTITY_ID": "http://localhost:8003",
        "NODE_CODE": "132195",
        "NODE_NAME": "狛江市",
        "NODE_REGISTRY": "http://localhost:8000",
        "NODE_DATA": str(tmp_path / "data"),
        "NODE_PASSWORD": PASSWORD,
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    def typed(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["tachiyori-node", *words])
        with pytest.raises(SystemExit) as end:
            main()
        told = capsys.readouterr()
        return int(end.value.code or 0), told.out + told.err

    return typed


@pytest.mark.parametrize("command", [
    (), ("serve",), ("worker",), ("migrate",), ("join",), ("keys",), ("keys", "show"), ("keys", "rotate"), ("town",),
    ("town", "add"), ("town", "list"), ("staff",), ("staff", "add"), ("staff", "import"),
])  # fmt: skip
def test_every_command_explains_itself_in_both_languages(run: Run, command: tuple[str, ...]) -> None:
    japanese, english = run("--lang", "ja", *command, "--help"), run("--lang", "en", *command, "--help")
    assert (japanese[0], english[0]) == (0, 0)
    assert "使い方" in japanese[1]
    assert not any("ぁ" <= letter <= "ん" for letter in english[1]), english[1]


def test_a_missing_setting_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NODE_CODE")
    status, told = run("migrate")
    assert status == 2
    assert "NODE_CODE is not set" in told


def test_nothing_is_served_from_an_old_schema(run: Run) -> None:
    status, told = run("serve")
    assert status == 2
    assert "先に migrate を実行してください" in told


def test_a_person_is_added_and_may_sign_in(run: Run) -> None:
    run("migrate")
    assert run("staff", "add", "1001", "渡辺 さくら", "--role", "staff", "--role", "reception")[0] == 0
    town = open_town(from_environment(os.environ))
    assert sign_in(town.storage, "1001", PASSWORD, secret="s", now=town.clock())
    with town.storage.transaction() as db:
        person = staff.find(db, "1001")
        assert person is not None
        assert person.role_names == {"staff", "reception"}


def test_a_list_is_shown_before_it_is_taken_over(run: Run, tmp_path: Path) -> None:
    run("migrate")
    (tmp_path / "staff.csv").write_text("職員番号,氏名\n1001,渡辺 さくら\n1002,山田 隆\n", encoding="utf-8")
    assert "加わる 2名" in run("staff", "import", str(tmp_path / "staff.csv"))[1]
    assert "加わる 2名" in run("staff", "import", str(tmp_path / "staff.csv"), "--apply")[1]
    assert "そのまま 2名" in run("staff", "import", str(tmp_path / "staff.csv"))[1]


def test_a_bad_line_is_named_and_nothing_is_taken_over(run: Run, tmp_path: Path) -> None:
    run("migrate")
    (tmp_path / "staff.csv").write_text("職員番号,氏名\n1001,\n", encoding="utf-8")
    status, told = run("staff", "import", str(tmp_path / "staff.csv"), "--apply")
    assert status == 2
    assert "2行目" in told


def test_the_next_key_is_published_before_it_signs(run: Run) -> None:
    before = run("keys", "show")[1]
    status, told = run("keys", "rotate", "protocol")
    assert status == 0
    assert len(told.split()[-1]) == 43
    assert run("keys", "show")[1] == before


def test_hosted_towns_are_added_listed_and_chosen(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODE_TOWNS", str(tmp_path / "towns"))
    for code, name, port in (("132195", "狛江市", 8003), ("111007", "さいたま市", 8004)):
        entity_id = f"http://localhost:{port}"
        assert run("town", "add", "--code", code, "--name", name, "--entity-id", entity_id)[0] == 0
    assert run("town", "list")[1].splitlines() == [
        "111007  さいたま市  http://localhost:8004",
        "132195  狛江市  http://localhost:8003",
    ]
    assert run("keys", "show")[0] == 2
    assert run("keys", "show", "--town", "111007")[1] != run("keys", "show", "--town", "132195")[1]


def test_a_registry_that_does_not_answer_is_said_to(run: Run) -> None:
    status, told = run("join", "--invitation", "X", "--anchor", "A" * 43, "--recovery", "B" * 43)
    assert status == 1
    assert "peer-" in told
