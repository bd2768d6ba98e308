"""Choosing one of the demo's people from a list, on the machine that serves the demo and nowhere else."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from ncvr.services.identity import OPERATOR, add_person
from ncvr.services.own_account import block
from ncvr.web.app import PREFIX, create_app
from tests.offices import Town

HERE, DEMO = {"Origin": "http://localhost:8000"}, f"{PREFIX}/session/demo"


@pytest.fixture
def demo(here: Town) -> Iterator[TestClient]:
    with here.office.act(OPERATOR, "demo") as act:
        for who in ("one", "two"):
            add_person(act, email=f"{who}@demo.example", name=who.title(), role="auditor", organisation="", demo=True)
    with TestClient(create_app(here.office), base_url="http://localhost:8000", headers=HERE, client=("127.0.0.1", 1)) as client:
        yield client


def test_a_person_of_the_demo_is_chosen_and_is_in(demo: TestClient) -> None:
    assert [person["name"] for person in demo.get(DEMO).json()] == ["One", "Two"]
    answer = demo.post(DEMO, json={"email": "two@demo.example"})
    assert (answer.status_code, answer.json()["stage"]) == (201, "full")


def test_nobody_else_is_listed_or_let_in(demo: TestClient) -> None:
    for email in ("company@example.org", "national@example.org", "nobody@example.org", ""):
        assert demo.post(DEMO, json={"email": email}).status_code == 401


def test_who_is_blocked_cannot_be_chosen(demo: TestClient, here: Town) -> None:
    with here.office.act(OPERATOR, "block") as act:
        block(act, "two@demo.example")
    assert len(demo.get(DEMO).json()) == 1
    assert demo.post(DEMO, json={"email": "two@demo.example"}).status_code == 401


def test_another_machine_sees_no_list_and_chooses_nobody(demo: TestClient, here: Town) -> None:
    with TestClient(create_app(here.office), base_url="http://localhost:8000", headers=HERE, client=("192.0.2.1", 1)) as elsewhere:
        assert elsewhere.get(DEMO).json() == []
        assert elsewhere.post(DEMO, json={"email": "two@demo.example"}).status_code == 401
