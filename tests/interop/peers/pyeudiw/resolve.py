"""A foreign party that judges a town's trust chain: pyeudiw, over statements fetched from running programs.

Its builder reads drafts in which a statement has neither constraints nor extensions; its validator of static chains, which
wallets use, reads ours. Its ``final_metadata`` hands a whole policy to what takes one entity type's, so here that is asked type
by type. Prints whether the chain holds, whose it is, and the metadata, as JSON.
"""

import json
import sys
from urllib.parse import urlencode

from pyeudiw.federation.policy import TrustChainPolicy
from pyeudiw.federation.statements import get_entity_configurations, get_entity_statements
from pyeudiw.federation.trust_chain_validator import StaticTrustChainValidator
from pyeudiw.jwt.utils import decode_jwt_payload

entity_id, anchor, thumbprint = sys.argv[1:]
options = {"connection": {"ssl": False}, "session": {"timeout": 10}}


def text(answers: list[bytes]) -> str:
    """Return the one token that was fetched."""
    (answer,) = answers
    return answer.decode()


own = text(get_entity_configurations(anchor, options, http_async=False))
pinned = [key for key in decode_jwt_payload(own)["jwks"]["keys"] if key["kid"] == thumbprint]
fetch = decode_jwt_payload(own)["metadata"]["federation_entity"]["federation_fetch_endpoint"]
about = text(get_entity_statements(f"{fetch}?{urlencode({'sub': entity_id})}", options, http_async=False))
leaf = text(get_entity_configurations(entity_id, options, http_async=False))
chain = StaticTrustChainValidator([leaf, about], pinned, options)
said, laid_down = decode_jwt_payload(leaf)["metadata"], decode_jwt_payload(about)
policy, pins = laid_down["metadata_policy"], laid_down["metadata"]
metadata = {
    kind: TrustChainPolicy().apply_policy(
        values, {"metadata_policy": policy.get(kind, {}), "metadata": pins.get(kind, {})}
    )
    for kind, values in said.items()
}
print(json.dumps({"valid": chain.is_valid, "entity_id": chain.entity_id, "metadata": metadata}))
