"""The token that proves a form was ours (synchronizer token pattern), for every page that changes something."""

import hmac
import secrets

from flask import request, session
from markupsafe import Markup

from federation.errors import FormExpired
from federation.web.audience import Kind, asked_of

FIELD = "form_token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def token() -> str:
    """Return this session's form token, made on first use; 256 bits."""
    if FIELD not in session:
        session[FIELD] = secrets.token_urlsafe(32)
    return str(session[FIELD])


def token_field() -> Markup:
    """Return the hidden field every form with ``method="post"`` contains: ``{{ form_token() }}``."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, token())


def renew() -> None:
    """Forget the token. Called with the rest of the session when a person signs in or out."""
    session.pop(FIELD, None)


def check() -> None:
    """Let a changing request to a page through only with this session's token; raises ``FormExpired``.

    Programs are exempt: their blueprints take bearer tokens, which no browser adds by itself.
    """
    asked = asked_of()
    if request.method in _SAFE or asked is None or asked.kind is Kind.API:
        return
    given = request.form.get(FIELD) or request.headers.get("X-Form-Token", "")
    expected = str(session.get(FIELD, ""))
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        raise FormExpired("form token absent" if not given else "form token of another session")
