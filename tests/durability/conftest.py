"""A database and an office for every test that asks, as in the store's tests."""

from tests.databases import cluster, database, migrated_file, sqlite_database, template
from tests.store.conftest import both, here

__all__ = ["both", "cluster", "database", "here", "migrated_file", "sqlite_database", "template"]
