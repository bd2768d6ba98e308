"""What a server process runs: the application over the office of the settings, its log as lines of JSON on standard error."""

import json
import logging
import traceback

from fastapi import FastAPI

from ncvr.services.opening import open_office
from ncvr.web.app import create_app


class _JsonLines(logging.Formatter):
    """One object a line; the door's own lines are JSON already."""

    def format(self, record: logging.LogRecord) -> str:
        if record.name == "ncvr.web":
            return record.getMessage()
        line = {"level": record.levelname.lower(), "logger": record.name, "message": record.getMessage()}
        if record.exc_info and record.exc_info[1] is not None:
            line["fault"] = _fault(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def _fault(error: BaseException) -> str:
    """What went wrong and where, its cause first. Of what a database says only the kind: its words hold what is in the rows."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    words = type(error).__qualname__ if _is_of_database(error) else f"{type(error).__qualname__}: {error}"
    statement = getattr(error, "statement", None)  # with marks for its values
    told = [*([_fault(before)] if before is not None else []), *traceback.format_tb(error.__traceback__), words, f"in {statement}" if statement else ""]
    return "\n".join(part.rstrip() for part in told if part)


def _is_of_database(error: BaseException) -> bool:
    return type(error).__module__.partition(".")[0] in ("sqlalchemy", "psycopg", "sqlite3", "pysqlite3")


def application() -> FastAPI:
    """For a server that starts processes of its own, such as ``uvicorn --factory ncvr.web.serving:application``."""
    lines = logging.StreamHandler()
    lines.setFormatter(_JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[lines], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    return create_app(open_office())
