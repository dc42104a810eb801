"""Commands that speak the operator's language: help, answers and refusals in Japanese or English.

Commands are written with Japanese words marked by ``phrase``, as everywhere; ``spoken`` makes the tree of commands for
one locale. The words around them (Usage, Options) are click's own and are replaced here.
"""

import copy
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar, NoReturn

import click

from federation import language
from federation.errors import BadInput, NotFound, TachiyoriError
from federation.language import Locale
from federation.wording import phrase

_USAGE, _OPTIONS, _COMMANDS = phrase("使い方"), phrase("オプション"), phrase("コマンド")
_HELP = phrase("この説明を表示します。")
_HEADINGS = {"Usage: ": _USAGE, "Options": _OPTIONS, "Commands": _COMMANDS}
_TYPED = {
    BadInput.words: phrase("指定に誤りがあります。直して、もう一度実行してください。"),
    NotFound.words: phrase("指定されたものが見つかりません。番号や名前を確かめて、もう一度実行してください。"),
}
"""What is said of a page's fields and addresses, said of what was typed at a terminal."""
_log = logging.getLogger(__name__)


class Duration(click.ParamType[timedelta]):
    """A length of time as an operator writes it: 90s, 30m, 12h, 2d."""

    name = "duration"
    _UNITS: ClassVar = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Read the text; fails with a sentence that shows how."""
        if isinstance(value, timedelta):
            return value
        number, unit = str(value)[:-1], str(value)[-1:]
        if not (number.isascii() and number.isdecimal() and len(number) <= 6 and unit in self._UNITS):
            self.fail(f"{value!r}: 90s, 30m, 12h, 2d", param, ctx)
        return timedelta(**{self._UNITS[unit]: int(number)})


def locale_of(arguments: Sequence[str], environ: Mapping[str, str]) -> Locale:
    """Return the language asked for by ``--lang``, or by LC_ALL, LC_MESSAGES or LANG; Japanese if none says."""
    for index, word in enumerate(arguments):
        name, equals, value = word.partition("=")
        if name == "--lang":
            value = value if equals else "".join(arguments[index + 1 : index + 2])
            return language.negotiate([value])
    spoken_here = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    return language.negotiate([spoken_here.partition(".")[0].replace("_", "-")])


def say(words: str, **facts: str | int) -> None:
    """Print a marked sentence in the language of the running command."""
    click.echo(told(words, **facts))


def told(words: str, **facts: str | int) -> str:
    """Return a marked sentence in the language of the running command."""
    return language.translate(words, locale(), **facts)


def locale() -> Locale:
    """Return the language of the running command."""
    context = click.get_current_context(silent=True)
    return context.find_root().meta.get(__name__, "ja") if context else "ja"


def run(commands: click.Group, arguments: Sequence[str], environ: Mapping[str, str]) -> NoReturn:
    """Run the command the arguments name and end the process: 0 done, 1 failed, 2 refused with a sentence why."""
    # Databases, their journals and what is exported hold people's data, wherever the folder for them came from.
    os.umask(0o077)
    speaks = locale_of(arguments, environ)
    tree = spoken(commands, speaks)
    try:
        with tree.make_context(tree.name, list(arguments)) as context:
            context.meta[__name__] = speaks
            tree.invoke(context)
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.Abort:
        sys.exit(1)
    except TachiyoriError as error:
        _refuse(error, speaks)
    sys.exit(0)


def _refuse(error: TachiyoriError, speaks: Locale) -> NoReturn:
    """Say why not; whoever sits at the terminal is the operator, so the detail is theirs to read."""
    click.echo(language.translate(_TYPED.get(error.words, error.words), speaks, **error.facts), err=True)
    if error.detail:
        click.echo(f"  ({error.code}: {error.detail})", err=True)
    # What another try may mend ends with 1, so that a process manager tries again; the rest waits for a person.
    sys.exit(1 if error.status >= 500 else 2)


def spoken(commands: click.Group, speaks: Locale) -> click.Group:
    """Return a copy of the tree of commands whose every word is in one language."""
    tree = copy.deepcopy(commands)
    _translate(tree, speaks)
    return tree


def _translate(command: click.Command, speaks: Locale) -> None:
    command.help = language.translate(command.help, speaks) if command.help else None
    # What click makes itself must be made before it can be translated.
    help_option = command.get_help_option(click.Context(command))
    if help_option is not None:
        help_option.help = _HELP
    for parameter in command.params:
        _translate_parameter(parameter, speaks)
    if help_option is not None and help_option not in command.params:
        _translate_parameter(help_option, speaks)
    command.context_class = _contexts[speaks]
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        _translate(inner, speaks)


def _translate_parameter(parameter: click.Parameter, speaks: Locale) -> None:
    text = getattr(parameter, "help", None)
    if text:
        parameter.help = language.translate(text, speaks)


def _formatter(speaks: Locale) -> type[click.HelpFormatter]:
    class Formatter(click.HelpFormatter):
        """Click's own, with its headings in the operator's language."""

        def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
            super().write_usage(prog, args, prefix or f"{language.translate(_USAGE, speaks)}: ")

        def write_heading(self, heading: str) -> None:
            super().write_heading(language.translate(_HEADINGS.get(heading, heading), speaks))

    return Formatter


def _context(speaks: Locale) -> type[click.Context]:
    class Context(click.Context):
        formatter_class = _formatter(speaks)

    return Context


_contexts: dict[Any, type[click.Context]] = {each: _context(each) for each in language.LOCALES}
