"""What a study still lacks, and what in it cannot be: every finding, each with its place and a remedy.

``check_references`` reads the plain JSON value, so that a file with wrong types still gets all its findings at once.
The other checks take a :class:`~ncvr.domain.study.Study`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from ncvr.domain.study import Costed, Study, derived_class
from ncvr.domain.study_contradictions import check_contradictions, check_occasions
from ncvr.domain.tariff import TariffEdition, near
from ncvr.domain.written_values import ods_code
from ncvr.errors import Finding

Use = Literal["read", "price", "submit", "contract"]


def check_references(record: Mapping[str, Any]) -> list[Finding]:
    """Ids used twice, and references to arms and visits that are not there; wrong types are somebody else's finding."""
    arms = _records(record, "arms")
    findings = list(_duplicates(record, arms))
    for arm in arms:
        findings += _arm_references(arm, arms)
    arm_ids = {arm.get("id") for arm in arms}
    for entry in _records(record, "unscheduled"):
        if entry.get("arm") is not None:
            findings += _missing_arms(f"unscheduled {entry.get('id')}", [entry["arm"]], arm_ids)
    for site in _records(record, "sites"):
        named = [*_strings(site.get("arms")), *_strings(site.get("arm_participants"))]
        findings += _missing_arms(f"site {site.get('id') or site.get('ods_code')}", named, arm_ids)
    for waiver in _records(record, "waivers"):
        findings += _waiver_references(waiver, arms)
    return findings


def _records(record: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    value = record.get(key)
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def _strings(value: object) -> list[str]:
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list | Mapping) else []


def _duplicates(record: Mapping[str, Any], arms: list[Mapping[str, Any]]) -> Iterator[Finding]:
    groups = [("arm", arms)]
    work = [activity for arm in arms for activity in _records(arm, "activities")]
    work += [entry for key in ("unscheduled", "setup_and_closedown", "pass_through") for entry in _records(record, key)]
    groups.append(("activity, unscheduled, set-up or pass-through", work))
    for what, entries in groups:
        for key in _twice(entry.get("id") for entry in entries):
            yield Finding(f"id {key}", f"the {what} id {key!r} is used {_count(entries, key)} times", "Give each its own id; prices and contracts refer to it")
    for arm in arms:
        for key in _twice(visit.get("id") for visit in _records(arm, "visits")):
            yield Finding(
                f"arm {arm.get('id')}, visit {key}", f"the visit id {key!r} is used more than once in this arm", "Give each visit its own id within the arm"
            )
    for key in _twice(site.get("id") or ods_code(site.get("ods_code")) for site in _records(record, "sites")):
        yield Finding(f"site {key}", "this site is listed more than once", 'Remove one, or give each its own "id" if one organisation takes part twice')


def _twice(keys: Iterable[object]) -> list[str]:
    return [key for key, count in Counter(key for key in keys if isinstance(key, str)).items() if count > 1]


def _count(entries: list[Mapping[str, Any]], key: str) -> int:
    return sum(entry.get("id") == key for entry in entries)


def _arm_references(arm: Mapping[str, Any], arms: list[Mapping[str, Any]]) -> Iterator[Finding]:
    place = f"arm {arm.get('id')}"
    repeated = arm.get("same_as")
    if repeated is not None:
        target = next((other for other in arms if other.get("id") == repeated), None)
        if target is None or target is arm:
            yield Finding(f"{place}, same_as", f"there is no other arm {repeated!r} to repeat", "Name the arm whose visits and activities this cohort repeats")
        elif target.get("same_as") is not None:
            yield Finding(f"{place}, same_as", f"arm {repeated!r} itself repeats another arm", "Name the arm that holds the visits and activities")
        if arm.get("visits") or arm.get("activities"):
            yield Finding(place, "an arm that repeats another has visits or activities of its own", "Remove them, or remove same_as")
        return
    visits = [visit["id"] for visit in _records(arm, "visits") if isinstance(visit.get("id"), str)]
    named = [activity for activity in _records(arm, "activities") if _strings(activity.get("occurrences"))]
    if named and not visits:
        yield Finding(place, f"it has no visits, but {len(named)} of its activities name some", "Add the arm's visits")
        return
    for activity in named:
        for key in _strings(activity.get("occurrences")):
            if key not in visits:
                yield Finding(
                    f"{place}, activity {activity.get('id')}, occurrences",
                    f"there is no visit {key!r} in this arm{near(key, visits)}",
                    "Add the visit, or correct its id",
                )


def _missing_arms(place: str, named: Iterable[object], arm_ids: set[Any]) -> Iterator[Finding]:
    for key in named:
        if isinstance(key, str) and key not in arm_ids:
            yield Finding(place, f"there is no arm {key!r}{near(key, [arm for arm in arm_ids if isinstance(arm, str)])}", "Name an arm of this study")


def _waiver_references(waiver: Mapping[str, Any], arms: list[Mapping[str, Any]]) -> Iterator[Finding]:
    place = f"waiver {waiver.get('protocol_activity') or 'without an activity'}"
    arm = next((arm for arm in arms if arm.get("id") == waiver.get("arm")), None)
    if arm is None:
        yield from _missing_arms(place, [waiver.get("arm")], {arm.get("id") for arm in arms})
        return
    if arm.get("same_as") is not None:
        arm = next((other for other in arms if other.get("id") == arm.get("same_as")), arm)
    if isinstance(waiver.get("visit"), str) and waiver["visit"] not in [visit.get("id") for visit in _records(arm, "visits")]:
        yield Finding(place, f"there is no visit {waiver.get('visit')!r} in arm {waiver.get('arm')!r}", "Correct the visit's id, or remove the waiver")


def check_use(study: Study, use: Use, edition: TariffEdition | None = None) -> list[Finding]:
    """What stands between this study and being read, priced, submitted or contracted; each use needs those before it."""
    findings: list[Finding] = []
    if use in ("price", "submit", "contract"):
        findings += _check_priceable(study)
        findings += check_tariff(study, edition) if edition is not None else []
    if use in ("submit", "contract"):
        findings += _check_identity(study)
        findings += check_occasions(study)
    if use == "contract":
        findings += _check_contract(study)
    return findings


def work(study: Study) -> Iterator[tuple[str, Costed]]:
    """Every costed activity with its place in words, in the file's order."""
    for arm in study.arms:
        for activity in arm.activities:
            yield f"arm {arm.id}, activity {activity.id}", activity
    for unscheduled in study.unscheduled:
        yield f"unscheduled {unscheduled.id}", unscheduled
    for setup in study.setup_and_closedown:
        yield f"set-up and close-down {setup.id}", setup


def _check_priceable(study: Study) -> Iterator[Finding]:
    if study.study.iras_id is None:
        yield Finding("study, iras_id", "the IRAS ID is missing", "Give it: four to seven digits, not starting with 0; prices are bound to it")
    if not study.arms:
        yield Finding("arms", "there is no arm", "Add at least one arm with visits and activities")
    for arm in study.expanded_arms():
        if not arm.visits:
            yield Finding(f"arm {arm.id}", "this arm has no visits", "Add its visits, or name the arm it repeats with same_as")
        for visit in arm.visits:
            if visit.kind == "conditional" and not visit.when:
                yield Finding(
                    f"arm {arm.id}, visit {visit.id}", "a conditional visit does not say when it happens", 'Say it in "when", such as "participant stops early"'
                )
    yield from check_contradictions(study)
    for place, activity in work(study):
        if activity.to_do is not None:
            yield Finding(place, f"{activity.name!r} is still to do ({activity.to_do})", "Give its resources, or no_charge with a reason")
        elif not activity.resources and activity.no_charge is None:
            yield Finding(
                place, f"{activity.name!r} has no resources", "Give its staff time or tariff items; if it costs nothing, say so with no_charge and a reason"
            )


def check_tariff(study: Study, edition: TariffEdition) -> Iterator[Finding]:
    """Roles, tariff codes and catalogue activities that the edition does not have."""
    for place, activity in work(study):
        for number, line in enumerate(activity.resources, start=1):
            known: Mapping[str, object] = edition.staff_rates if line.role is not None else edition.items
            what, key = ("role", line.role) if line.role is not None else ("tariff code", line.item)
            if key is not None and key not in known:
                yield Finding(
                    f"{place}, resource {number}",
                    f"{what} {key!r} is not in edition {edition.edition}{near(key, known)}",
                    f"Choose one listed by: ncvr tariff show {edition.edition}",
                )
        if activity.catalogue is not None and activity.catalogue not in edition.activities:
            yield Finding(
                f"{place}, catalogue",
                f"catalogue activity {activity.catalogue!r} is not in edition {edition.edition}{near(activity.catalogue, edition.activities)}",
                "Choose one of the edition's activities, or leave catalogue out",
            )


def _check_identity(study: Study) -> Iterator[Finding]:
    identity = study.study
    for key, name in (("title", "title"), ("sponsor", "sponsor"), ("phase", "phase"), ("protocol", "protocol number, version and date")):
        if not getattr(identity, key):
            yield Finding(f"study, {key}", f"the {name} {'are' if ',' in name else 'is'} missing", "Give it before the study is submitted")
    if study.ncvr_class is None and identity.phase is not None:
        yield Finding(
            "study, ncvr_class", f"phase {identity.phase} may be early or late phase", 'Choose "late" or "early"; the choice is frozen at first submission'
        )
    if study.lead_site is None:
        yield Finding("lead_site", "the lead site is missing", "Give the code of the organisation that reviews the resource")
    if study.state == "draft" and not study.sites:
        yield Finding("sites", "no site is listed yet", "Sites can be added later; none can be priced before", level="notice")


def _check_contract(study: Study) -> Iterator[Finding]:
    if not study.sites:
        yield Finding("sites", "there is no site to contract with", "List the participating organisations")
    for site in study.sites:
        if not site.principal_investigator:
            yield Finding(f"site {site.key}", "the principal investigator is missing", "Give the name as it stands in the agreement")
    if study.state == "draft":
        yield Finding("state", "the resource is not agreed yet", "Share no contract before the lead site and the company agree", level="notice")


def check_class(study: Study) -> Iterator[Finding]:
    """A chosen class that contradicts the phase or the ATMP flag."""
    derived, chosen = derived_class(study.study), study.study.ncvr_class
    if derived is not None and chosen is not None and derived != chosen:
        reason = "an advanced therapy" if study.study.atmp else f"phase {study.study.phase}"
        yield Finding("study, ncvr_class", f"{reason} is {derived}, not {chosen}", "Remove ncvr_class, or correct the phase")
    if study.state != "draft":
        for place, activity in work(study):
            if activity.to_do is not None:
                yield Finding(place, "to_do may stand only in a draft", "Give its resources before the resource is agreed")
