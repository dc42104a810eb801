"""A request of another town's node: whose it is, and its line in the audit log."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy.orm import Session

from federation import audit
from federation.errors import TachiyoriError
from federation.web.bearer import Caller
from node.host.homes import Home
from node.views import town


@contextmanager
def logged(event: str, caller: Caller, uuid: object) -> Iterator[dict[str, str]]:
    """Log what is refused inside, in a transaction of its own; yields the line, for ``deciding`` to log what is allowed.

    The home logs the same UUID, so that both towns' lines can be laid side by side.
    """
    line = {
        "event": event,
        "actor": caller.party.entity_id,
        "subject": str(uuid),
        "jti": str(caller.claims.get("jti", "")),
    }
    try:
        yield line
    except TachiyoriError as error:
        with town().storage.transaction(write=True) as db:
            audit.record(db, **line, verdict="refused", reason=error.code, now=town().clock())
        raise


@contextmanager
def deciding(line: Mapping[str, str]) -> Iterator[Session]:
    """A writing transaction that logs with its outcome that it was allowed."""
    with town().storage.transaction(write=True) as db:
        yield db
        audit.record(db, **line, verdict="allowed", now=town().clock())


def home(caller: Caller) -> Home:
    """Return the home behind a request; its number is this node's own, its code the registry's word."""
    with town().storage.transaction() as db:
        return home_of(db, caller)


def home_of(db: Session, caller: Caller) -> Home:
    member = caller.member
    return Home(town().members.row(db, member.entity_id).id, member.entity_id, member.code)
