"""The API's description: made of the messages, whole, and true to its own references."""

import json

from federation.messages.booking import Booking, BookingRequest
from federation.web.openapi import Operation, document

PUT = Operation("put", "/api/v1/bookings/{uuid}", "Ask for desks", "manage", BookingRequest, Booking, 201)
DOCUMENT = document(title="A node", server="https://node.example", operations=[PUT])


def test_an_operation_says_what_it_takes_and_answers() -> None:
    put = DOCUMENT["paths"]["/api/v1/bookings/{uuid}"]["put"]
    assert put["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/BookingRequest"
    }
    assert put["responses"]["201"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Booking"}
    assert put["parameters"][0] == {"name": "uuid", "in": "path", "required": True, "schema": {"type": "string"}}


def test_every_reference_leads_somewhere() -> None:
    text = json.dumps(DOCUMENT)
    named = {piece.split('"')[0] for piece in text.split("#/components/schemas/")[1:]}
    assert named <= set(DOCUMENT["components"]["schemas"])


def test_the_scope_that_is_needed_is_stated() -> None:
    assert DOCUMENT["paths"]["/api/v1/bookings/{uuid}"]["put"]["security"] == [{"node": ["manage"]}]
    flows = DOCUMENT["components"]["securitySchemes"]["node"]["flows"]
    assert flows["clientCredentials"]["tokenUrl"] == "https://node.example/oauth/token"
