"""No way to edit a price: every writable field of the API tried is refused, and recorded (R19)."""

from collections.abc import Iterator
from typing import Any

from ncvr.services.record_keeping import verify_ledger
from ncvr.store import ledger_entries
from ncvr.web.access import PRICE_WORDS
from ncvr.web.app import PREFIX, ROUTES
from tests.offices import IRAS
from tests.services.walks import at
from tests.web.visiting import Web

WORDS = {"iras_id": IRAS, "ods": "RA9", "query_id": "none", "case_id": "none", "edition": "2026-04-01-tiny"}
# A session is no part of a study; its bodies are secrets, read by rules of their own.
WRITABLE = [
    (route, route.body.__name__) for route in ROUTES if route.body is not None and route.permission not in ("price.edit", "session.open", "session.own")
]


def resolved(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    for branch in schema.get("anyOf", []):
        if branch.get("type") != "null":
            return resolved(branch, schemas)
    return schema


def fields(schema: dict[str, Any], schemas: dict[str, Any], depth: int = 0) -> Iterator[list[str]]:
    """The path to every object that a body may hold, as property names ("[]" an entry of a list, "{}" a value by key)."""
    schema = resolved(schema, schemas)
    if depth > 8:
        return
    if schema.get("type") == "array":
        yield from (["[]", *rest] for rest in fields(schema.get("items", {}), schemas, depth + 1))
        return
    if isinstance(schema.get("additionalProperties"), dict):
        yield from (["{}", *rest] for rest in fields(schema["additionalProperties"], schemas, depth + 1))
    if schema.get("type") == "object":
        yield []
    for name, inner in schema.get("properties", {}).items():
        found = False
        for rest in fields(inner, schemas, depth + 1):
            found = True
            yield [name, *rest]
        if not found:
            yield [name]


def body_with(path: list[str], value: Any) -> Any:
    for step in reversed(path):
        value = [value] if step == "[]" else {"any": value} if step == "{}" else {step: value}
    return value


def test_no_body_of_ours_has_a_field_that_is_called_a_price(api: Web) -> None:
    described = api.client.get("/openapi.json").json()
    schemas = described["components"]["schemas"]
    names = {name for _, body in WRITABLE for path in fields({"$ref": f"#/components/schemas/{body}"}, schemas) for name in path}
    assert len(names) > 100
    assert not names & PRICE_WORDS


def test_a_price_in_any_writable_field_is_refused_and_recorded(agreed_api: Web) -> None:
    schemas = agreed_api.client.get("/openapi.json").json()["components"]["schemas"]
    company, before, fingerprint = agreed_api.as_("company"), attempts(agreed_api), at(agreed_api.town, "RA9").price.fingerprint
    tried = 0
    for route, body in WRITABLE:
        for path in list(fields({"$ref": f"#/components/schemas/{body}"}, schemas)) or [[]]:
            answer = company.ask(route.method, route.path.format(**WORDS), body_with(path, {"price": "1.00"}), {"If-Match": '"r1"'})
            assert (answer.status_code, answer.json()["type"]) == (403, "urn:ncvr:problem:price-is-fixed"), (route, path, answer.text)
            tried += 1
    assert tried > 200
    assert attempts(agreed_api) == before + tried
    assert at(agreed_api.town, "RA9").price.fingerprint == fingerprint
    assert verify_ledger(agreed_api.town.store).findings == ()


def test_the_price_itself_is_edited_by_nobody(agreed_api: Web) -> None:
    before = attempts(agreed_api)
    tried = [(method, who) for method in ("PUT", "PATCH", "POST", "DELETE") for who in ("company", "site_ra9", "national", "auditor")]
    for method, who in tried:
        answer = agreed_api.as_(who).ask(method, f"/studies/{IRAS}/sites/RA9/price", {"anything": 1} if method != "DELETE" else None)
        assert (answer.status_code, answer.json()["title"]) == (403, "Nobody edits a price")
        assert agreed_api.as_("rival").ask(method, f"/studies/{IRAS}/sites/RA9/price").status_code == 404
    assert attempts(agreed_api) == before + len(tried)


def test_every_word_for_a_price_is_known_as_one(agreed_api: Web) -> None:
    for word in PRICE_WORDS:
        answer = agreed_api.as_("company").ask("POST", "/studies", {"arms": [{"visits": [{word: "1.00"}]}]})
        assert answer.json()["type"] == "urn:ncvr:problem:price-is-fixed"
        assert answer.json()["findings"][0]["place"] == f"body.arms[0].visits[0].{word}"


def attempts(web: Web) -> int:
    with web.town.store.reading() as connection:
        found = [entry for entry in ledger_entries.entries(connection) if entry.operation == "price.edit_refused"]
    assert all("1.00" not in entry.field for entry in found)
    assert all(entry.field.split()[1].startswith(PREFIX) for entry in found)
    return len(found)
