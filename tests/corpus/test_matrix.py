"""J12 whole: every kind of token in place of every other, at each door (RFC 8725, 3.11 and 3.12).

Each is tried as dangerously as can be: signed by the very key the door trusts, about the same parties, in time.
"""

import pytest

from tests.corpus.cases import case
from tests.corpus.doors import DOORS, Door
from tests.corpus.draft import Draft
from tests.corpus.siege import Siege
from tests.federation.forgery import ACCEPTED, KINDS

pytestmark = pytest.mark.peer
PROOF = "PROOF"
OTHERS = [*KINDS, PROOF]


def foreign(door: Door, name: str) -> Draft:
    """Return a genuine token of another kind, with all it shares with the door's own in the right place."""
    own = door.draft()
    if name == PROOF:
        return door.siege.proof("POST", f"{door.target.origin}/oauth/token", key=own.key)
    # Two kinds of one typ differ in whom they are about, so that is left as the other kind has it.
    told = {"sub", "scope"} if KINDS[name].typ == own.head["typ"] else set()
    shared = {claim: own.claims[claim] for claim in own.claims.keys() - told if claim in ACCEPTED[name]}
    times = {claim: value for claim, value in _times(own).items() if claim in ACCEPTED[name]}
    return Draft(_head(own, KINDS[name].typ), {**ACCEPTED[name], **times, **shared}, own.key)


def relabelled(door: Door, name: str) -> Draft | None:
    """Return the door's own token under another kind's typ; None where two kinds have one typ, or need none."""
    own, typ = door.draft(), "dpop+jwt" if name == PROOF else KINDS[name].typ
    return None if typ == own.head["typ"] else own.headed(typ=typ)


def _head(own: Draft, typ: str) -> dict[str, str]:
    return {"alg": "ES256", "kid": own.key.kid, "typ": typ}


def _times(own: Draft) -> dict[str, int]:
    issued = int(own.claims["iat"])
    return {"iat": issued, "exp": issued + 50, "auth_time": issued - 60}


@case("J12")
@pytest.mark.parametrize("name", DOORS)
def test_no_kind_of_token_passes_for_another(siege: Siege, name: str) -> None:
    door = DOORS[name](siege)
    others = [kind for kind in OTHERS if kind != door.kind]
    drafts = [foreign(door, kind) for kind in others] + [relabelled(door, kind) for kind in others]
    tokens = [draft.text() for draft in drafts if draft is not None]
    assert len(tokens) > 2 * len(KINDS) - 4
    with door.target.unmoved(lines=None):
        for token in tokens:
            door.refuses(token)
    door.welcomes()
