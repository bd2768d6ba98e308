"""A database and an office for every test that asks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import Database, cluster, database, migrated_file, sqlite_database, template
from tests.offices import Town, town

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
