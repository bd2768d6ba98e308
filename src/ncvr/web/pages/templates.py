"""The templates: the NHS design system's macros, taken across into an environment of our own that forgives no missing value.

The macros lean on undefined values being lenient; our own pages must not (a missing figure is an error, never a blank).
"""

import hashlib
import re
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from importlib import resources
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import ChainableUndefined, Environment, PackageLoader, StrictUndefined, select_autoescape

from ncvr.domain.signing_in import SESSION_IDLE
from ncvr.money import shown, shown_exact, shown_figure, shown_percent
from ncvr.web.pages.words import COSTING_TAGS, EDITION_TAGS, ILLUSTRATIVE, REVIEW_TAGS, ROLE_WORDS, SERVICE, VERDICT_TAGS

_MACROS = (
    *("action-link", "breadcrumb", "button", "card", "checkboxes", "date-input", "details", "error-message", "error-summary", "fieldset", "hint"),
    *("input", "inset-text", "label", "notification-banner", "pagination", "panel", "password-input", "radios", "select", "skip-link"),
    *("summary-list", "tag", "task-list", "textarea", "warning-callout"),
)
_LONDON = ZoneInfo("Europe/London")


@cache
def environment() -> Environment:
    """Made once a process, at the first page."""
    ours = Environment(
        loader=PackageLoader("ncvr.web", "templates"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(default=True, default_for_string=True),
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    tags = {"review": REVIEW_TAGS, "costing": COSTING_TAGS, "verdict": VERDICT_TAGS, "illustrative": ILLUSTRATIVE, "edition": EDITION_TAGS}
    ours.globals.update(nhs=_macros(), asset=asset, service=SERVICE, tags=tags, role_words=ROLE_WORDS, session_idle=int(SESSION_IDLE.total_seconds()))
    ours.filters.update(_FILTERS)
    return ours


def _macros() -> SimpleNamespace:
    """The design system's macros by their names in our words: ``nhs.error_summary``."""
    library = Environment(loader=PackageLoader("nhsuk_frontend_jinja"), undefined=ChainableUndefined, autoescape=True, auto_reload=False)
    return SimpleNamespace(**{name.replace("-", "_"): _macro(library, name) for name in _MACROS})


def _macro(library: Environment, name: str) -> Callable[..., Any]:
    first, *rest = name.split("-")
    module = library.get_template(f"nhsuk/components/{name}/macro.jinja").module
    macro: Callable[..., Any] = getattr(module, first + "".join(word.title() for word in rest))
    return macro


@cache
def asset(name: str) -> str:
    """The address of a file under ``web/assets``: it changes when the file does, so a browser may keep it for good."""
    content = resources.files("ncvr.web").joinpath("assets", *name.split("/")).read_bytes()
    return f"/assets/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"


def long_day(day: date | str | None) -> str:
    """A day as people read it.

    >>> long_day("2026-11-03"), long_day(None)
    ('3 November 2026', '')
    """
    if day is None or day == "":
        return ""
    found = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{found.day} {found:%B %Y}"


def moment(at: str) -> str:
    """A moment of our records (UTC) as people here read it.

    >>> moment("2026-06-01T13:02:11.000000Z")
    '1 June 2026 at 14:02'
    """
    return f"{long_day(day_here(at))} at {hour(at)}"


def day_here(at: str) -> date:
    """The day of a moment of our records, in London.

    >>> day_here("2026-06-01T23:30:00.000000Z")
    datetime.date(2026, 6, 2)
    """
    return datetime.fromisoformat(at).astimezone(_LONDON).date()


def hour(at: str) -> str:
    """The time of day of a moment of our records, in London."""
    return f"{datetime.fromisoformat(at).astimezone(_LONDON):%H:%M}"


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun.

    >>> count(1, "query", "queries"), count(1234, "line")
    ('1 query', '1,234 lines')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def sentence(text: str) -> str:
    """A finding's words as a sentence.

    >>> sentence("the reason is missing")
    'The reason is missing.'
    """
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) or not text else ".")


def is_field(place: str) -> bool:
    """Whether a finding's place is the name of a field of the page, to which a link can lead."""
    return re.fullmatch(r"[a-z][\w-]*", place) is not None


_FILTERS: dict[str, Callable[..., Any]] = {
    "day": long_day,
    "sentence": sentence,
    "is_field": is_field,
    "moment": moment,
    "hour": hour,
    "count": count,
    "pounds": shown,
    "figure": shown_figure,
    "exact": shown_exact,
    "percent": shown_percent,
}
