"""The environment, and the clock as part of it, are read here and nowhere else."""

import os
from datetime import date, datetime
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _reference_folder(variable: str, name: str) -> Path:
    """The folder the variable names; else the one shipped in the wheel; else the one at the top of a checkout."""
    named = os.environ.get(variable)
    if named:
        return Path(named)
    shipped = _PACKAGE / "reference_data" / name
    return shipped if shipped.is_dir() else _PACKAGE.parent.parent / name


def tariffs_folder() -> Path:
    """The folder that holds tariff editions (``NCVR_TARIFFS``)."""
    return _reference_folder("NCVR_TARIFFS", "tariffs")


def templates_folder() -> Path:
    """The folder that holds contract templates (``NCVR_TEMPLATES``)."""
    return _reference_folder("NCVR_TEMPLATES", "contract_templates")


def today() -> date:
    """The day it is in Europe/London: what ``--on`` is when nobody gives it."""
    from zoneinfo import ZoneInfo  # only when asked: commands that are given their date start faster

    return datetime.now(ZoneInfo("Europe/London")).date()
