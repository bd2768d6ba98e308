"""The roll-up, brought up to date record by record, is what a recount of all records finds; and nothing recorded is changed."""

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from ncvr.domain.adherence import indicator, indicator_of_costings
from ncvr.domain.adherence_period import read_period
from ncvr.domain.adherence_records import AdherenceRecord, costings_of
from ncvr.services.adherence import check_rollup
from ncvr.services.adherence_recording import DISPUTE_WITHIN_DAYS, keep_record
from ncvr.store import adherence
from ncvr.store.adherence_tables import adherence_records
from ncvr.store.connections import open_store
from tests import adherence_town as town
from tests.databases import Database
from tests.laws.test_adherence_laws import ORGANISATIONS, histories

PERIOD = read_period("2026-06")


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
@given(histories().map(of_one_costing))
def test_record_by_record_is_the_same_as_a_recount_of_all(database: Database, records: list[AdherenceRecord]) -> None:
    store = open_store(database.url)
    known = [record for record in records if not _names_a_later_one(record, records)]
    try:
        with store.engine.connect().execution_options(ncvr_writing=True) as connection:
            begun = connection.begin()
            for record in known:
                keep_record(connection, record, 0)
            assert check_rollup(connection, known[-1].recorded_on if known else PERIOD.last) == []
            assert list(adherence.all_records(connection)) == known
            begun.rollback()
    finally:
        store.close()


def _names_a_later_one(record: AdherenceRecord, records: list[AdherenceRecord]) -> bool:
    named = record.about or record.corrects
    ids = [each.id for each in records]
    return named is not None and ids.index(named) > ids.index(record.id)


@pytest.mark.parametrize("definition", ["observed-1", "industry-1"])
def test_a_month_from_the_roll_up_is_the_month_from_every_record(database: Database, definition: str) -> None:
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
    period, known = PERIOD, town.definition(definition)
    with store.reading() as connection:
        rolled_up = adherence.costings_in(connection, period.window(1))
        assert len(rolled_up) < len(costings_of(records, period.last, DISPUTE_WITHIN_DAYS))
    store.close()
    counted = indicator(records, [], ORGANISATIONS, known, period, period.last)
    assert indicator_of_costings(rolled_up, [], ORGANISATIONS, known, period, period.last).standings == counted.standings


def test_no_record_is_changed_or_removed(database: Database) -> None:
    store = open_store(database.url)
    with store.writing() as connection:
        keep_record(connection, town.record(1, kind="shared", on="2026-06-02"), 0)
    for statement in (update(adherence_records).values(kind="accepted"), delete(adherence_records)):
        with pytest.raises(DBAPIError), store.writing() as connection:
            connection.execute(statement)
    store.close()
