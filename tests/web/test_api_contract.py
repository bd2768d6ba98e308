"""The API does what its description says, whoever asks and whatever they send: made-up requests, right and wrong (R23).

By default a small draw whose seed is printed; NCVR_ASSURE=full makes over 10,000 requests.
"""

import contextlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.failures import AcceptedNegativeData, Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.generation.stateful.state_machine import StepOutput
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
CHAINS, STEPS = (25, 20) if FULL else (5, 12)
UNHURRIED: dict[str, Any] = {"database": None, "deadline": None, "suppress_health_check": list(HealthCheck)}
_REVISION = re.compile(r"it has revision (\d+)")
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


class World:
    """The API over an office with a study agreed and a site shared, and what it did that its description does not say."""

    def __init__(self, made: Town) -> None:
        self.tokens = made.tokens | {"revoked": made.tokens["cro"]}
        with made.office.act(OPERATOR, "test") as act:
            revoke_tokens(act, "cro@example.org")
        self.schema = schemathesis.openapi.from_asgi("/openapi.json", create_app(made.office))
        every = list(self.schema.get_all_operations())
        self.operations = [found.ok() for found in every if isinstance(found, Ok)]
        assert len(self.operations) == len(every) > 50
        self.statuses: Counter[int] = Counter()
        self.found: Counter[str] = Counter()
        self.followed = 0

    def ask(self, operation: APIOperation[Any, Any, Any, Any], who: str, mode: GenerationMode) -> None:
        """Some requests that fit the description, or do not."""

        @seed(SEED)
        @settings(max_examples=EXAMPLES, phases=[Phase.generate], **UNHURRIED)
        @given(case=operation.as_strategy(generation_mode=mode))
        def one(case: Any) -> None:
            self._send(case, who, {"iras_id": IRAS, "ods": "RA9"})

        with contextlib.suppress(Unsatisfiable):  # who asks for nothing can ask for nothing wrong
            one()

    def follow(self, who: str) -> None:
        """Requests that take what earlier answers gave: identifiers of studies, queries and factors."""
        world = self

        class Following(self.schema.as_state_machine()):  # type: ignore[misc]  # (made by the library, of the description)
            def step(self, step: Any) -> StepOutput:
                world.followed += step.is_applied
                return StepOutput(world._send(step.case, who, {"ods": "RA9"}), step.case)

        seed(SEED)(Following)
        Following.run(settings=settings(max_examples=CHAINS, stateful_step_count=STEPS, phases=[Phase.generate], **UNHURRIED))

    def _send(self, case: Any, who: str, known: dict[str, str]) -> Any:
        """The request as it was made up; and where it did not say on which revision it was decided, again as it should have."""
        case.path_parameters = {name: known.get(name, value) for name, value in (case.path_parameters or {}).items()}
        response = self._ask(case, who, {})
        if response.status_code == 428:
            response = self._ask(case, who, {"If-Match": '"r999999"'})
        if found := _REVISION.search(response.text if response.status_code == 412 else ""):
            response = self._ask(case, who, {"If-Match": f'"r{found[1]}"'})
        return response

    def _ask(self, case: Any, who: str, more: dict[str, str]) -> Any:
        headers = more | ({"Authorization": f"Bearer {self.tokens[who]}"} if who != "nobody" else {})
        case.headers = {**(case.headers or {}), **headers}  # so that a token which was left out is not taken for one that was not sent
        response = case.call(headers=headers)
        self.statuses[response.status_code] += 1
        try:
            case.validate_response(response, headers=headers)
        except FailureGroup as failures:
            for failure in failures.exceptions:
                if not _is_as_it_should_be(failure, response.status_code):
                    self.found[f"{case.operation.label} as {who}: {response.status_code} {type(failure).__name__}: {str(failure)[:400]}"] += 1
        return response

    def check(self, at_least: int) -> None:
        """That nothing was found, and that enough was asked."""
        assert [said for said, _ in self.found.most_common(20)] == []
        assert not [status for status in self.statuses if status >= 500]
        assert sum(self.statuses.values()) > at_least


def _is_as_it_should_be(failure: Failure, status: int) -> bool:
    """No description can say all that a guard asks; and a change decided on another revision is refused whatever is in it."""
    return isinstance(failure, RejectedPositiveData) or (isinstance(failure, AcceptedNegativeData) and status == 412)


@pytest.fixture
def world(database: Database, tmp_path: Path) -> Iterator[World]:
    made = town(database, tmp_path, templates=our.templates_folder())
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
    world.check(at_least=10_000 if FULL else 50)


def test_what_an_answer_names_can_be_asked_for_next_and_the_api_still_does_what_it_says(world: World) -> None:
    chance = drawn("the API's contract, step by step")
    links = world.schema.analysis.inject_links()
    for who in WHO if FULL else chance.sample(WHO[:6], 2):
        world.follow(who)
    asked = sum(world.statuses.values())
    print(f"{asked} requests, {world.followed} of them along {links} links from answer to request: {dict(sorted(world.statuses.items()))}")
    world.check(at_least=1_000 if FULL else 10)
    assert world.followed > (asked // 10 if FULL else 0)


def test_the_same_check_finds_an_answer_that_the_description_does_not_have(world: World) -> None:
    operation = next(found for found in world.operations if found.label == "GET /api/v1/studies")
    for status in ("401", "200"):
        operation.definition.raw["responses"].pop(status, None)
        operation.responses._inner.pop(status, None)
    world.ask(operation, "nobody", GenerationMode.POSITIVE)
    assert any("UndefinedStatusCode" in said for said in world.found)
