"""The roll-up, brought up to date record by record, is what a recount of all records finds; and nothing recorded is changed."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from ncvr.domain.adherence import indicator, indicator_of_outcomes
from ncvr.domain.adherence_period import Period, read_period
from ncvr.domain.adherence_records import AdherenceRecord
from ncvr.services.adherence import check_rollup
from ncvr.services.adherence_recording import keep_record, kept_definitions
from ncvr.store import adherence, adherence_rollup
from ncvr.store.adherence_tables import adherence_records
from ncvr.store.connections import open_store
from tests import adherence_town as town
from tests.databases import Database
from tests.laws.test_adherence_laws import ORGANISATIONS, PERIODS, histories

AS_OF = date(2027, 1, 1)


def of_one_costing(records: list[AdherenceRecord]) -> list[AdherenceRecord]:
    """A record about another is of the same costing, as the service sees to."""
    keys: dict[str, str] = {}
    placed = []
    for record in records:
        named = record.about or record.corrects
        key = keys.get(named, record.costing_key) if named else record.costing_key
        keys[record.id] = key
        placed.append(record.model_copy(update={"costing": key}))
    return placed


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(histories().map(of_one_costing), PERIODS)
def test_record_by_record_is_the_same_as_a_recount_of_all(database: Database, records: list[AdherenceRecord], period: Period) -> None:
    store = open_store(database.url)
    known = [record for record in records if not _names_a_later_one(record, records)]
    try:
        with store.writing() as connection:
            begun = connection.get_transaction()
            assert begun is not None
            for record in known:
                keep_record(connection, record, 0)
            assert check_rollup(connection, known[-1].recorded_on if known else AS_OF) == []
            assert list(adherence.all_records(connection)) == known
            for name, definition in kept_definitions().items():
                told = adherence_rollup.outcomes_in(connection, period.window(1), name, definition)
                counted = indicator(known, [], ORGANISATIONS, definition, period, AS_OF)
                assert indicator_of_outcomes(told, [], ORGANISATIONS, definition, period, AS_OF).standings == counted.standings
            begun.rollback()
    finally:
        store.close()


def _names_a_later_one(record: AdherenceRecord, records: list[AdherenceRecord]) -> bool:
    named = record.about or record.corrects
    ids = [each.id for each in records]
    return named is not None and ids.index(named) > ids.index(record.id)


def test_a_month_of_the_past_is_read_without_what_came_after(database: Database) -> None:
    records = town.records(
        {"kind": kind, "day": day, "ods_code": ods, "costing": f"{ods}/{day[:7]}"}
        for day in ("2026-04-03", "2026-05-03", "2026-06-03")
        for ods, kinds in {"RT1": ("shared", "accepted"), "RT2": ("shared", "higher_price_asked"), "RT3": ("shared", "agreement_modified", "declined")}.items()
        for kind in kinds
    )
    store = open_store(database.url)
    with store.writing() as connection:
        for record in records:
            keep_record(connection, record, 0)
    with store.reading() as connection:
        for name, definition in kept_definitions().items():
            for month in ("2026-04", "2026-05", "2026-06", "2026-07"):
                period = read_period(month)
                told = adherence_rollup.outcomes_in(connection, period.window(1), name, definition)
                counted = indicator(records, [], ORGANISATIONS, definition, period, AS_OF)
                assert indicator_of_outcomes(told, [], ORGANISATIONS, definition, period, AS_OF).standings == counted.standings
    store.close()


def test_no_record_is_changed_or_removed(database: Database) -> None:
    store = open_store(database.url)
    with store.writing() as connection:
        keep_record(connection, town.record(1, kind="shared", on="2026-06-02"), 0)
    for statement in (update(adherence_records).values(kind="accepted"), delete(adherence_records)):
        with pytest.raises(DBAPIError), store.writing() as connection:
            connection.execute(statement)
    store.close()
