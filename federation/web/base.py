"""Putting together what every application of the federation answers with: cookies, headers, errors, language, static files."""

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, send_from_directory, url_for
from jinja2 import StrictUndefined

from federation import language
from federation.web import forms, headers, packing, problems, tongue
from federation.web.assets import manifest
from federation.web.audience import Audience, AudiencedFlask, Guard, Kind, admit, register
from federation.web.compiled import Compiled

_BODY_LIMIT = 64 * 1024
_A_YEAR = 365 * 24 * 60 * 60
_compiled = Compiled()
"""Shared, since every application of this process has the settings below: one that serves several towns compiles once."""


@dataclass(frozen=True)
class WebSettings:
    """What the pages of one party need to know about it; the caller makes it from its own configuration."""

    origin: str
    """The entity id, ``https://node.city.example.lg.jp``; decides about Secure cookies and HSTS, never the Host header."""
    name: str
    """The town's name in the header, in Japanese."""
    secret: str = field(repr=False)
    """Signs session cookies; at least 32 characters, different for every town."""
    name_en: str = ""
    former_secrets: tuple[str, ...] = field(default=(), repr=False)
    zone: tzinfo = field(default_factory=lambda: ZoneInfo("Asia/Tokyo"))
    session_life: timedelta = timedelta(hours=10)
    sign_in: str = ""
    """Endpoint a browser is sent to when a page needs a person; it gets the wished page as ``next``."""
    form_action: tuple[str, ...] = ()
    """Origins to which the answer to a form may redirect, such as the town's own identity provider."""

    def __post_init__(self) -> None:
        """Refuse what would be unsafe: a short secret."""
        if len(self.secret) < 32:
            raise ValueError("the session secret needs at least 32 characters")

    @property
    def secure(self) -> bool:
        """Whether browsers reach this party by https."""
        return self.origin.startswith("https://")

    @property
    def cookie_name(self) -> str:
        """A name no other town's cookie has: browsers tell hosts apart but not ports, and one host may serve many towns."""
        distinct = hashlib.sha256(self.origin.encode()).hexdigest()[:8]
        return f"{'__Host-' if self.secure else ''}tachiyori-{distinct}"


def create_base_app(
    name: str, settings: WebSettings, *, guards: Mapping[Audience, Guard] | None = None
) -> AudiencedFlask:
    """Return an application named like the package whose ``templates`` folder it uses, with no pages of its own but /healthz.

    ``guards`` holds one check for each audience the application knows; blueprints are added with
    ``federation.web.audience.register``.
    """
    app = AudiencedFlask(name, guards or {})
    app.config.update(_configuration(settings))
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.bytecode_cache = _compiled
    app.jinja_env.filters.update(tongue.filters())
    app.jinja_env.globals.update(_names(settings))
    for before in (headers.limit_body, admit, forms.check):
        app.before_request(before)
    # The last that is named comes first.
    app.after_request(packing.pack)
    app.after_request(tongue.remember)
    app.after_request(headers.secure)
    app.register_error_handler(Exception, problems.answer)
    register(app, _common(), audience=Audience.PUBLIC)
    return app


def _configuration(settings: WebSettings) -> dict[str, object]:
    return {
        "SECRET_KEY": settings.secret,
        "SECRET_KEY_FALLBACKS": list(settings.former_secrets),
        "SESSION_COOKIE_NAME": settings.cookie_name,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.secure,
        "SESSION_COOKIE_PATH": "/",
        "PERMANENT_SESSION_LIFETIME": settings.session_life,
        "MAX_CONTENT_LENGTH": _BODY_LIMIT,
        "PREFERRED_URL_SCHEME": "https" if settings.secure else "http",
        "CONTENT_SECURITY_POLICY": headers.content_security_policy(settings.form_action),
        "SIGN_IN": settings.sign_in,
        "ZONE": settings.zone,
        "BUILT": (built := manifest.load()),
        "PACKED": manifest.packed(built),
    }


def _names(settings: WebSettings) -> dict[str, object]:
    """Return what every template may use."""
    return {
        "_": tongue.words,
        "asset": asset,
        "between": tongue.between,
        "form_token": forms.token_field,
        "locale": tongue.current,
        "locales": language.NAMES,
        "switched": tongue.switched,
        "town": settings,
        "town_name": lambda: town_name(settings),
        "error_heading": lambda status: tongue.words(problems.heading(status)),
    }


def town_name(settings: WebSettings) -> str:
    """Return the town's name in the reader's language; one without an English name keeps its own."""
    return settings.name_en if tongue.current() == "en" and settings.name_en else settings.name


def asset(name: str) -> str:
    """Return the address of a built file by its plain name: ``{{ asset("app.css") }}``."""
    return url_for("common.static", name=current_app.config["BUILT"].get(name, name))


def _common() -> Blueprint:
    """Return what everybody may fetch; it also carries the shared templates."""
    blueprint = Blueprint("common", __name__, template_folder=str(Path(__file__).parent / "templates"))
    blueprint.add_url_rule("/healthz", "health", health)
    blueprint.add_url_rule("/static/<path:name>", "static", static)
    return blueprint


def health() -> Response:
    """Say that the process answers; it asks nothing of the database, which has its own signs of life."""
    return current_app.response_class("ok\n", mimetype="text/plain")


def static(name: str) -> Response:
    """Send a built file, packed as the client takes it; its name has its content's hash, so browsers may keep it for good.

    RFC 8246.
    """
    if name not in current_app.config["PACKED"]:
        return _kept(send_from_directory(manifest.STATIC, name, max_age=_A_YEAR), name)
    coding = packing.coding()
    ending = packing.STATIC[coding] if coding else ""
    response = send_from_directory(
        manifest.STATIC, name + ending, mimetype=mimetypes.guess_type(name)[0], max_age=_A_YEAR
    )
    if coding:
        response.headers["Content-Encoding"] = coding
    response.vary.add("Accept-Encoding")
    return _kept(response, name)


def _kept(response: Response, name: str) -> Response:
    if name in current_app.config["BUILT"].values():
        response.headers["Cache-Control"] = f"public, max-age={_A_YEAR}, immutable"
    return response


__all__ = ["Audience", "AudiencedFlask", "Kind", "WebSettings", "asset", "create_base_app", "register"]
