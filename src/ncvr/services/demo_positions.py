"""What trusts are made to declare in the demo, so that the declared figure shows a share. None of it was ever declared."""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from ncvr.domain.adherence_definition import Definition
from ncvr.domain.tariff import Organisation
from ncvr.files.adherence_positions import COLUMNS

POSITIONS = "positions_ILLUSTRATIVE.csv"
SOURCE = "Illustrative, made up for the demonstration: this trust declared nothing"
# Those of the demo's story that do not accept; of the others some have no position on file, and nobody is said to refuse.
_STORY = {"RM1": ("accepts_in_part", "no"), "R0A": ("accepts_in_full", "yes")}
_SILENT = 8  # every so many trusts, one has declared nothing
_STEP, _SPREAD = 53, 330  # the declarations are spread over so many days before, so that the months rise


def positions_csv(organisations: Mapping[str, Organisation], definition: Definition, on: date) -> bytes:
    """A position for most trusts that the definition counts on that day, each marked as made up; the same in every demo."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(_rows(organisations, definition, on))
    return text.getvalue().encode("utf-8")


def _rows(organisations: Mapping[str, Organisation], definition: Definition, on: date) -> Iterator[tuple[str, ...]]:
    counted = [code for code, listed in sorted(organisations.items()) if _is_counted(listed, definition, on)]
    for at, code in enumerate(counted, start=1):
        if code in _STORY or at % _SILENT:
            position, variation = _STORY.get(code, ("accepts_in_full", "no"))
            declared_on = on - timedelta(days=at * _STEP % _SPREAD)
            yield code, position, variation, declared_on.isoformat(), SOURCE


def _is_counted(listed: Organisation, definition: Definition, on: date) -> bool:
    return listed.nation == definition.scope.nation and listed.status == "open" and listed.open_on(on) and definition.counts_type(listed)
