"""What every request asks is answered by the driver itself just as SQLAlchemy would have it answered."""

import pytest
from sqlalchemy.exc import DBAPIError

from ncvr.domain.ledger import instant
from ncvr.services.front_door import sha256_hex
from ncvr.store import costings, ledger_entries, people, studies
from ncvr.store.questions import Question, asked_of_driver
from tests.databases import asked_by_sqlalchemy
from tests.offices import IRAS, Town, small_study
from tests.services.walks import agreed


def test_the_driver_gives_the_same_rows_under_the_same_names(both: Town) -> None:
    agreed(both, small_study(sites=[{"ods_code": "RA9", "target_participants": 10}]))
    now = instant(both.clock())
    asked: list[tuple[Question, dict[str, str], int]] = [
        (people._BEARER, {"token": sha256_hex(both.tokens["company"]), "now": now}, 1),
        (people._BEARER, {"token": sha256_hex("nobody's"), "now": now}, 0),
        (studies._WHO_TAKES_PART, {"iras_id": IRAS, "day": "2026-06-01"}, 1),
        (studies._WHO_TAKES_PART, {"iras_id": "9999999", "day": "2026-06-01"}, 0),
        (costings._OF_SITE_TO_READ, {"iras_id": IRAS, "site": "RA9"}, 1),
        (costings._OF_SITE_TO_READ, {"iras_id": IRAS, "site": "nowhere"}, 0),
        (ledger_entries._HEAD, {}, 1),
    ]
    with both.store.reading() as connection:
        for question, words, least in asked:
            for _ in range(2):  # put into the driver's words, and as they were kept
                rows, expected = question.rows(connection, **words), asked_by_sqlalchemy(question, connection, **words)
                assert [row._asdict() for row in rows] == [dict(row._mapping) for row in expected]
            assert len(rows) >= least
            assert question.row(connection, **words) == (rows[0] if rows else None)


def test_what_the_driver_refuses_is_raised_as_sqlalchemy_raises_it(both: Town) -> None:
    with both.store.reading() as connection, pytest.raises(DBAPIError, match="no_such_table") as refused:
        asked_of_driver(connection, "SELECT 1 FROM no_such_table")
    assert type(refused.value) is type(_by_sqlalchemy(both))


def _by_sqlalchemy(town: Town) -> DBAPIError:
    with town.store.reading() as connection, pytest.raises(DBAPIError) as refused:
        connection.exec_driver_sql("SELECT 1 FROM no_such_table")
    return refused.value


def test_a_value_that_is_not_given_is_told(both: Town) -> None:
    with both.store.reading() as connection, pytest.raises(KeyError, match="site"):
        costings._OF_SITE_TO_READ.rows(connection, iras_id=IRAS)
