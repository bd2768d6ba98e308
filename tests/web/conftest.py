"""A database and an office for every test that asks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import Database, cluster, database, migrated_file, sqlite_database, template
from tests.offices import IRAS, Town, town
from tests.services.walks import agreed, shared
from tests.web.visiting import Web, web

__all__ = ["cluster", "database", "migrated_file", "sqlite_database", "template"]


@pytest.fixture
def both(database: Database, tmp_path: Path) -> Iterator[Town]:
    """A peopled office, once on each engine."""
    made = town(database, tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def here(sqlite_database: Database, tmp_path: Path) -> Iterator[Town]:
    """A peopled office on SQLite, where the engine does not matter."""
    made = town(sqlite_database, tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def api_both(both: Town) -> Web:
    """The API over a peopled office, once on each engine."""
    return web(both)


@pytest.fixture
def api(here: Town) -> Web:
    """The API over a peopled office on SQLite, where the engine does not matter."""
    return web(here)


@pytest.fixture
def agreed_api(api: Web) -> Web:
    """With one study agreed and one of its sites shared."""
    agreed(api.town)
    shared(api.town, "RA9", IRAS)
    return api
