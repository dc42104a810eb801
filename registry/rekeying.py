"""Putting the registry's changed keys into force: all it says is signed anew, and its members are told."""

from federation import audit
from registry.bureau import Bureau
from registry.membership import standing, statements


def publish(bureau: Bureau, what: str, *, by: str) -> None:
    """Sign the configuration and the status list anew, then every statement of a former key; log that the keys changed.

    The serving processes see the new configuration and ping every member.
    """
    seal = bureau.seal
    with bureau.storage.transaction(write=True) as db:
        now = bureau.clock()
        audit.record(db, event="keys", actor=by, subject=seal.entity_id, verdict="allowed", reason=what, now=now)
        statements.sign_own(db, seal, now)
        standing.sign_status_list(db, seal, now)
    with bureau.storage.transaction() as db:
        due = statements.due(db, seal, bureau.clock())
    for member_id in due:
        with bureau.storage.transaction(write=True) as db:
            statements.sign_again(db, seal, member_id, bureau.clock())
