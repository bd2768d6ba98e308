"""What a server process runs: the application over the office of the settings, its log as lines of JSON on standard error."""

import json
import logging

from fastapi import FastAPI

from ncvr.services.opening import open_office
from ncvr.web.app import create_app


class _JsonLines(logging.Formatter):
    """One object a line; the door's own lines are JSON already."""

    def format(self, record: logging.LogRecord) -> str:
        if record.name == "ncvr.web":
            return record.getMessage()
        line = {"level": record.levelname.lower(), "logger": record.name, "message": record.getMessage()}
        if record.exc_info:
            line["fault"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def application() -> FastAPI:
    """For a server that starts processes of its own, such as ``uvicorn --factory ncvr.web.serving:application``."""
    lines = logging.StreamHandler()
    lines.setFormatter(_JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[lines], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    return create_app(open_office())
