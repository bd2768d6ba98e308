"""The service's commands as an operator uses them, from an empty folder to a running server."""

import csv
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ncvr import settings
from ncvr.cli.serve import listening
from ncvr.errors import StoreError
from ncvr.services.demo_database import CAST, COLUMNS, seed_demo
from ncvr.services.opening import check_serving, open_office
from ncvr.services.record_keeping import verify_ledger
from ncvr.store import costings, studies
from tests.cli.running import run
from tests.databases import free_port

DAY = date(2026, 6, 1)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NCVR_DATABASE_FILE", str(tmp_path / "ncvr.db"))
    monkeypatch.delenv("NCVR_DATABASE_URL", raising=False)
    return tmp_path


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("demo")
    seed_demo(made, on=DAY, tariffs=settings.tariffs_folder(), templates=settings.templates_folder())
    return made


def test_an_operator_makes_a_database_a_person_and_a_token(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "ledger", "head").code == 2
    assert "Make one: ncvr db upgrade" in run(capsys, "token", "new", "a@example.org").err
    assert run(capsys, "db", "upgrade").out.startswith("The database now has schema")
    assert run(capsys, "db", "upgrade").out.startswith("The database has the newest schema")
    words = ("user", "add", "a@example.org", "--role", "company_representative", "--organisation", "ACME")
    assert "there is no company 'ACME'" in run(capsys, *words).err
    assert run(capsys, *words, "--company", "Acme Pharma").code == 0
    assert re.fullmatch(r"ncvr_[0-9a-f]{64}\n", run(capsys, "token", "new", "a@example.org").out)
    assert "nobody has the address" in run(capsys, "token", "new", "b@example.org").err
    assert run(capsys, "token", "revoke", "a@example.org").out == "1 token of a@example.org ended.\n"


def test_the_ledger_is_checked_against_anchors_and_a_wrong_one_is_exit_13(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "db", "upgrade")
    assert run(capsys, "ledger", "verify").out == "0 entries: consistent, not anchored.\n"
    run(capsys, "user", "add", "a@example.org", "--role", "auditor")
    head = run(capsys, "ledger", "head").out.strip()
    assert run(capsys, "ledger", "verify", "--anchor", head).out == "1 entry: verified against 1 anchor.\n"
    wrong = run(capsys, "ledger", "verify", "--anchor", "sha256:" + "1" * 64)
    assert (wrong.code, wrong.out) == (13, "1 entry: broken.\n")
    assert run(capsys, "ledger", "verify", "--anchor", head, "--anchor", head).out == "1 entry: verified against 1 anchor.\n"
    for none in ("hello", "sha256:" + "0" * 64):
        for words in (["ledger", "verify"], ["restore", folder, "--check"]):
            refused = run(capsys, *words, "--anchor", none)
            assert (refused.code, refused.out, "--anchor: " in refused.err, "Give a head" in refused.err) == (2, "", True, True), refused.err


def test_the_demo_holds_three_studies_in_different_states_and_people_of_every_role(demo: Path) -> None:
    with (demo / "people.csv").open(encoding="utf-8", newline="") as file:
        people = list(csv.DictReader(file))
    assert tuple(people[0]) == COLUMNS
    assert [person["role"] for person in people] == [role for _, _, role, _ in CAST]
    assert {person["password"] for person in people} == {""}
    office = open_office(database=demo / "ncvr.db")
    with office.store.reading() as connection:
        states = [review.state for number in ("1012345", "1023456", "1034567") if (review := studies.read(connection, number)) is not None]
        sites = sorted(costing.state for costing in costings.of_study(connection, "1012345"))
    assert states == ["agreed", "with_company", "draft"]
    assert sites == sorted(["contracted", "accepted", "shared", "refused", "escalated", "locked", *["priced"] * 4])
    assert verify_ledger(office.store).findings == ()
    office.store.close()


def test_a_demo_is_served_to_this_machine_and_to_nobody_else(demo: Path) -> None:
    store = open_office(database=demo / "ncvr.db").store
    for host in ("127.0.0.1", "localhost", "::1"):
        assert f"{len(CAST)} people of the demo" in str(check_serving(store, host, 1))
    for host in ("0.0.0.0", "::", "192.0.2.1", "ncvr.example.org"):
        with pytest.raises(StoreError, match="people of the demo"):
            check_serving(store, host, 1)
    store.close()


def test_a_database_without_demo_people_is_served_anywhere(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "db", "upgrade")
    store = open_office().store
    assert check_serving(store, "0.0.0.0", 1) is None
    store.close()


@pytest.fixture
def server(demo: Path) -> Iterator[str]:
    """``ncvr serve`` over the demo, in a process of its own."""
    port = free_port()
    environment = os.environ | {"NCVR_DATABASE_FILE": str(demo / "ncvr.db")}
    words = [sys.executable, "-m", "ncvr", "serve", "--port", str(port)]
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


def asked(url: str, token: str = "") -> dict[str, object]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    with urllib.request.urlopen(request, timeout=20) as answer:
        record: dict[str, object] = json.load(answer)
        return record


def test_the_demo_is_served_and_answers_its_people(server: str, demo: Path) -> None:
    for _ in range(100):
        try:
            assert asked(f"{server}/healthz")["status"] == "ok"
            break
        except OSError:
            time.sleep(0.2)
    assert asked(f"{server}/readyz")["status"] == "ready"
    with (demo / "people.csv").open(encoding="utf-8", newline="") as file:
        tokens = {person["email"].partition("@")[0]: person["token"] for person in csv.DictReader(file)}
    seen = {who: [study["iras_id"] for study in asked(f"{server}/api/v1/studies", token)["items"]] for who, token in tokens.items()}  # type: ignore[attr-defined]
    assert seen["company"] == ["1012345", "1023456"]
    assert seen["rival"] == ["1034567"]
    assert seen["site.rx1"] == []
    assert seen["site.rk9"] == ["1012345"]
    assert seen["auditor"] == ["1012345", "1023456", "1034567"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("serve", "--port", "99999"), "argument --port: '99999' is not a whole number from 1 to 65535"),
        (("serve", "--port", "0"), "argument --port: '0' is not a whole number from 1 to 65535"),
        (("serve", "--port", "http"), "argument --port: 'http' is not a whole number"),
        (("serve", "--workers", "0"), "argument --workers: '0' is not a whole number from 1 to 256"),
        (("serve", "--workers", "-1"), "argument --workers: '-1' is not a whole number"),
        (("demo", "--port", "65536"), "argument --port: '65536' is not a whole number"),
        (("token", "new", "a@example.org", "--days", "0"), "argument --days: '0' is not a whole number from 1 to 3650"),
        (("token", "new", "a@example.org", "--days", "99999999"), "argument --days: '99999999' is not a whole number"),
        (("token", "new", "a@example.org", "--days", "9" * 5000), "argument --days: '9999"),
        (("token", "new", "a@example.org", "--days", "\u0669"), "is not a whole number"),
    ],
)
def test_a_number_that_will_not_do_is_refused_where_it_stands(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], says: str) -> None:
    ran = run(capsys, *words)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err
    assert "Traceback" not in ran.err


def test_a_token_may_be_good_for_a_day_or_for_ten_years(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "db", "upgrade")
    run(capsys, "user", "add", "a@example.org", "--role", "auditor")
    for days in ("1", "3650"):
        assert run(capsys, "token", "new", "a@example.org", "--days", days).code == 0


def test_a_port_that_is_in_use_is_said_and_nobody_is_invited(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "db", "upgrade")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = run(capsys, "serve", "--port", port)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"error: --port: something listens on port {port} already. Stop it, or choose another port: --port N.\n"
    ran = run(capsys, "serve", "--host", "192.0.2.1", "--port", port)
    assert (ran.code, ran.out) == (2, "")
    assert f"--host: the service cannot listen at 192.0.2.1, port {port} (" in ran.err
    assert run(capsys, "serve", "--host", "no such host").code == 2


@pytest.mark.parametrize("workers", [1, 2])
def test_who_is_invited_is_let_in_at_once(demo: Path, workers: int) -> None:
    environment = os.environ | {"NCVR_DATABASE_FILE": str(demo / "ncvr.db")}
    words = [sys.executable, "-m", "ncvr", "serve", "--port", str(free_port()), "--workers", str(workers)]
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line.startswith("The service answers at http://127.0.0.1:")
            assert asked(f"{line.split()[4].removesuffix('/api/v1;')}/healthz")["status"] == "ok"
        finally:
            process.terminate()
            process.wait(20)


def test_an_answer_in_two_pieces_waits_for_nobody_to_confirm_the_first() -> None:
    (listens,) = listening("127.0.0.1", 0)
    with listens, socket.create_connection(listens.getsockname()):
        taken, _ = listens.accept()
        with taken:
            assert taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
