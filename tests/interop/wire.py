"""A home's node as the host sees it on the wire: plain HTTP requests, so that every status is seen as it was sent."""

import json
import secrets
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import requests

from federation.messages.base import written
from federation.tokens import sign_dpop_proof
from node.people import assurance
from tests.nonce import nonce_of
from tests.story.intruders import Caller


def subject() -> str:
    """Return a person whom the host has never seen."""
    return secrets.token_urlsafe(24)


class Wire(Caller):
    """The true home, asking by hand."""

    def token_of(self, sub: str) -> str:
        """Vouch for a person and return the token the host gives for that."""
        answer = self.ask(self.grant(sub=sub, acr=assurance.ONE_FACTOR))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def put(self, booking: str, token: str, body: Mapping[str, Any]) -> requests.Response:
        """Ask for a booking with a person's token."""
        url = f"{self.host}/api/v1/bookings/{booking}"
        now, nonce = self.clock(), nonce_of(self.host)
        proof = sign_dpop_proof(self.dpop, method="PUT", url=url, now=now, access_token=token, nonce=nonce)
        headers = {"Authorization": f"DPoP {token}", "DPoP": proof, "Content-Type": "application/json"}
        return requests.put(url, data=json.dumps(body), headers=headers, timeout=60)

    def body(self, desk: str, sub: str, start: datetime) -> dict[str, Any]:
        """Return the body of a PUT for one person and one hour."""
        end = start + timedelta(hours=1)
        place = {"desk": desk, "start": written(start), "end": written(end), "sub": sub}
        until = written(self.clock() + timedelta(minutes=5))
        return {"places": [place], "visitors": [{"sub": sub, "name": "山本 由美"}], "not_after": until}


def new_id() -> str:
    """Return the UUID of a booking that nobody has asked for yet."""
    return str(uuid.uuid4())
