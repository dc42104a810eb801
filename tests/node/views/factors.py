"""What people of the tests do with their second factors."""

import html
import re
from dataclasses import replace
from datetime import datetime

import pyotp
from flask import Flask

from node.views import EXTENSION
from tests.node.softkey import SoftKey
from tests.node.views.conftest import OWN, Person


def options_on(page: str) -> str:
    """Return the options a page gives to the browser for a passkey."""
    found = re.search(r'data-options="([^"]+)"', page)
    assert found, page
    return html.unescape(found[1])


def gets_an_app(person: Person, now: datetime) -> pyotp.TOTP:
    """Register an authenticator app, and return it."""
    secret = re.search(r"<dd[^>]*>\s*([A-Z2-7 ]{32,})", person.opens("/me/factors/app").text)
    assert secret
    totp = pyotp.TOTP(secret[1].replace(" ", ""))
    assert person.sends("/me/factors/app", {"code": totp.at(now)}, shown_on="/me/factors").status_code == 303
    return totp


def gets_a_sheet(person: Person) -> list[str]:
    """Have a sheet printed, and return its codes."""
    return re.findall(r">([A-Z2-9]{4}-[A-Z2-9]{4})<", person.sends("/me/factors/sheet").text)


def gets_a_passkey(person: Person, **lies: object) -> SoftKey:
    """Register a passkey, and return it."""
    key = SoftKey(OWN)
    answer = key.create(options_on(person.opens("/me/factors").text), **lies)
    form = {"credential": answer, "name": "机のパソコン"}
    sent = person.sends("/me/factors/passkeys", form, shown_on="/me")
    assert sent.status_code == 303, sent.text
    return key


def demand_of(app: Flask, *roles: str) -> None:
    """Let the town demand a second factor of these roles."""
    town = app.extensions[EXTENSION]
    app.extensions[EXTENSION] = replace(town, config=replace(town.config, second_factor_for=frozenset(roles)))
