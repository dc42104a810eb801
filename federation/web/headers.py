"""The headers every answer carries, and the size a request may have."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import Response, current_app, request
from werkzeug.wrappers import Response as AnyResponse

P = ParamSpec("P")
R = TypeVar("R")

_ALWAYS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_TWO_YEARS = 63_072_000


def content_security_policy(form_action: tuple[str, ...] = ()) -> str:
    """Return the policy (CSP 3): nothing inline, nothing from elsewhere, and nobody may frame a page.

    ``form_action`` names further origins to which a form's answer may redirect, since browsers check those too.
    """
    return "; ".join(
        (
            "default-src 'self'",
            "base-uri 'none'",
            " ".join(("form-action", "'self'", *form_action)),
            "frame-ancestors 'none'",
            "object-src 'none'",
        )
    )


def secure(response: Response) -> Response:
    """Add the headers, leaving alone what a view has set itself.

    Answers are not stored (RFC 9111, 5.2.2.5) unless the view says otherwise: most bear a person's data.
    """
    config = current_app.config
    response.headers.setdefault("Content-Security-Policy", config["CONTENT_SECURITY_POLICY"])
    response.headers.setdefault("Cache-Control", "no-store")
    for name, value in _ALWAYS.items():
        response.headers.setdefault(name, value)
    if config["SESSION_COOKIE_SECURE"]:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={_TWO_YEARS}")
    return response


def may_locate(response: AnyResponse) -> AnyResponse:
    """Let the page's own scripts ask where the device is; the browser asks its user each time (Permissions Policy)."""
    return _allowing(response, "geolocation")


def may_film(response: AnyResponse) -> AnyResponse:
    """Let the page's own scripts use the camera; the browser asks its user (Permissions Policy)."""
    return _allowing(response, "camera")


def _allowing(response: AnyResponse, what: str) -> AnyResponse:
    allowed = _ALWAYS["Permissions-Policy"].replace(f"{what}=()", f"{what}=(self)")
    response.headers["Permissions-Policy"] = allowed
    return response


def cleared(response: AnyResponse) -> AnyResponse:
    """Have the browser drop what it keeps of this origin (Clear-Site-Data), for an answer that ends a session.

    Cookies are left out: they would go for the whole registrable domain, which a town shares with its other services.
    """
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def accepts_up_to(limit: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a view as reading bodies of up to ``limit`` bytes, where the usual 64 KiB are too few (an imported file)."""

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        view.body_limit = limit  # type: ignore[attr-defined]  # A mark on the view.
        return view

    return mark


def limit_body() -> None:
    """Apply the requested view's own limit, before anything reads the body."""
    limit = getattr(current_app.view_functions.get(request.endpoint or ""), "body_limit", None)
    if limit is not None:
        request.max_content_length = limit
        request.max_form_memory_size = limit
