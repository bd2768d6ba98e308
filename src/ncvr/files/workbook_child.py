"""Opening a workbook from outside in a process of its own, with little memory and little time.

A file that eats memory or time takes only its own process with it. ``python -m ncvr.files.workbook_child`` is that
process: it reads a workbook on standard input and writes what it holds as JSON.
"""

import json
import subprocess
import sys
from typing import Any

from ncvr.errors import WorkbookError
from ncvr.files.apart import close_doors, run_apart
from ncvr.files.workbook_cells import CellFound, SheetFound
from ncvr.files.workbook_package import BookFound, open_workbook

FILE_LIMIT = 20 * 2**20
MEMORY_LIMIT = 300 * 2**20
SECONDS = 2  # of computing
WAIT = 20  # on a machine that does other things too
_TOO_MUCH = "Check that it is the right file; a costing workbook needs a fraction of that"


def open_workbook_apart(content: bytes, place: str) -> BookFound:
    """As :func:`~ncvr.files.workbook_package.open_workbook`, in a child process with limits. Raises WorkbookError."""
    if len(content) > FILE_LIMIT:
        raise WorkbookError(f"the file is larger than {FILE_LIMIT // 2**20} MB", place, _TOO_MUCH)
    if not content.startswith(b"PK\x03\x04"):
        return open_workbook(content, place)  # refused at once
    try:
        done = run_apart(__name__, [place], content, seconds=WAIT)
    except subprocess.TimeoutExpired as error:
        raise WorkbookError(f"reading the file took longer than {WAIT} seconds", place, _TOO_MUCH) from error
    if done.returncode != 0:
        raise WorkbookError("reading the file needs more time or memory than any costing workbook does", place, _TOO_MUCH)
    said = json.loads(done.stdout)
    if "refused" in said:
        raise WorkbookError(*said["refused"])
    return _book(said, place)


def _book(said: dict[str, Any], place: str) -> BookFound:
    sheets = [
        SheetFound(name=name, cells={row: {column: CellFound(*cell) for column, *cell in cells} for row, cells in rows}, merged=merged)
        for name, rows, merged in said["sheets"]
    ]
    return BookFound(place=place, sheets=sheets, names=said["names"])


def _record(book: BookFound) -> dict[str, Any]:
    sheets = [
        (sheet.name, [(row, [(column, *cell) for column, cell in cells.items()]) for row, cells in sheet.cells.items()], sheet.merged) for sheet in book.sheets
    ]
    return {"sheets": sheets, "names": book.names}


def _limit() -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))


def main() -> int:
    """Read, answer, end. Any failure that is no refusal ends with another code, which the parent puts into words."""
    place = sys.argv[1]
    close_doors()
    _limit()
    try:
        answer: dict[str, Any] = _record(open_workbook(sys.stdin.buffer.read(), place))
    except WorkbookError as error:
        answer = {"refused": [error.problem, error.place, error.remedy]}
    except MemoryError:
        return 3
    sys.stdout.write(json.dumps(answer))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
