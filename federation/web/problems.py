"""From what went wrong to HTTP: a page for people, problem details (RFC 9457) for programs."""

import logging
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Response, current_app, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from federation import language
from federation.envelope import legible
from federation.errors import (
    BadInput,
    Forbidden,
    InternalError,
    MethodNotAllowed,
    NotFound,
    NotSignedIn,
    TachiyoriError,
    TooLarge,
    Unavailable,
)
from federation.messages.problem import TYPES, Problem
from federation.web.audience import Kind, asked_of
from federation.web.tongue import current
from federation.wording import phrase

MEDIA_TYPE = "application/problem+json"
_log = logging.getLogger(__name__)
_OF_HTTP: dict[int, type[TachiyoriError]] = {
    400: BadInput,
    401: NotSignedIn,
    403: Forbidden,
    404: NotFound,
    405: MethodNotAllowed,
    413: TooLarge,
    503: Unavailable,
}
_HEADINGS = {
    400: phrase("入力内容をご確認ください"),
    401: phrase("サインインが必要です"),
    403: phrase("この操作は許可されていません"),
    404: phrase("見つかりませんでした"),
    409: phrase("受け付けられませんでした"),
    410: phrase("すでに終了しています"),
    413: phrase("送信された内容が大きすぎます"),
    429: phrase("しばらくお待ちください"),
    502: phrase("相手団体に接続できません"),
    503: phrase("ただいまご利用いただけません"),
}


def problem(error: TachiyoriError) -> Problem:
    """Return the problem details: the type ends in the error's code, the sentence stands in both languages.

    ``detail`` of the error is for the log and is not in it. Reasons and alternatives go along where there are any.
    """
    said = {
        # A fact may be what the caller sent.
        locale: legible(language.translate(error.words, locale, **error.facts), longest=300)
        for locale in language.LOCALES
    }
    return Problem.model_validate(
        {
            "type": TYPES + error.code,
            "title": said["en"],
            "status": error.status,
            "ja": said["ja"],
            "en": said["en"],
            "field": legible(error.field or "", longest=300),
            "reasons": tuple(error.reasons),
            "alternatives": tuple(error.alternatives),
        }
    )


def answer(error: Exception) -> AnyResponse:
    """Turn whatever was raised into an answer; registered for every exception."""
    if isinstance(error, HTTPException) and (error.code or 500) < 400:
        return error.get_response()
    known = _known(error)
    _note(known, error)
    if not _for_people():
        return _headed(_details(known), known, error)
    if isinstance(known, NotSignedIn) and request.method == "GET" and current_app.config["SIGN_IN"]:
        here = request.full_path.rstrip("?")
        return redirect(url_for(current_app.config["SIGN_IN"], next=here), HTTPStatus.SEE_OTHER)
    return _headed(page(known), known, error)


def _known(error: Exception) -> TachiyoriError:
    """Name the error in our own words."""
    if isinstance(error, TachiyoriError):
        return error
    if isinstance(error, RequestEntityTooLarge):
        return TooLarge(facts={"limit": language.size(request.max_content_length or 0)})
    if isinstance(error, HTTPException):
        return _OF_HTTP.get(error.code or 500, InternalError if (error.code or 500) >= 500 else BadInput)(str(error))
    return InternalError(type(error).__name__)


def _note(known: TachiyoriError, error: Exception) -> None:
    """Log it: our own faults with their trace, others' mistakes in one line without personal data."""
    where = request.url_rule.rule if request.url_rule else "no route"
    if isinstance(known, InternalError):
        _log.error("%s %s failed", request.method, where, exc_info=error)
    else:
        _log.info("%s %s: %s %s (%s)", request.method, where, known.status, known.code, known.detail)


def _for_people() -> bool:
    asked = asked_of()
    if asked is not None:
        return asked.kind is Kind.PAGES
    return request.accept_mimetypes.accept_html and not request.path.startswith("/.well-known/")


def _details(error: TachiyoriError) -> Response:
    return current_app.response_class(problem(error).text(), mimetype=MEDIA_TYPE)


def page(error: TachiyoriError) -> Response:
    """Return the page that says what happened and what to do next."""
    return make_response(render_template("error.html", error=error, reasons=error.reasons, sign_in=_sign_in(error)))


def _sign_in(error: TachiyoriError) -> str:
    """Return where to sign in again and come back to the form whose sending this was; empty where that does not help."""
    if not isinstance(error, NotSignedIn) or not current_app.config["SIGN_IN"]:
        return ""
    form = urlsplit(request.referrer or "")
    here = f"{form.path}?{form.query}" if form.netloc == request.host else "/"
    return url_for(current_app.config["SIGN_IN"], next=here.rstrip("?"))


def heading(status: int) -> str:
    """Return the heading of an error page: what kind of thing happened, in three or four words."""
    return _HEADINGS.get(
        status, phrase("システムの不具合が起きました") if status >= 500 else phrase("処理できませんでした")
    )


def _headed(response: Response, known: TachiyoriError, error: Exception) -> Response:
    response.status_code = known.status
    if known.retry_after is not None:
        response.headers["Retry-After"] = str(known.retry_after)
    if (known.challenge or known.status == HTTPStatus.UNAUTHORIZED) and response.mimetype == MEDIA_TYPE:
        response.headers.setdefault("WWW-Authenticate", ", ".join(filter(None, ('DPoP algs="ES256"', known.challenge))))
    if known.status == HTTPStatus.METHOD_NOT_ALLOWED and isinstance(error, HTTPException):
        response.headers.update(dict(error.get_headers()) | {"Content-Type": response.content_type})
    if response.mimetype == MEDIA_TYPE:
        response.headers["Content-Language"] = "ja"
    else:
        response.headers["Content-Language"] = current()
    return response
