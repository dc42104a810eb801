"""What anybody may read of this node as a party of the federation (OpenID Federation 1.1, 8 and 9)."""

from flask import Blueprint, Response

from federation.entity import CONFIGURATION, HISTORY, RESOLVE
from federation.web import signed
from node import entity, marks
from node.views import town

blueprint = Blueprint("trust", __name__)


@blueprint.get(CONFIGURATION)
def configuration() -> Response:
    """Give out what this town says of itself, signed at most once a minute so that asking keeps no key busy."""
    here, now = town(), town().clock()

    def sign() -> str:
        return entity.configuration(here.config, here.keys, now, marks.carried(here.config, here.members, now))

    # A rotation shows at once: peers that meet the new key ask here.
    keys = (*here.keys.federation.public(), *here.keys.protocol.public())
    token = signed.kept(("configuration", keys), now, sign)
    return signed.answer(token, signed.STATEMENT, seconds=60)


@blueprint.get(HISTORY)
def history() -> Response:
    """Give out this town's federation keys of former times (8.7)."""
    return signed.history(town().config.entity_id, town().keys.federation, town().clock())


@blueprint.get(RESOLVE)
def resolve() -> Response:
    """Resolve the metadata of any member, as this town knows it (8.3)."""
    return signed.resolve(town().config.entity_id, town().keys.federation, town().members, town().clock())
