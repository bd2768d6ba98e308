"""The API does what its description says, whoever asks and whatever they send: made-up requests, right and wrong (R23).

By default a small draw whose seed is printed; NCVR_ASSURE=full makes over 10,000 requests.
"""

import contextlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.openapi.checks import RejectedPositiveData
from schemathesis.schemas import APIOperation

from ncvr import settings as our
from ncvr.services.identity import OPERATOR, revoke_tokens
from ncvr.web.app import create_app
from tests.databases import Database
from tests.durability.counts import FULL, SEED, drawn
from tests.offices import IRAS, Town, town
from tests.services.walks import agreed, shared

WHO = ("company", "reviewer", "site_ra9", "network", "national", "auditor", "nobody", "revoked")
EXAMPLES, OPERATIONS = (8, 10**6) if FULL else (2, 8)
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


class World:
    """The API over an office with a study agreed and a site shared, and what it did that its description does not say."""

    def __init__(self, made: Town) -> None:
        self.tokens = made.tokens | {"revoked": made.tokens["cro"]}
        with made.office.act(OPERATOR, "test") as act:
            revoke_tokens(act, "cro@example.org")
        schema = schemathesis.openapi.from_asgi("/openapi.json", create_app(made.office))
        every = list(schema.get_all_operations())
        self.operations = [found.ok() for found in every if isinstance(found, Ok)]
        assert len(self.operations) == len(every) > 50
        self.statuses: Counter[int] = Counter()
        self.found: Counter[str] = Counter()

    def ask(self, operation: APIOperation[Any, Any, Any, Any], who: str, mode: GenerationMode) -> None:
        """Some requests that fit the description, or do not."""

        @seed(SEED)
        @settings(max_examples=EXAMPLES, phases=[Phase.generate], database=None, deadline=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode))
        def one(case: Any) -> None:
            self._send(case, who)

        with contextlib.suppress(Unsatisfiable):  # who asks for nothing can ask for nothing wrong
            one()

    def _send(self, case: Any, who: str) -> None:
        known = {"iras_id": IRAS, "ods": "RA9"}
        case.path_parameters = {name: known.get(name, value) for name, value in (case.path_parameters or {}).items()}
        headers = {"Authorization": f"Bearer {self.tokens[who]}"} if who != "nobody" else {}
        case.headers = {**(case.headers or {}), **headers}  # so that a token which was left out is not taken for one that was not sent
        response = case.call(headers=headers)
        self.statuses[response.status_code] += 1
        try:
            case.validate_response(response, headers=headers)
        except FailureGroup as failures:
            for failure in failures.exceptions:
                if not isinstance(failure, RejectedPositiveData):  # no description can say all that a guard asks
                    self.found[f"{case.operation.label} as {who}: {response.status_code} {type(failure).__name__}: {str(failure)[:400]}"] += 1


@pytest.fixture
def world(sqlite_database: Database, tmp_path: Path) -> Iterator[World]:
    made = town(sqlite_database, tmp_path, templates=our.templates_folder())
    agreed(made)
    shared(made, "RA9")
    yield World(made)
    made.store.close()


def test_the_api_does_what_it_says_whoever_asks_and_whatever_they_send(world: World) -> None:
    chance = drawn("the API's contract")
    chosen = world.operations if FULL else chance.sample(world.operations, OPERATIONS)
    for operation in chosen:
        for who in WHO if FULL else chance.sample(WHO, 4):
            for mode in MODES:
                world.ask(operation, who, mode)
    asked = sum(world.statuses.values())
    print(f"{asked} requests to {len(chosen)} of {len(world.operations)} operations as {len(WHO)} identities: {dict(sorted(world.statuses.items()))}")
    assert [said for said, _ in world.found.most_common(20)] == []
    assert not [status for status in world.statuses if status >= 500]
    assert asked > (10_000 if FULL else 50)


def test_the_same_check_finds_an_answer_that_the_description_does_not_have(world: World) -> None:
    operation = next(found for found in world.operations if found.label == "GET /api/v1/studies")
    for status in ("401", "200"):
        operation.definition.raw["responses"].pop(status, None)
        operation.responses._inner.pop(status, None)
    world.ask(operation, "nobody", GenerationMode.POSITIVE)
    assert any("UndefinedStatusCode" in said for said in world.found)
