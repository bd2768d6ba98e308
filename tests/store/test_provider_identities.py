"""Who the people of an identity provider are here: of several at the same moment one counts, on each engine."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from ncvr.domain.people import Person
from ncvr.store import people, provider_identities
from ncvr.store.connections import Connection, Store, open_store
from tests.databases import Database

ISSUER, AT, LATER = "https://login.example", "2026-05-04T09:00:00+00:00", "2026-05-05T09:00:00+00:00"


@pytest.fixture
def store(database: Database) -> Iterator[Store]:
    made = open_store(database.url)
    with made.writing() as connection:
        for name in ("ann", "bob"):
            person = Person(actor=f"p-{name}", role="auditor", organisation="")
            people.add_person(connection, person, email=f"{name}@example.org", name=name, demo=False, at=AT)
    yield made
    made.close()


def at_once(store: Store, act: Callable[[Connection, int], bool]) -> int:
    """How many of eight heard yes."""

    def one(number: int) -> bool:
        with store.writing() as connection:
            return act(connection, number)

    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(one, range(8)))


def test_of_eight_who_come_back_with_one_answer_one_is_let_in(store: Store) -> None:
    assert at_once(store, lambda connection, _: provider_identities.use_answer(connection, "the same", AT)) == 1
    assert at_once(store, lambda connection, number: provider_identities.use_answer(connection, f"another {number}", AT)) == 8


def test_of_eight_subjects_that_would_be_one_person_one_is(store: Store) -> None:
    assert at_once(store, lambda connection, number: provider_identities.link(connection, ISSUER, f"subject {number}", "p-ann", AT)) == 1


def test_a_subject_is_one_person_and_stays_it_until_unlinked(store: Store) -> None:
    with store.writing() as connection:
        assert provider_identities.link(connection, ISSUER, "1", "p-ann", AT)
        assert not provider_identities.link(connection, ISSUER, "1", "p-bob", AT)
        assert not provider_identities.link(connection, ISSUER, "2", "p-ann", AT)
        assert provider_identities.link(connection, "https://another.example", "1", "p-bob", AT)  # another provider's 1 is somebody else
        assert provider_identities.actor_of(connection, ISSUER, "1") == "p-ann"
        assert provider_identities.actor_of(connection, ISSUER, "2") is None
        assert provider_identities.unlink(connection, "p-ann") == 1
        assert provider_identities.actor_of(connection, ISSUER, "1") is None


def test_answers_that_are_refused_as_too_old_anyway_are_forgotten(store: Store) -> None:
    with store.writing() as connection:
        assert provider_identities.use_answer(connection, "old", AT)
        assert provider_identities.use_answer(connection, "new", LATER)
        provider_identities.clear_answers(connection, before=LATER)
        assert provider_identities.use_answer(connection, "old", LATER)
        assert not provider_identities.use_answer(connection, "new", LATER)
