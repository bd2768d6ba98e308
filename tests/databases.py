"""A fresh database for a test, on both engines: SQLite in a file, and PostgreSQL from a cluster of our own.

PostgreSQL is started from whatever binaries are installed, as an unprivileged user; or set NCVR_TEST_DATABASE_URL to the
address of an administrator of a server whose databases may come and go.
"""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Connection, create_engine, make_url, text

from ncvr.store.connections import address
from ncvr.store.questions import Question
from ncvr.store.schema import upgrade
from tests.needs import require

OWNER, APPLICATION = "ncvr_test_owner", "ncvr_test_application"


@dataclass(frozen=True)
class Database:
    """Where a migrated database is: for the application, and for the owner of its tables."""

    url: URL
    owner_url: URL

    @property
    def is_postgresql(self) -> bool:
        return self.url.get_backend_name() == "postgresql"


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL server, as its administrator; every database is a copy of a migrated one.

    ``crash`` ends a server of our own at once, as a failing machine would, and starts it again.
    """

    admin: URL
    crash: Callable[[], None] | None = None

    def execute(self, *statements: str) -> None:
        engine = create_engine(self.admin, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()

    def url(self, database: str, role: str) -> URL:
        return self.admin.set(database=database, username=role)

    def prepare(self, template: str) -> None:
        for role in (OWNER, APPLICATION):
            created = f"CREATE ROLE {role} LOGIN PASSWORD '{self.admin.password}'" if self.admin.password else f"CREATE ROLE {role} LOGIN"
            self.execute(f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN {created}; END IF; END $$")
        self.execute(f"CREATE DATABASE {template} OWNER {OWNER}")
        upgrade(self.url(template, OWNER), secrets.token_bytes, application_role=APPLICATION)

    def copy(self, template: str, name: str) -> Database:
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {OWNER}")
        return Database(self.url(name, APPLICATION), self.url(name, OWNER))

    def drop(self, name: str) -> None:
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _binaries() -> Path | None:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name) if path.parent.name.isdigit() else 0)
    found = shutil.which("pg_ctl")
    return folders[-1] if folders else (Path(found).parent if found else None)


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """A PostgreSQL cluster of our own, thrown away at the end."""
    given = os.environ.get("NCVR_TEST_DATABASE_URL")
    if given:
        yield Cluster(make_url(given).set(drivername="postgresql+psycopg"))
        return
    binaries = _binaries()
    require("PostgreSQL", binaries is not None, "Install postgresql, or give the address of a server in NCVR_TEST_DATABASE_URL")
    assert binaries is not None  # require() does not return otherwise
    folder = Path(tempfile.mkdtemp(prefix="ncvr-postgresql-"))
    user = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
    if user:
        shutil.chown(folder, user)
    port = free_port()
    log = folder / "log"

    def run(program: str, *words: str) -> None:
        done = subprocess.run([str(binaries / program), *words], user=user, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)
        assert done.returncode == 0, f"{program} failed: {log.read_text() if log.exists() else 'see above'}"

    data = str(folder / "data")
    run("initdb", "-D", data, "-U", "ncvr_test_admin", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c max_connections=60"

    def start() -> None:
        run("pg_ctl", "-D", data, "-l", str(log), "-w", "-o", options, "start")

    def crash() -> None:
        run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        start()

    start()
    try:
        yield Cluster(URL.create("postgresql+psycopg", username="ncvr_test_admin", host="127.0.0.1", port=port, database="postgres"), crash)
    finally:
        run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL cluster for this test process."""
    with running_cluster() as running:
        yield running


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> Iterator[str]:
    """The name of a migrated database that tests copy."""
    name = f"ncvr_template_{secrets.token_hex(4)}"
    cluster.prepare(name)
    yield name
    cluster.drop(name)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that tests copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    upgrade(address(path), secrets.token_bytes)
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A fresh migrated database, once on each engine."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_database")
        return
    cluster, template = request.getfixturevalue("cluster"), request.getfixturevalue("template")
    name = f"ncvr_test_{secrets.token_hex(6)}"
    try:
        yield cluster.copy(template, name)
    finally:
        cluster.drop(name)


@pytest.fixture
def sqlite_database(tmp_path: Path, migrated_file: Path) -> Database:
    """A fresh migrated SQLite file."""
    path = tmp_path / "ncvr.db"
    shutil.copy(migrated_file, path)
    return Database(address(path), address(path))


def asked_by_sqlalchemy(question: Question, connection: Connection, **given: str) -> list[Any]:
    """The same rows by way of SQLAlchemy, for tests that listen to each statement of an engine."""
    return list(connection.execute(question.statement, given))
