"""Who a blueprint is for, stated where it is registered, and enforced before each of its views.

Openness is a decision too: a blueprint without an audience is refused, and so is an audience nobody can check.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from flask import Blueprint, Flask, current_app, request
from flask.sansio.blueprints import Blueprint as AnyBlueprint

Guard = Callable[[], None]


class Audience(Enum):
    """The people and parties of the product."""

    PUBLIC = "public"
    """Anybody who can reach this server, without sign-in."""
    STAFF = "staff"
    """利用職員: signed in at their own town."""
    ADMIN = "admin"
    """施設担当者 of the host town."""
    PERSONNEL = "personnel"
    """人事担当 of the home town."""
    SYSTEM = "system"
    """情報担当 of the town."""
    MANAGER = "manager"
    """所属長 and those who approve for them."""
    RECEPTION = "reception"
    """受付・守衛 of the host town."""
    PRINTER = "printer"
    """A computer beside a printer, let in by 施設担当者 to print the day's list and nothing else."""
    OPERATOR = "operator"
    """連携基盤の運営者."""
    NODE = "node"
    """Another town's node, by its own token."""
    RELYING = "relying"
    """A town where one of our people signed in, by the token of that sign-in."""
    PERSON = "person"
    """A civil servant of another town, by the token their home asked for."""
    VISITOR = "visitor"
    """The same at this town's own pages, signed in with their home as OpenID Provider."""


class Kind(Enum):
    """How a blueprint speaks: pages to browsers (with form tokens), or problem details to programs."""

    PAGES = "pages"
    API = "api"


@dataclass(frozen=True)
class Declared:
    """What was stated when a blueprint was registered."""

    audience: Audience
    kind: Kind


class Undeclared(RuntimeError):
    """A programmer forgot to say who something is for. Raised while the application is put together, never later."""


class AudiencedFlask(Flask):
    """A Flask application in which everything that answers has been declared for somebody."""

    def __init__(self, import_name: str, guards: Mapping[Audience, Guard]) -> None:
        """Begin with the checks the application has; ``PUBLIC`` needs none."""
        self.declared: dict[str, Declared] = {}
        self.guards: dict[Audience, Guard] = {Audience.PUBLIC: lambda: None, **guards}
        super().__init__(import_name, static_folder=None)

    def register_blueprint(self, blueprint: AnyBlueprint, **options: object) -> None:
        """Refuse a blueprint that did not come through ``register``."""
        if options.get("name", blueprint.name) not in self.declared:
            raise Undeclared(f"{blueprint.name}: say who it is for with federation.web.audience.register")
        super().register_blueprint(blueprint, **options)

    def add_url_rule(self, rule: str, endpoint: str | None = None, *given: object, **options: object) -> None:
        """Refuse a route outside every blueprint, since nothing would say who it is for."""
        if "." not in (endpoint or ""):
            raise Undeclared(f"{rule}: put the view into a blueprint")
        super().add_url_rule(rule, endpoint, *given, **options)  # type: ignore[arg-type]  # Passed on as given.


def register(
    app: AudiencedFlask,
    blueprint: Blueprint,
    *,
    audience: Audience,
    kind: Kind | None = None,
    url_prefix: str | None = None,
) -> None:
    """Register ``blueprint`` for ``audience``; views run only after that audience's guard has let the request in.

    ``kind`` is ``API`` for ``NODE``, ``PERSON`` and ``RELYING`` and ``PAGES`` otherwise, unless stated. Raises ``Undeclared`` where
    the application has no guard for the audience.
    """
    if audience not in app.guards:
        raise Undeclared(f"{blueprint.name}: this application cannot check for {audience.name}")
    usual = Kind.API if audience in {Audience.NODE, Audience.PERSON, Audience.RELYING} else Kind.PAGES
    app.declared[blueprint.name] = Declared(audience, kind or usual)
    app.register_blueprint(blueprint, url_prefix=url_prefix)


def declared_for(app: AudiencedFlask, endpoint: str) -> Declared:
    """Return what was stated for an endpoint such as ``staff.search``, for the test that walks every route."""
    return app.declared[endpoint.rpartition(".")[0]]


def asked_of() -> Declared | None:
    """Return what was stated for the view of the present request; None where no route matched."""
    blueprint = request.blueprint
    return None if blueprint is None else _app().declared.get(blueprint)


def admit() -> None:
    """Run the guard of the requested view. The guards raise ``NotSignedIn`` or ``Forbidden``."""
    asked = asked_of()
    if asked is not None:
        _app().guards[asked.audience]()


def _app() -> AudiencedFlask:
    app: AudiencedFlask = current_app._get_current_object()  # type: ignore[attr-defined]  # The proxy's own, untyped.
    return app
