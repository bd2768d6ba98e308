"""The details of contracts as forms: one site's, or what all sites share. Nothing in them moves a price."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import Response

from ncvr.errors import Finding, InputError, MoveNotAllowed, NcvrError
from ncvr.files.details_skeleton import AskedDetail
from ncvr.services.contract_details import CHANGEABLE, SiteAsks, asks_of_site, give_details, give_to_all, site_asks
from ncvr.services.kept_prices import site_name
from ncvr.services.office import Act
from ncvr.web.pages.page import Page, Seen
from ncvr.web.pages.priced_sites import OVER, newest_costings
from ncvr.web.pages.study_title import study_title
from ncvr.web.pages.templates import long_day
from ncvr.web.pages.typed import day_boxes, day_parts, typed_day
from ncvr.web.problems import problem_of
from ncvr.web.routing import Routes

routes = Routes("Pages")
DETAILS = "/studies/{iras_id}/sites/{ods}/details"
_COMMON = "/studies/{iras_id}/contracts/common"
# The days decide which version of a family counts, whatever the template prints.
_DATES = (
    AskedDetail(key="dates.iras_submission", words="Day of the IRAS submission", kind="date", says="It decides which version of the template counts"),
    AskedDetail(key="dates.contract", words="Day the agreement is expected to be made", kind="date", says="It decides which version of the template counts"),
)
_GROUPS = (
    ("Parties", ("sponsor.", "cro.", "legal_representative.")),
    ("This site", ("site.", "principal_investigator", "target_participants")),
    ("Notices", ("notices.",)),
    ("Dates and archiving", ("dates.", "archiving.", "choices.archiving")),
    ("Payment", ("screen_failure.", "invoicing.", "bank.", "vat.", "choices.")),
    ("Clauses and recitals", ("recitals", "conditions.")),
)
_TICKED = "yes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of the form. ``value`` is its text, or the three boxes of a day."""

    asked: AskedDetail
    name: str
    value: Any
    missing: bool
    differs: bool = False

    @property
    def need(self) -> str:
        """What is said beside the label."""
        if self.asked.needed:
            return "Needed"
        return f"Otherwise {self.asked.otherwise}" if self.asked.otherwise else "Only if it applies"


def field_name(key: str) -> str:
    """The name of a key's field in the page.

    >>> field_name("notices.site.email")
    'notices-site-email'
    """
    return key.replace(".", "-")


@routes.add("GET", DETAILS, "details.read", media_type="text/html")
def details_page(page: Seen, iras_id: str, ods: str) -> Response:
    """What one site's contract needs; a form for the company while the contract is not out."""
    with page.look() as act:
        return _of_site(page, act, asks_of_site(act, iras_id, ods))


@routes.add("POST", DETAILS, "details.write", media_type="text/html")
def save_details(page: Seen, iras_id: str, ods: str) -> Response:
    """The form was sent; an incomplete one is kept too, and says what is still missing."""
    try:
        with page.act() as act:
            act.standing("details.write", iras_id)
            asks = asks_of_site(act, iras_id, ods)
            give_details(act, asks, _given(page, _asked([asks])), page.revision)
            key = asks.costing.site.key
    except (InputError, MoveNotAllowed) as error:
        with page.look() as act:
            return _of_site(page, act, asks_of_site(act, iras_id, ods), error)
    return page.go(DETAILS.format(iras_id=iras_id, ods=key), said="details-saved")


@routes.add("GET", _COMMON, "details.write", media_type="text/html")
def common_page(page: Seen, iras_id: str) -> Response:
    """What all sites share."""
    with page.look() as act:
        act.standing("details.write", iras_id)
        return _of_all(page, act, iras_id, _every(act, iras_id))


@routes.add("POST", _COMMON, "details.write", media_type="text/html")
def save_common(page: Seen, iras_id: str) -> Response:
    """Written to every site whose contract is not out yet, or to none."""
    try:
        with page.act() as act:
            act.standing("details.write", iras_id)
            every = _every(act, iras_id)
            revisions = {each.costing.site.key: _revision(page, each) for each in every}
            give_to_all(act, every, _given(page, _shared(every), keep_differing=page.ticked("differs")), revisions)
    except (InputError, MoveNotAllowed) as error:
        with page.look() as act:
            return _of_all(page, act, iras_id, _every(act, iras_id), error)
    return page.go(f"/studies/{iras_id}/contracts", said="common-details-saved")


def _revision(page: Page, asks: SiteAsks) -> int:
    sent = page.field(f"revision-{asks.costing.site.key}")
    return int(sent) if sent.isdecimal() and len(sent) < 10 else -1


def _every(act: Act, iras_id: str) -> list[SiteAsks]:
    return [site_asks(act, costing) for costing in newest_costings(act, iras_id) if costing.state not in OVER]


def _asked(asks: Sequence[SiteAsks]) -> list[AskedDetail]:
    """Everything these sites' templates ask, each once, and the days that choose the template."""
    return list({asked.key: asked for each in asks for asked in (*each.asked, *_DATES)}.values())


def _shared(asks: Sequence[SiteAsks]) -> list[AskedDetail]:
    return [asked for asked in _asked(asks) if not asked.of_site]


def _of_site(page: Page, act: Act, asks: SiteAsks, error: NcvrError | None = None) -> Response:
    costing = asks.costing
    by = act.standing("details.read", costing.iras_id)
    missing = {asked.key for asked in asks.missing}
    given = _with_days(asks)
    fields = [_field(page, asked, given.get(asked.key), missing=asked.key in missing, sent=error is not None) for asked in _asked([asks])]
    return page.show(
        "contract_details.html",
        problems=_placed(error),
        status=None if error is None else problem_of(error)[0],
        iras_id=costing.iras_id,
        title=study_title(act, costing.iras_id),
        heading="Contract details",
        of=f"{site_name(costing)} ({costing.site.key})",
        address=f"/studies/{costing.iras_id}/sites/{costing.site.key}/details",
        revisions={"revision": asks.kept.revision},
        groups=_grouped(fields),
        missing=asks.missing,
        problem=asks.problem,
        editable=by == "company" and costing.state in CHANGEABLE,
        out="" if costing.state in CHANGEABLE else costing.state,
        sites=(),
        made_from=asks.template,
        shown=_shown,
    )


def _of_all(page: Page, act: Act, iras_id: str, every: Sequence[SiteAsks], error: NcvrError | None = None) -> Response:
    open_still = [each for each in every if each.costing.state in CHANGEABLE]
    fields = []
    for asked in _shared(every):
        known = [_with_days(each).get(asked.key) for each in open_still]
        same = all(value == known[0] for value in known) if known else True
        value = known[0] if known and same else None
        missing = asked.needed and same and value in (None, "", [])
        fields.append(_field(page, asked, value, missing=missing, sent=error is not None, differs=not same))
    return page.show(
        "contract_details.html",
        problems=_placed(error),
        status=None if error is None else problem_of(error)[0],
        iras_id=iras_id,
        title=study_title(act, iras_id),
        heading="Details that all sites share",
        of=f"{iras_id}: {study_title(act, iras_id)}",
        address=f"/studies/{iras_id}/contracts/common",
        revisions={f"revision-{each.costing.site.key}": each.kept.revision for each in every},
        groups=_grouped(fields),
        missing=[each.asked for each in fields if each.missing],
        problem="",
        editable=bool(open_still),
        out="" if open_still else "shared",
        sites=[each.costing.site.key for each in open_still],
        made_from="",
        shown=_shown,
    )


def _with_days(asks: SiteAsks) -> dict[str, Any]:
    dates = asks.kept.details.dates
    days = {"dates.iras_submission": dates.iras_submission, "dates.contract": dates.contract}
    return {**asks.values, **{key: day.isoformat() for key, day in days.items() if day is not None}}


def _field(page: Page, asked: AskedDetail, value: Any, *, missing: bool, sent: bool, differs: bool = False) -> Field:
    name = field_name(asked.key)
    if asked.kind == "date":
        boxes = day_parts(page, name) if sent else day_boxes(date.fromisoformat(value) if value else None)
        return Field(asked=asked, name=name, value=boxes, missing=missing, differs=differs)
    text = page.field(name) if sent else _text(value)
    return Field(asked=asked, name=name, value=text, missing=missing, differs=differs)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return _TICKED if value else ""
    return "\n".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)


def _shown(field: Field) -> str:
    """A field's value for those who only read it."""
    if field.asked.kind == "date":
        parts = [field.value[part] for part in ("year", "month", "day")]
        return long_day(date(*map(int, parts))) if all(parts) else ""
    if field.asked.kind == "condition":
        return "Stays" if field.value else "Left out"
    return dict(field.asked.options).get(field.value) or str(field.value)


def _given(page: Page, asked: Sequence[AskedDetail], keep_differing: Sequence[str] = ()) -> dict[str, Any]:
    """What was typed, by key. A field that differed between sites and was left empty is left as it is at each of them."""
    read: dict[str, Callable[[AskedDetail], Any]] = {
        "condition": lambda each: page.field(field_name(each.key)) == _TICKED,
        "date": lambda each: _iso(typed_day(page, field_name(each.key), each.words)),
        "integer": lambda each: _whole(page.field(field_name(each.key))),
        "paragraphs": lambda each: [line.strip() for line in page.field(field_name(each.key)).splitlines() if line.strip()],
        "multi-line": lambda each: page.field(field_name(each.key)).replace("\r\n", "\n"),
    }
    given = {each.key: read[each.kind](each) if each.kind in read else page.field(field_name(each.key)) for each in asked}
    return {key: value for key, value in given.items() if not (field_name(key) in keep_differing and value in (None, "", [], False))}


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _whole(text: str) -> int | str | None:
    """A number; other text goes on as it is, and the format says what is wrong with it."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else text or None


def _grouped(fields: Sequence[Field]) -> list[tuple[str, list[Field]]]:
    groups: dict[str, list[Field]] = {}
    for field in fields:
        name = next((words for words, starts in _GROUPS if field.asked.key.startswith(starts)), "Clauses and recitals")
        groups.setdefault(name, []).append(field)
    return [(name, groups[name]) for name, _ in _GROUPS if name in groups]


def _placed(error: NcvrError | None) -> list[Finding]:
    """Each finding at its field."""
    return [] if error is None else [Finding(_place(found.place.removeprefix(": ")), found.problem, found.remedy) for found in error.findings]


def _place(place: str) -> str:
    return field_name(place) if place.replace(".", "").replace("_", "").replace("-", "").isalnum() else place
