"""The OpenAPI 3.1 document of a party's API, made from the message models themselves, so that it cannot drift from them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic.json_schema import models_json_schema

from federation.messages.base import Message
from federation.messages.problem import Problem

_REFERENCE = "#/components/schemas/{model}"


@dataclass(frozen=True)
class Operation:
    """One thing that may be asked: ``path`` as in OpenAPI (``/api/v1/bookings/{uuid}``), a sentence, and its messages.

    ``scope`` is that of the node token (RFC 9068) the caller shows; empty means that no token is asked for.
    ``query`` names the query's parameters and says what each is.
    """

    method: Literal["get", "put", "post", "patch", "delete"]
    path: str
    says: str
    scope: str = ""
    takes: type[Message] | None = None
    answers: type[Message] | None = None
    status: int = 200
    query: Mapping[str, str] | None = None

    @property
    def name(self) -> str:
        """The operationId: method and path in one word."""
        words = [part.strip("{}").replace("-", "_") for part in self.path.split("/") if part not in {"", "api", "v1"}]
        return "_".join([self.method, *words])


def document(*, title: str, server: str, operations: Iterable[Operation]) -> dict[str, Any]:
    """Return the document for a party whose entity id is ``server``."""
    asked = tuple(operations)
    paths: dict[str, dict[str, Any]] = {}
    for operation in asked:
        paths.setdefault(operation.path, {})[operation.method] = _described(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1", "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "servers": [{"url": server}],
        "paths": paths,
        "components": {"schemas": _schemas(asked), "securitySchemes": {"node": _node_token(server, asked)}},
    }


def _described(operation: Operation) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": operation.says}
    if operation.answers is not None:
        answer["content"] = _content(operation.answers)
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.says,
        "security": [{"node": [operation.scope]}] if operation.scope else [],
        "responses": {
            str(operation.status): answer,
            "4XX": {"description": "A problem", "content": _content(Problem, "application/problem+json")},
        },
    }
    if parameters := _parameters(operation):
        described["parameters"] = parameters
    if operation.takes is not None:
        described["requestBody"] = {"required": True, "content": _content(operation.takes)}
    return described


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    in_path = [part.strip("{}") for part in operation.path.split("/") if part.startswith("{")]
    steps = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in in_path]
    asked = [
        {"name": name, "in": "query", "required": False, "description": says, "schema": {"type": "string"}}
        for name, says in (operation.query or {}).items()
    ]
    return steps + asked


def _content(model: type[Message], media_type: str = "application/json") -> dict[str, Any]:
    return {media_type: {"schema": {"$ref": _REFERENCE.format(model=model.__name__)}}}


def _schemas(operations: Iterable[Operation]) -> dict[str, Any]:
    """The JSON Schemas of every message named, as they are read; what they contain comes along."""
    models = {model for each in operations for model in (each.takes, each.answers) if model is not None} | {Problem}
    ordered = sorted(models, key=lambda model: model.__name__)
    _, found = models_json_schema([(model, "validation") for model in ordered], ref_template=_REFERENCE)
    schemas: dict[str, Any] = found["$defs"]
    return schemas


def _node_token(server: str, operations: Iterable[Operation]) -> dict[str, Any]:
    scopes = sorted({each.scope for each in operations if each.scope})
    flow = {"tokenUrl": f"{server}/oauth/token", "scopes": {scope: f"Scope {scope}" for scope in scopes}}
    said = "client_credentials with private_key_jwt, bound by DPoP (RFC 9449)"
    return {"type": "oauth2", "description": said, "flows": {"clientCredentials": flow}}
