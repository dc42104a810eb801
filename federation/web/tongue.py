"""The language of a request: the switch (``?lang=``), then the cookie it left, then the browser's wish, then Japanese."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from urllib.parse import urlencode

from flask import Response, current_app, g, request
from jinja2 import pass_context
from markupsafe import Markup, escape

from federation import language
from federation.language import Locale

_ONE_YEAR = 365 * 24 * 60 * 60


def current() -> Locale:
    """Return the locale of the present request."""
    if "locale" not in g:
        g.locale = _chosen()
    locale: Locale = g.locale
    return locale


def _chosen() -> Locale:
    asked = language.recognise(request.args.get("lang", ""))
    kept = language.recognise(request.cookies.get(_cookie(), ""))
    return asked or kept or language.negotiate(request.accept_languages.values())


def _cookie() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-lang"


def remember(response: Response) -> Response:
    """Keep a choice made with ``?lang=`` for a year, and say which language the answer is in."""
    if response.mimetype == "text/html":
        response.headers.setdefault("Content-Language", current())
        response.vary.update(("Accept-Language", "Cookie"))
        if language.recognise(request.args.get("lang", "")):
            secure = current_app.config["SESSION_COOKIE_SECURE"]
            response.set_cookie(_cookie(), current(), max_age=_ONE_YEAR, secure=secure, httponly=True, samesite="Lax")
    return response


def switched(locale: Locale) -> str:
    """Return the present page's address in ``locale``; the address is relative, so no Host header gets into it.

    What answered a form at an address that only takes forms leads to the nearest page above it.
    """
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return f"{_page_to_open()}?{urlencode([*kept, ('lang', locale)])}"


def _page_to_open() -> str:
    """Return nothing where the present address answers a GET, or else the path above it that does."""
    adapter = current_app.create_url_adapter(request) if request.method == "POST" else None
    path = request.path
    if adapter is None or not adapter.test(path, "POST"):
        return ""
    while path and not adapter.test(path, "GET"):
        path = path.rpartition("/")[0]
    return "" if path == request.path else path or "/"


def words(sentence: str, /, **facts: object) -> Markup:
    """Return a sentence in the reader's language, safe for a page: facts are escaped unless they are ``Markup``."""
    text = _escaped(sentence, current())
    # A page says several hundred sentences, and most of them of nothing in particular.
    return text % language.Facts(facts) if facts or "%" in text else text


@lru_cache(maxsize=8192)
def _escaped(sentence: str, locale: Locale) -> Markup:
    return escape(language.lookup(sentence, locale))


def say(sentence: str, /, **facts: object) -> str:
    """Return a sentence in the reader's language as plain text, for views that flash, mail or log it."""
    return language.translate(sentence, current(), **facts)


_DASHES = ("〜", "–")
"""What stands between the two ends of a period, in Japanese and in English."""


def _dated(write: Callable[[date, Locale], str]) -> Callable[[date], str]:
    def filtered(when: date) -> str:
        return write(_civil(when), current())

    return filtered


def _civil(when: date) -> date:
    """Read an aware time as the day it is in the town; a plain date stays."""
    return when.astimezone(zone()).date() if isinstance(when, datetime) else when


def zone() -> tzinfo:
    """Return the town's own zone, used where a page names no site."""
    own: tzinfo = current_app.config["ZONE"]
    return own


def filters() -> Mapping[str, Callable[..., object]]:
    """Return the template filters: ``{{ booking.start|clock }}``, ``{{ day|day }}``; all times in the town's zone unless given."""
    ours: Mapping[str, Callable[..., object]] = {
        "day": _dated(language.day),
        "short_day": _dated(language.short_day),
        "month": _dated(language.month),
        "printed_day": lambda when: language.printed_day(_civil(when)),
        "clock": lambda when, at=None: language.clock(when, at or zone()),
        "moment": lambda when, at=None: _unbroken(language.moment(when, at or zone(), current())),
        "number": language.number,
        "yen": lambda value: language.yen(value, current()),
        "duration": lambda span: language.duration(_span(span), current()),
        "size": language.size,
    }
    return {name: _each_time(written) for name, written in ours.items()}


def _each_time(written: Callable[..., object]) -> Callable[..., object]:
    """Have a filter run for every reader: what Jinja may work out beforehand keeps the language of whoever read it first."""
    return pass_context(lambda _context, *given: written(*given))


def _span(span: timedelta | float) -> timedelta:
    return span if isinstance(span, timedelta) else timedelta(minutes=span)


def between(start: datetime, end: datetime, at: tzinfo | None = None) -> Markup:
    """Return [start, end) as words: ``{{ between(booking.start, booking.end) }}``. A narrow page breaks only before the times."""
    return _unbroken(language.period(start, end, at or zone(), current()))


def _unbroken(text: str) -> Markup:
    """Let a day with its times break between the two alone; what begins on one day and ends on another, also in its middle."""
    for dash in _DASHES:
        start, found, end = text.partition(dash)
        if found and " " in end:
            return _unbroken(start) + dash + _unbroken(end)
    day, _, times = text.rpartition(" ")
    return Markup('<span class="dads-nowrap">{}</span> <span class="dads-nowrap">{}</span>').format(day, times)
