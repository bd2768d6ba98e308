"""The environment is read here and nowhere else."""

import os
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
