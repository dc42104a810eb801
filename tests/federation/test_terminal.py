"""Commands speak the operator's language, and refuse in a sentence."""

from typing import Any

import click
import pytest

from federation.errors import BadInput, PortTaken
from federation.terminal import locale_of, run, say
from federation.wording import phrase


@click.group(
    "program", help=phrase("この操作を行う権限がありません。必要な場合は、団体の担当者にお問い合わせください。")
)
@click.option("--lang")
def program(lang: str | None) -> None:
    """Hold the commands."""


@program.command("greet")
@click.option("--port", type=int, default=0)
def greet(port: int) -> None:
    """Say something, or refuse."""
    if port == 1:
        raise PortTaken("detail for the operator", facts={"port": port})
    if port == 2:
        raise BadInput
    say(phrase("見つかりませんでした。アドレスを確認するか、最初のページからお探しください。"))


def typed(*words: str, environ: dict[str, str] | None = None) -> int:
    with pytest.raises(SystemExit) as end:
        run(program, words, environ or {})
    return int(end.value.code or 0)


@pytest.mark.parametrize(
    ("words", "environ", "expected"),
    [
        ((), {}, "ja"),
        ((), {"LANG": "en_US.UTF-8"}, "en"),
        ((), {"LANG": "C.UTF-8"}, "ja"),
        ((), {"LANG": "en_US.UTF-8", "LC_ALL": "ja_JP.UTF-8"}, "ja"),
        (("--lang", "en"), {"LANG": "ja_JP.UTF-8"}, "en"),
        (("--lang=en", "greet"), {}, "en"),
        (("greet", "--lang"), {}, "ja"),
    ],
)
def test_the_language_is_the_one_asked_for(words: tuple[str, ...], environ: dict[str, str], expected: str) -> None:
    assert locale_of(words, environ) == expected


def test_an_answer_is_in_the_language(capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("greet") == 0
    assert "見つかりませんでした" in capsys.readouterr().out
    assert typed("--lang", "en", "greet") == 0
    assert "見つかりませんでした" not in capsys.readouterr().out


def test_a_refusal_is_a_sentence_with_its_detail_and_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("greet", "--port", "1") == 2
    told = capsys.readouterr().err
    assert "ポート 1 は" in told
    assert "(port-taken: detail for the operator)" in told
    assert "Traceback" not in told


def test_a_refusal_without_detail_is_the_sentence_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("greet", "--port", "2") == 2
    told = capsys.readouterr().err
    assert len(told.splitlines()) == 1
    assert "もう一度実行してください" in told


@pytest.mark.parametrize("words", [("nowhere",), ("greet", "--port", "x"), ("greet", "--unknown")])
def test_a_mistyped_command_ends_with_two(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert typed(*words) == 2
    assert "Error" in capsys.readouterr().err


def test_help_leaves_the_commands_as_they_were(capsys: pytest.CaptureFixture[str]) -> None:
    before: Any = program.help
    assert typed("--lang", "en", "--help") == 0
    assert program.help == before
    assert "使い方" not in capsys.readouterr().out
