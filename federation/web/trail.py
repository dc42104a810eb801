"""The trail of acts: whatever a signed-in person changed by a page, or was not allowed to, is one line of the audit log.

Beside the lines of the domain, which say more of what they know, this one is never forgotten: it stands at the door.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from flask import Response, request

from federation import audit
from federation.storage import Storage
from federation.web.audience import Audience, AudiencedFlask, asked_of

_ACTORS = frozenset(
    {
        Audience.STAFF,
        Audience.ADMIN,
        Audience.PERSONNEL,
        Audience.SYSTEM,
        Audience.MANAGER,
        Audience.RECEPTION,
        Audience.OPERATOR,
    }
)

PAGE = "page "
"""Begins the event of such a line; the endpoint follows."""


def leave_trail(
    app: AudiencedFlask, storage: Storage, clock: Callable[[], datetime], who: Callable[[], str | None]
) -> None:
    """Write down the acts of those who sign in to ``app``; ``who`` names the person of the request, None for nobody."""

    @app.after_request
    def note(response: Response) -> Response:
        verdict = _verdict(response.status_code)
        actor = who() if verdict is not None else None
        if verdict is None or actor is None:
            return response
        with storage.transaction(write=True) as db:
            about = " ".join(str(value) for value in (request.view_args or {}).values())
            event = f"{PAGE}{request.endpoint}"
            audit.record(db, event=event, actor=actor, subject=about or actor, verdict=verdict, now=clock())
        return response


def _verdict(status: int) -> Literal["allowed", "refused"] | None:
    """Say what was decided: a change was made, or somebody was kept out. All else decides nothing."""
    asked = asked_of()
    if asked is None or asked.audience not in _ACTORS:
        return None
    if status == 403:
        return "refused"
    return "allowed" if request.method == "POST" and status < 400 else None
