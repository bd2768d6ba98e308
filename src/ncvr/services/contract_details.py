"""What the contract of each site still needs from its details, and giving them: for one site, or what all sites share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ncvr.domain.details import SiteDetails
from ncvr.domain.site_costing import SiteCosting
from ncvr.errors import InputError, MoveNotAllowed, TemplateError
from ncvr.files.details_skeleton import AskedDetail, asked_details
from ncvr.files.json_files import validated
from ncvr.files.template_registry import DOCUMENT, PROFILE, choose_template, read_template
from ncvr.services import site_contracts
from ncvr.services.costing import list_costings
from ncvr.services.kept_prices import agreed_study
from ncvr.services.office import Act
from ncvr.store import site_details
from ncvr.store.site_details import KeptDetails

Values = Mapping[str, Any]
CHANGEABLE = ("priced", "locked")  # before the contract is out


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteAsks:
    """What one site's contract asks and knows. ``template`` is its name; ``problem`` why there is none."""

    costing: SiteCosting
    kept: KeptDetails
    template: str
    asked: tuple[AskedDetail, ...]
    problem: str = ""

    @property
    def values(self) -> dict[str, Any]:
        """What is given, by key."""
        given = self.kept.details.model_dump(mode="json", exclude_defaults=True)
        return {asked.key: found for asked in self.asked if (found := _at(given, asked.key)) is not None}

    @property
    def missing(self) -> list[AskedDetail]:
        """What no contract can be made without, and is not given."""
        values = self.values
        return [asked for asked in self.asked if asked.needed and values.get(asked.key) in (None, "", [])]


def site_asks(act: Act, costing: SiteCosting) -> SiteAsks:
    """What the costing's contract asks: by the template it was made from, else the one in force on the days of its details."""
    kept = site_details.read(act.connection, costing.iras_id, costing.site.key)
    dates = kept.details.dates
    family = costing.site.agreement or agreed_study(act, costing.iras_id, costing.version).study.agreement
    try:
        name = costing.template or choose_template(act.office.templates, family, dates.iras_submission, dates.contract).name
        asked = _asked(act.office.templates, name)
    except TemplateError as error:
        return SiteAsks(costing=costing, kept=kept, template=family, asked=(), problem=str(error.findings[0]))
    return SiteAsks(costing=costing, kept=kept, template=name, asked=asked)


def _asked(folder: Path, name: str) -> tuple[AskedDetail, ...]:
    """What a registered template asks. Raises TemplateError if it is not there any more, or not sound."""
    files = [folder / name / each for each in (DOCUMENT, PROFILE)]
    return _asked_once(folder, name, tuple(file.stat().st_mtime_ns for file in files if file.exists()))


@lru_cache(maxsize=16)
def _asked_once(folder: Path, name: str, _written: tuple[int, ...]) -> tuple[AskedDetail, ...]:
    """Reading a template takes a third of a second, and a registered one never changes."""
    return asked_details(read_template(folder, name).or_raise(TemplateError))


def asks_of_site(act: Act, iras_id: str, site: str) -> SiteAsks:
    """One site's, for whoever may read its details."""
    site_contracts.read_details(act, iras_id, site)  # checks who asks
    return next(site_asks(act, costing) for costing in reversed(list_costings(act, iras_id)) if site in (costing.site.key, costing.site.ods_code))


def give_details(act: Act, asks: SiteAsks, given: Values, expected: int) -> KeptDetails:
    """Write what a form gave over what is kept; what the form does not ask stays. Raises InputError placed at the keys of the form."""
    costing = asks.costing
    record = asks.kept.details.model_dump(mode="json", exclude_defaults=True)
    for key, value in given.items():
        _put(record, key, value)
    details, findings = validated(SiteDetails, record, "")
    if details is None:
        raise InputError.of(findings)
    return site_contracts.write_details(act, costing.iras_id, costing.site.key, details, expected)


def give_to_all(act: Act, asks: Sequence[SiteAsks], given: Values, revisions: Mapping[str, int]) -> list[str]:
    """Write what all sites share to each site whose contract is not out yet; all of them or none. Gives the sites written."""
    open_still = [each for each in asks if each.costing.state in CHANGEABLE]
    if not open_still:
        raise MoveNotAllowed("no site's contract can be changed any more", "", "Details are changed while a price is priced or locked")
    for each in open_still:
        give_details(act, each, given, revisions.get(each.costing.site.key, -1))
    return [each.costing.site.key for each in open_still]


def _at(record: Any, key: str) -> Any:
    for name in key.split("."):
        record = record.get(name) if isinstance(record, dict) else None
    return record


def _put(record: dict[str, Any], key: str, value: Any) -> None:
    """Nothing given takes the key away, and a section that is empty then."""
    first, _, rest = key.partition(".")
    if not rest:
        record.pop(first, None)
        if value not in (None, "", []):
            record[first] = value
        return
    section = record.get(first) or {}
    _put(section, rest, value)
    record.pop(first, None)
    if section:
        record[first] = section
