"""The API's description, OpenAPI 3.1, good enough to learn from: made from the routes, their types and the permission table."""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema

from ncvr import __version__
from ncvr.domain.permissions import GENERAL_OPERATIONS, OPEN, STUDY_OPERATIONS
from ncvr.web.problems import MEDIA_TYPE, Problem
from ncvr.web.routing import Route

DESCRIPTION = """
NCVR prices a commercial trial once for the whole NHS. A company registers a study and submits its schedule; the lead site
reviews it; when both agree, every site's price follows from the resource, the national tariff and the site's multiplier.
**Nobody edits a price.**

**Signing in.** Send `Authorization: Bearer TOKEN`; a token comes from `ncvr token new EMAIL`.

**Changing something.** Read it first: its `ETag` (such as `"r3"`) goes into `If-Match`. Without it the answer is 428; if
somebody else was faster, 412 with what changed. Give a `POST` an `Idempotency-Key`, and sending it again within a day is safe.

**Problems** are `application/problem+json` (RFC 9457) with `findings`: each says where, what, and what to do. What you may
not see answers 404, exactly as what is not there.

**Lists** come as pages with a `next` cursor; `Accept: text/csv` gives a table.
"""
_PROBLEMS = {
    "400": "It cannot be read",
    "401": "No valid token",
    "403": "Not yours to do; also for every attempt to edit a price",
    "404": "Not there, or not for you to see",
    "409": "It does not lead on from here, or reference data needs mending",
    "412": "It has changed meanwhile: with what changed",
    "413": "This is too large",
    "415": "This kind of content is not read here",
    "422": "The input needs mending: with every finding",
    "428": "If-Match is missing",
    "429": "One download or check at a time, and so many an hour: Retry-After says when to go on",
    "503": "The record cannot be kept now: send the same again, with the same Idempotency-Key. Or the identity provider does not answer",
}


def describe(app: FastAPI, routes: Sequence[Route], prefix: str) -> dict[str, Any]:
    """The whole description, as JSON values."""
    described = get_openapi(title="NCVR", version=__version__, openapi_version="3.1.0", description=DESCRIPTION, routes=app.routes)
    components = described.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    bodies = list({route.body for route in routes if route.body is not None})
    _, made = models_json_schema([(body, "validation") for body in bodies], ref_template="#/components/schemas/{model}")
    schemas.update(made.get("$defs", {}))
    schemas["Problem"] = TypeAdapter(Problem).json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(schemas["Problem"].pop("$defs", {}))
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    for route in routes:
        _describe(described["paths"][prefix + route.path][route.method.lower()], route)
    return described


def _describe(operation: dict[str, Any], route: Route) -> None:
    operation["security"] = [] if route.permission in OPEN else [{"token": []}]
    allowed = STUDY_OPERATIONS.get(route.permission) or GENERAL_OPERATIONS.get(route.permission, frozenset())
    operation["description"] = f"{operation.get('description', '')}\n\nFor: {', '.join(sorted(who.replace('_', ' ') for who in allowed))}.".strip()
    operation["x-permission"] = route.permission
    if route.body is not None:
        content: dict[str, Any] = {"schema": {"$ref": f"#/components/schemas/{route.body.__name__}"}}
        if route.example is not None:
            content["example"] = route.example
        operation["requestBody"] = {
            "required": any(field.is_required() for field in route.body.model_fields.values()),
            "content": {"application/json": content},
        }
    parameters = operation.setdefault("parameters", [])
    if (route.method != "GET" and route.revision and route.status != 201) or ("escalations" in route.path and route.method == "POST"):
        parameters.append(_header("If-Match", 'The revision you decided on, such as "r3"', required=True))
    if route.method == "POST":
        parameters.append(_header("Idempotency-Key", "Makes sending the same request again safe for a day"))
    problem = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status, says in _PROBLEMS.items():
        operation["responses"][status] = {"description": says, "content": problem}


def _header(name: str, says: str, *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": required, "description": says, "schema": {"type": "string"}}
