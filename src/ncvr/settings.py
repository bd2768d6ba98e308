"""The environment, and the clock as part of it, are read here and nowhere else."""

import os
from datetime import UTC, date, datetime
from pathlib import Path

_REQUESTS_A_MINUTE = 6000  # a hundred a second, for a whole minute: no person, and hardly a program
_MEDIAN_DAYS = 34  # observed calendar days of a lead-site review; no official target exists
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


def keys_folder() -> Path:
    """The folder that holds the list of known keys and one's own private keys (``NCVR_KEYS``)."""
    named = os.environ.get("NCVR_KEYS")
    if named:
        return Path(named)
    try:
        return Path.home() / ".ncvr" / "keys"
    except RuntimeError:  # an account without a home, as in some containers: it has no keys
        return Path("~") / ".ncvr" / "keys"


def factor_key_file() -> Path:
    """The key under which secrets of authenticator apps are kept (``NCVR_FACTOR_KEY``), by default in the folder of keys."""
    named = os.environ.get("NCVR_FACTOR_KEY")
    return Path(named) if named else keys_folder() / "second-factors.key"


def breached_passwords_file() -> Path | None:
    """A list of passwords that were stolen somewhere, none of which is taken (``NCVR_BREACHED_PASSWORDS``); None without one."""
    named = os.environ.get("NCVR_BREACHED_PASSWORDS")
    return Path(named) if named else None


def provider_file() -> Path | None:
    """The settings of the identity provider whose people may sign in (``NCVR_PROVIDER``); None without one."""
    named = os.environ.get("NCVR_PROVIDER")
    return Path(named) if named else None


def today() -> date:
    """The day it is in Europe/London: what ``--on`` is when nobody gives it."""
    from zoneinfo import ZoneInfo  # only when asked: commands that are given their date start faster

    return datetime.now(ZoneInfo("Europe/London")).date()


def now() -> datetime:
    """The moment, in UTC: what the service's clock shows when nobody sets it by hand."""
    return datetime.now(UTC)


def review_days() -> int:
    """How many calendar days a review may take before its elapsed time reads as long (``NCVR_REVIEW_DAYS``).

    By default the observed median: nobody has published a target. Raises InputError for what is no number of days.
    """
    return _whole_number("NCVR_REVIEW_DAYS", _MEDIAN_DAYS, 999, "days")


def requests_a_minute() -> int:
    """How often one person may ask the service within a minute (``NCVR_REQUESTS_A_MINUTE``). Raises InputError for what is no such number."""
    return _whole_number("NCVR_REQUESTS_A_MINUTE", _REQUESTS_A_MINUTE, 999_999, "requests")


def _whole_number(variable: str, default: int, most: int, of: str) -> int:
    given = os.environ.get(variable)
    if given is None:
        return default
    if not (given.isascii() and given.isdigit() and len(given) <= len(str(most)) and 0 < int(given) <= most):
        from ncvr.errors import InputError

        raise InputError(f"{given!r} is no number of {of}", variable, f"Give a whole number from 1 to {most}, or leave it out for {default}")
    return int(given)


def database_url() -> str | None:
    """The address of the service's PostgreSQL database (``NCVR_DATABASE_URL``); None for the embedded one."""
    return os.environ.get("NCVR_DATABASE_URL") or None


def migration_url() -> str | None:
    """The address with which ``ncvr db upgrade`` owns the tables (``NCVR_MIGRATION_URL``); None to use the service's own."""
    return os.environ.get("NCVR_MIGRATION_URL") or None


def database_file() -> Path:
    """The embedded database (``NCVR_DATABASE_FILE``), by default ``ncvr.db`` in the folder where the service is started."""
    return Path(os.environ.get("NCVR_DATABASE_FILE") or "ncvr.db")
