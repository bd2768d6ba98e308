"""The API's description is whole, and true enough to learn from."""

import json
from typing import Any

import pytest

from ncvr.web.app import PREFIX, ROUTES
from tests.offices import Town
from tests.web.visiting import web


@pytest.fixture
def described(here: Town) -> dict[str, Any]:
    record: dict[str, Any] = web(here).client.get("/openapi.json").json()
    return record


def operations(described: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(method.upper(), path): operation for path, item in described["paths"].items() for method, operation in item.items()}


def test_every_route_is_described_in_words_with_its_permission_and_its_problems(described: dict[str, Any]) -> None:
    assert described["openapi"] == "3.1.0"
    found = operations(described)
    assert set(found) == {(route.method, PREFIX + route.path) for route in ROUTES}
    for key, operation in found.items():
        assert operation["summary"], key
        assert len(operation["description"]) > 30, key
        assert operation["x-permission"], key
        assert "401" in operation["responses"] or "session" in key[1], key
    assert len({operation["operationId"] for operation in found.values()}) == len(found)


def test_every_body_has_a_schema_and_what_must_be_filled_in_an_example(described: dict[str, Any]) -> None:
    found = operations(described)
    for route in ROUTES:
        if route.body is None:
            continue
        content = found[route.method, PREFIX + route.path]["requestBody"]["content"]["application/json"]
        name = content["schema"]["$ref"].rpartition("/")[2]
        assert name in described["components"]["schemas"], name
        if route.example is not None:
            route.body.model_validate_json(json.dumps(content["example"]))


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    schemas = described["components"]["schemas"]
    for found in references(described):
        assert found.startswith("#/components/schemas/"), found
        assert found.rpartition("/")[2] in schemas, found


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for inner in value.values() for found in references(inner)]
    return [found for inner in value for found in references(inner)] if isinstance(value, list) else []


def test_what_is_changed_says_that_it_needs_if_match(described: dict[str, Any]) -> None:
    found = operations(described)
    lock = found["POST", f"{PREFIX}/studies/{{iras_id}}/sites/{{ods}}/lock"]
    names = {parameter["name"]: parameter["required"] for parameter in lock["parameters"]}
    assert names == {"iras_id": True, "ods": True, "If-Match": True, "Idempotency-Key": False}


def test_a_version_beyond_any_number_is_refused_and_no_fault(here: Town) -> None:
    made = web(here)
    for number in ("0", "-1", "2080847994082538291200"):
        assert made.as_("auditor").ask("GET", f"/studies/1004567/versions/{number}").status_code == 422
    assert made.as_("auditor").ask("GET", "/studies/1004567/diff?from=1&to=2080847994082538291200").status_code == 422
