"""The API's description says what there is."""

import re

from node.views.description import OPERATIONS
from tests.node.views.partner.conftest import Api

_WRITTEN = re.compile(r"<(?:\w+:)?(\w+)>")


def test_every_route_for_other_towns_is_described(api: Api) -> None:
    ours = ("/api/v1/", "/feeds/")
    routes = {
        (method.lower(), _WRITTEN.sub("{}", rule.rule))
        for rule in api.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(ours)
    }
    assert routes == {(one.method, re.sub(r"{\w+}", "{}", one.path)) for one in OPERATIONS}


def test_anyone_may_read_it(api: Api) -> None:
    api.calls(None)
    told = api.client.get("/api/openapi.json").json
    assert told is not None
    assert told["openapi"] == "3.1.0"
    assert told["servers"] == [{"url": "https://node.tokyo.example"}]
    assert "BookingRequest" in told["components"]["schemas"]
