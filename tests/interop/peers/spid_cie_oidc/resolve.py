"""A foreign party that resolves a town's trust chain by itself: spid-cie-oidc, fetching from running programs.

Prints what it made of it as JSON: whether the chain holds, who stands in it, the marks it verified and the metadata.
"""

import json
import sys

from django.conf import settings

settings.configure(HTTP_CLIENT_SYNC=True)

from spid_cie_oidc.entity.statements import EntityConfiguration, get_entity_configurations  # noqa: E402 - Django first.
from spid_cie_oidc.entity.trust_chain import TrustChainBuilder  # noqa: E402

entity_id, anchor, thumbprint, mark = sys.argv[1:]
options = {"timeout": 10}
own = EntityConfiguration(get_entity_configurations(anchor, options)[0], httpc_params=options)
if own.header["kid"] != thumbprint:
    sys.exit("the anchor signs with another key than the one pinned")
builder = TrustChainBuilder(
    subject=entity_id, trust_anchor=own, httpc_params=options, required_trust_marks=[mark] if mark else []
)
builder.start()
print(
    json.dumps(
        {
            "valid": builder.is_valid,
            "path": [entity.sub for entity in builder.trust_path],
            "marks": [verified.id for verified in builder.verified_trust_marks],
            "metadata": builder.final_metadata,
        }
    )
)
