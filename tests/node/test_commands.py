"""What the operator of a node types."""

import io
import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from federation import audit
from node import alarms, yearlists
from node.app import open_town
from node.commands import main
from node.config import from_environment
from node.people import entries, staff
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
    (), ("serve",), ("worker",), ("migrate",), ("join",), ("keys",), ("keys", "show"), ("keys", "rotate"),
    ("keys", "compromise"), ("keys", "enrol"), ("status",), ("acknowledge",), ("town",),
    ("town", "add"), ("town", "list"), ("staff",), ("staff", "add"), ("staff", "import"), ("staff", "unlink"),
    ("staff", "leave"), ("audit",), ("audit", "verify"), ("audit", "export"),
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


def test_a_list_of_a_day_to_come_waits_for_it(run: Run, tmp_path: Path) -> None:
    run("migrate")
    run("staff", "add", "1001", "渡辺 さくら", "--role", "personnel")
    path, town = tmp_path / "staff.csv", open_town(from_environment(os.environ))
    path.write_text("職員番号,氏名\n1001,渡辺 さくら\n1002,山田 隆\n", encoding="utf-8")
    day = (town.clock() + timedelta(days=30)).date().isoformat()
    wanted = ("staff", "import", str(path), "--effective", day, "--apply")
    assert run(*wanted)[0] == 2
    assert run(*wanted, "--by", "1002")[0] == 2
    status, told = run(*wanted, "--by", "1001")
    assert (status, day in told) == (0, True)
    with town.storage.transaction() as db:
        assert [row.effective.isoformat() for row in yearlists.waiting(db)] == [day]
        assert staff.find(db, "1002") is None


def test_a_bad_line_is_named_and_nothing_is_taken_over(run: Run, tmp_path: Path) -> None:
    run("migrate")
    (tmp_path / "staff.csv").write_text("職員番号,氏名\n1001,\n", encoding="utf-8")
    status, told = run("staff", "import", str(tmp_path / "staff.csv"), "--apply")
    assert status == 2
    assert "2行目" in told


def test_the_next_key_is_published_before_it_signs(run: Run) -> None:
    run("migrate")
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


def test_the_log_is_verified_and_exported(run: Run, tmp_path: Path) -> None:
    run("migrate")
    run("staff", "add", "012345", "立寄 太郎")
    town = open_town(from_environment(os.environ))
    with town.storage.transaction(write=True) as db:
        audit.record(db, event="test", actor="a", subject="b", verdict="allowed", now=town.clock())
    status, lines = run("audit", "export")
    head = json.loads(lines.splitlines()[-1])["head"]
    assert (status, run("audit", "verify", "--head", head)[0]) == (0, 0)
    status, told = run("audit", "verify", "--head", "1:" + "0" * 64)
    assert (status, "最初に合わない行：1" in told) == (1, True)


def test_somebody_leaves_only_with_apply(run: Run) -> None:
    run("migrate")
    run("staff", "add", "012345", "立寄 太郎")
    storage = open_town(from_environment(os.environ)).storage
    for words, left in ((), False), (("--apply",), True):
        assert "連絡する受入団体 0" in run("staff", "leave", "012345", *words)[1]
        with storage.transaction() as db:
            found = staff.find(db, "012345")
            assert found is not None
            assert (found.left_on is not None) is left
    assert run("staff", "leave", "999999")[0] == 2


def test_a_person_is_unlinked_from_the_account_they_had_outside(run: Run) -> None:
    run("migrate")
    run("staff", "add", "012345", "立寄 太郎")
    town = open_town(from_environment(os.environ))
    said = entries.Said("https://idp.example", "old", "012345", "立寄 太郎")
    with town.storage.transaction(write=True) as db:
        entries.enter(db, said, link_numbers=True, now=town.clock())
    assert "1件" in run("staff", "unlink", "012345")[1]
    assert "0件" in run("staff", "unlink", "012345")[1]
    with town.storage.transaction(write=True) as db:
        renewed = entries.enter(db, replace(said, subject="new"), link_numbers=True, now=town.clock())
    assert renewed.session_epoch == 3
    assert run("staff", "unlink", "999999")[0] != 0
    town.storage.close()
    town.proofs.close()


def test_an_alarm_is_shown_until_it_is_acknowledged(run: Run) -> None:
    run("migrate")
    town = open_town(from_environment(os.environ))
    with town.storage.transaction(write=True) as db:
        alarms.sound(db, "name", "別市", by="registry", now=town.clock())
    status, told = run("status")
    assert (status, "警報1" in told, "団体名が変わりました。" in told) == (1, True, True)
    assert run("acknowledge", "1", "--by", "1001")[0] == 0
    assert run("acknowledge", "1", "--by", "1001")[0] == 2
    assert run("status")[0] == 0


def test_a_compromised_key_is_replaced_at_once(run: Run) -> None:
    run("migrate")
    before = run("keys", "show")[1]
    status, told = run("keys", "compromise", "protocol")
    assert (status, len(told.split()[-1])) == (0, 43)
    assert told.split()[-1] in run("keys", "show")[1] != before


def test_what_cuts_the_town_off_is_asked_first(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("migrate")
    run("keys", "rotate", "federation")
    before = run("keys", "show")
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert run("keys", "compromise", "federation")[0] == 1
    assert run("keys", "show") == before
    assert run("keys", "compromise", "federation", "--yes")[0] == 0
    assert run("keys", "show") != before


def test_a_length_of_time_is_written_with_its_unit(run: Run) -> None:
    run("migrate")
    assert run("keys", "rotate", "protocol", "--announce", "12h", "--overlap", "3d")[0] == 0
    assert run("keys", "rotate", "protocol", "--announce", "12")[0] == 2
