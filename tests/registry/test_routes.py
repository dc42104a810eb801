"""Every route of the registry is for somebody, and answers nobody else."""

import pytest
from flask.testing import FlaskClient

from federation.web.audience import Audience, AudiencedFlask, Kind, declared_for
from tests.registry.towns import json_of

EXPECTED = {
    Audience.NODE: {"/feeds/members", "/feeds/catalogue", "/feeds/emergencies", "/api/v1/search", "/api/v1/search/week",
                    "/api/v1/harvest", "/api/v1/demand"},
    Audience.OPERATOR: {
        "/console", "/console/invite", "/console/demand", "/console/enrolments/<int(max=2147483647):number>",
        "/console/members/<int(max=2147483647):number>", "/console/members/<int(max=2147483647):number>/suspension",
        "/console/members/<int(max=2147483647):number>/suspension/<int(max=2147483647):asked>",
    },
}  # fmt: skip


def test_every_route_is_declared_for_somebody(app: AudiencedFlask) -> None:
    for rule in app.url_map.iter_rules():
        audience = declared_for(app, rule.endpoint).audience
        assert audience in {Audience.PUBLIC, Audience.NODE, Audience.OPERATOR}
        assert (audience is Audience.PUBLIC) == all(rule.rule not in routes for routes in EXPECTED.values())


@pytest.mark.parametrize("path", sorted(EXPECTED[Audience.NODE]))
def test_what_is_for_nodes_answers_programs(app: AudiencedFlask, client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")


def test_every_page_with_a_form_takes_its_token_only(app: AudiencedFlask, client: FlaskClient) -> None:
    for rule in app.url_map.iter_rules():
        declared = declared_for(app, rule.endpoint)
        if "POST" in (rule.methods or ()) and declared.kind is Kind.PAGES and declared.audience is Audience.PUBLIC:
            assert client.post(rule.rule).status_code == 403


def test_the_api_describes_every_route_it_has_and_no_other(app: AudiencedFlask, client: FlaskClient) -> None:
    described = json_of(client.get("/api/openapi.json"))
    routes = {rule.rule for rule in app.url_map.iter_rules()}
    assert set(described["paths"]) <= routes
    assert {path for path in routes if path.startswith(("/api/v1/", "/feeds/"))} <= set(described["paths"])
