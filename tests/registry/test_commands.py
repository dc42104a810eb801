"""What the operator types."""

import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from registry.commands import main

Run = Callable[..., tuple[int, str]]
TOWNS = (
    "code,name_ja,name_kana,name_en,pref,lat,lon,kind\n132195,狛江市,こまえし,Komae City,東京都,35.635,139.579,city\n"
)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Type a command; returns the exit status and everything printed."""
    for name in ("REGISTRY_DATABASE", "REGISTRY_NAME", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    monkeypatch.setenv("REGISTRY_ENTITY_ID", "http://localhost:8000")
    monkeypatch.setenv("REGISTRY_DATA", str(tmp_path / "data"))

    def typed(*words: str, given: str = "") -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["tachiyori-registry", *words])
        monkeypatch.setattr(sys, "stdin", io.StringIO(given))
        with pytest.raises(SystemExit) as end:
            main()
        told = capsys.readouterr()
        return int(end.value.code or 0), told.out + told.err

    return typed


@pytest.fixture
def ready(run: Run, tmp_path: Path) -> Run:
    (tmp_path / "towns.csv").write_text(TOWNS)
    assert run("migrate")[0] == 0
    assert run("import-municipalities", str(tmp_path / "towns.csv")) == (0, "1団体を取り込みました。\n")
    return run


@pytest.mark.parametrize("command", [
    (), ("serve",), ("worker",), ("migrate",), ("keys",), ("invite",), ("admit",), ("suspend",), ("lift",), ("members",),
    ("import-stations",), ("operator",), ("operator", "add"), ("replace",), ("keys", "rotate"), ("keys", "compromise"),
    ("keys", "recover"),
])  # fmt: skip
def test_every_command_explains_itself_in_both_languages(run: Run, command: tuple[str, ...]) -> None:
    japanese, english = run("--lang", "ja", *command, "--help"), run("--lang", "en", *command, "--help")
    assert (japanese[0], english[0]) == (0, 0)
    assert "使い方" in japanese[1]
    assert not any("ぁ" <= letter <= "ん" for letter in english[1])


def test_an_invitation_names_both_thumbprints(ready: Run) -> None:
    status, told = ready("invite", "１３２１９５")
    assert status == 0
    assert "狛江市" in told
    assert len([line for line in told.splitlines() if "指紋" in line]) == 2


def test_a_wrong_code_says_which_may_be_meant(ready: Run) -> None:
    status, told = ready("invite", "132190")
    assert (status, "132195" in told) == (2, True)


def test_a_body_in_no_list_needs_its_name(ready: Run) -> None:
    assert ready("invite", "130001")[0] == 2
    assert ready("invite", "130001", "--name", "東京都", "--quiet")[0] == 0


def test_nothing_is_served_from_a_database_of_another_version(run: Run) -> None:
    assert run("serve")[0] == 2


def test_a_missing_setting_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REGISTRY_DATA")
    status, told = run("members")
    assert (status, "REGISTRY_DATA" in told) == (2, True)


@pytest.mark.parametrize(
    "wrong", ["ftp://a.example", "http://a.example", "https://a.example/", "https://a.example/x", "a"]
)
def test_an_entity_id_is_an_origin(run: Run, monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("REGISTRY_ENTITY_ID", wrong)
    assert run("members")[0] == 2


def test_an_operator_is_added_with_a_long_password(ready: Run) -> None:
    assert ready("operator", "add", "alice", "--password-file", "-", given="short")[0] == 2
    assert ready("operator", "add", "alice", "--password-file", "-", given="long enough it is")[0] == 0
    assert ready("operator", "end", "alice")[0] == 0
    assert ready("operator", "end", "nobody")[0] == 2


def test_the_recovery_key_is_asked_to_be_moved(ready: Run, tmp_path: Path) -> None:
    assert "recovery.pem" in ready("keys", "show")[1]
    os.replace(tmp_path / "data/keys/recovery.pem", tmp_path / "safe.pem")
    before = ready("keys", "show")[1]
    assert "recovery.pem" not in before
    assert ready("keys", "recover", "--key", str(tmp_path / "safe.pem"))[0] == 0
    assert ready("keys", "show")[1] != before
    assert ready("keys", "rotate", "protocol")[0] == 0


def test_nobody_waits_and_nobody_is_suspended_yet(ready: Run) -> None:
    assert ready("admit") == (0, "")
    assert ready("members") == (0, "")
    assert ready("admit", "132195")[0] == 2
    assert ready("suspend", "132195", "--reason", "x")[0] == 2
    assert ready("lift", "132195", "--reason", "x")[0] == 2


def test_a_file_that_is_not_there_is_said(ready: Run) -> None:
    status, told = ready("import-stations", "/nowhere/stations.csv")
    assert (status, "/nowhere/stations.csv" in told) == (2, True)


def test_the_log_is_verified_and_exported(ready: Run) -> None:
    ready("invite", "132195")
    status, lines = ready("audit", "export")
    first, last = (json.loads(line) for line in (lines.splitlines()[0], lines.splitlines()[-1]))
    assert (status, first["number"]) == (0, 1)
    assert ready("audit", "verify", "--head", last["head"])[0] == 0
