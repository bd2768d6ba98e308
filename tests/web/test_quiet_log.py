"""What a statement that failed was to write stands in no line of the log, whatever wrote it there."""

import json
import logging
import sys

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from ncvr.errors import InputError
from ncvr.store.connections import sqlite_module
from ncvr.store.tables import companies
from ncvr.web.serving import _JsonLines
from tests.offices import Town

CANARY = "CANARY-77-minutes"


def logged(error: BaseException) -> str:
    """The line of a fault, as the service writes it."""
    info = (type(error), error, error.__traceback__)
    line = _JsonLines().format(logging.LogRecord("uvicorn.error", logging.ERROR, __file__, 1, "Exception in ASGI application", (), info))
    return str(json.loads(line)["fault"])


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO companies VALUES (:word, :word, NULL)",  # twice: the database says which key stands there
        "INSERT INTO companies VALUES (:word, NULL, NULL)",  # of this one PostgreSQL tells the whole row
        "INSERT INTO nowhere VALUES (:word)",
    ],
)
def test_a_fault_of_the_database_is_logged_with_its_place_and_without_the_values(both: Town, statement: str) -> None:
    with both.store.writing() as connection:
        connection.execute(insert(companies).values(code=CANARY, name=CANARY))
    with pytest.raises(DBAPIError) as raised, both.store.writing() as connection:
        connection.execute(text(statement), {"word": CANARY})
    fault = logged(raised.value)
    assert CANARY not in fault
    assert type(raised.value).__name__ in fault
    assert type(raised.value.orig).__name__ in fault
    assert "test_quiet_log.py" in fault
    assert statement.partition(" VALUES")[0] in fault
    assert "nowhere" in statement or CANARY in str(raised.value.orig) or not both.store.is_postgresql  # the control: the database does say it


def test_the_words_of_a_driver_are_in_no_line_whatever_they_are() -> None:
    assert logged(sqlite_module().IntegrityError(f"Key (email)=({CANARY}) already exists")) == "IntegrityError"


def test_a_fault_of_ours_is_logged_whole_with_its_cause() -> None:
    try:
        try:
            json.loads("{")
        except ValueError as cause:
            raise InputError("this is not JSON", "body", "Correct it") from cause
    except InputError:
        fault = logged(sys.exc_info()[1] or AssertionError())
    assert fault.index("JSONDecodeError: Expecting") < fault.index("InputError: ")
    assert "this is not JSON" in fault


def test_a_value_that_no_column_takes_is_said_in_words_and_held_back(both: Town) -> None:
    if not both.store.is_postgresql:
        return  # SQLite takes it
    with pytest.raises(InputError, match="cannot be kept") as raised, both.store.writing() as connection:
        connection.execute(insert(companies).values(code=f"{CANARY}\0", name=CANARY))
    assert CANARY not in str(raised.value)
    assert CANARY not in logged(raised.value)
