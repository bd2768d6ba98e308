"""A study out to Excel and back: an export, a proposal of named changes, and the differences between two files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ncvr.domain.study import Site, Study
from ncvr.domain.study_changes import StudyChange, Totals, study_changes, totals
from ncvr.domain.tariff import SiteMultiplier, TariffEdition
from ncvr.errors import Finding, NcvrError, TariffFileError, WorkbookError
from ncvr.files.study_files import schedule_sha256
from ncvr.files.tariff_files import read_edition_in_force, read_organisations
from ncvr.files.workbook_changes import write_changes
from ncvr.files.workbook_checks import check_price_sheets, check_results
from ncvr.files.workbook_child import open_workbook_apart
from ncvr.files.workbook_exported import ExportedFacts, read_exported
from ncvr.files.workbook_formulas import units_for
from ncvr.files.workbook_package import BookFound, open_workbook
from ncvr.files.workbook_reader import ProposedStudy, read_proposal
from ncvr.files.workbook_writer import WorkbookOrder, write_workbook
from ncvr.services.pricing import chosen_sites


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedChange:
    """A change with the sheet and cell it was typed into; the sheet alone where a row or column is gone."""

    change: StudyChange
    cell: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a workbook proposes. ``study`` is the base with the changes made; nothing is taken over until somebody says so."""

    study: Study
    changes: tuple[NamedChange, ...]
    before: Totals
    after: Totals
    edition: TariffEdition
    on: date
    notices: tuple[Finding, ...]


def export_workbook(study: Study, tariffs: Path, on: date, site: str | None = None) -> bytes:
    """The study as a workbook, for all its sites, or for one and then with nothing of another.

    Raises InputError, NoTariffInForce, NoSiteMultiplier or TariffFileError.
    """
    edition = read_edition_in_force(tariffs, on).or_raise(TariffFileError)
    sites = chosen_sites(study, [site]) if site is not None else list(study.sites)
    listed = _with_multipliers(sites, edition, tariffs)
    return write_workbook(WorkbookOrder(study=study, edition=edition, on=on, sites=listed, only_site=sites[0].key if site is not None else None))


def _with_multipliers(sites: Sequence[Site], edition: TariffEdition, tariffs: Path) -> list[tuple[str, str, SiteMultiplier]]:
    """Key, name and multiplier of each site. Raises NoSiteMultiplier naming every site that has none."""
    organisations = read_organisations(tariffs).or_raise(TariffFileError)
    listed, problems = [], []
    for site in sites:
        try:
            multiplier = edition.multiplier(site.ods_code)
        except NcvrError as problem:
            problems.append(problem)
            continue
        name = organisations[site.ods_code].name if site.ods_code in organisations else multiplier.name
        listed.append((site.key, name, multiplier))
    if problems:
        raise type(problems[0]).of(finding for problem in problems for finding in problem.findings)
    return listed


def import_workbook(content: bytes, place: str, tariffs: Path, *, on: date | None = None, base: Study | None = None) -> Proposal:
    """What a returning workbook proposes, priced ``on`` that day (by default the day it was exported for).

    Raises WorkbookError with every finding: changed prices, stale editions or versions, and cells that cannot be read.
    """
    book = open_workbook_apart(content, place)
    facts = read_exported(book)
    day = on or facts.pricing_date
    edition = read_edition_in_force(tariffs, day).or_raise(TariffFileError)
    stale = [*_stale_edition(facts, edition, day, place), *(_stale_study(facts, base, place) if base is not None else ())]
    if stale:
        raise WorkbookError.of(stale)
    proposed, order, notices = _read(book, facts, edition, day, tariffs)
    changes = study_changes(facts.study, proposed.study, edition)
    kept = base if base is not None else proposed.study
    schedule = {name: getattr(proposed.study, name) for name in ("arms", "unscheduled", "setup_and_closedown", "pass_through")}
    return Proposal(
        study=kept.model_copy(update=schedule),
        changes=tuple(NamedChange(change=change, cell=cell_of(change, proposed)) for change in changes),
        before=totals(facts.study, edition),
        after=totals(proposed.study, edition),
        edition=order.edition,
        on=day,
        notices=tuple(notices),
    )


def _read(book: BookFound, facts: ExportedFacts, edition: TariffEdition, day: date, tariffs: Path) -> tuple[ProposedStudy, WorkbookOrder, list[Finding]]:
    """The proposed study, after everything that stands against it has been said at once."""
    by_key = {site.key: site for site in facts.study.sites}
    listed = _with_multipliers([by_key[key] for key in facts.sites if key in by_key], edition, tariffs)
    order = WorkbookOrder(study=facts.study, edition=edition, on=facts.pricing_date, sites=listed, only_site=facts.only_site)
    units = units_for(facts.study, edition, [multiplier for _, _, multiplier in listed])
    expected = open_workbook(write_workbook(order), book.place)
    reading = read_proposal(book, expected, facts, edition, units)
    findings = [*reading.findings, *check_price_sheets(book, expected)]
    errors = [finding for finding in findings if finding.level == "error"]
    if errors or reading.value is None:
        raise WorkbookError.of(errors)
    findings += check_results(book, reading.value, order, units) if units.live else ()
    return reading.value, order, findings


def _stale_edition(facts: ExportedFacts, edition: TariffEdition, day: date, place: str) -> list[Finding]:
    if edition.edition == facts.edition and edition.sha256 == facts.edition_sha256:
        return []
    if edition.edition == facts.edition:
        problem = f"edition {edition.edition} has changed since this workbook was exported"
    else:
        ahead = "the tariff is ahead of the workbook" if edition.in_force_from > facts.pricing_date else "the workbook is ahead of that day"
        problem = f"the workbook was priced with edition {facts.edition}, but on {day} edition {edition.edition} is in force: {ahead}"
    return [Finding(place, problem, "Export the study again for that day, and carry the changes over; or give the workbook's own date with --on")]


def _stale_study(facts: ExportedFacts, base: Study, place: str) -> list[Finding]:
    """Whether the workbook was made from this very version of this study; if not, who is ahead."""
    remedy = "Export the study again and carry the changes over"
    iras_id = base.study.iras_id or ""
    if iras_id != facts.iras_id:
        return [
            Finding(
                place, f"the workbook belongs to study {facts.iras_id or 'without IRAS ID'}, not {iras_id or 'one without'}", "Give its own study with --base"
            )
        ]
    if base.version != facts.version:
        ahead = "the study is ahead" if base.version > facts.version else "the workbook is ahead"
        return [Finding(place, f"the workbook was made from version {facts.version}, the study is at version {base.version}: {ahead}", remedy)]
    if schedule_sha256(base) != facts.schedule_sha256:
        return [Finding(place, "the study's schedule has changed since this workbook was exported: the study is ahead", remedy)]
    return []


def cell_of(change: StudyChange, proposed: ProposedStudy) -> str:
    """The cell of a change, or of the row it stands in; the sheet alone where the row or column is gone."""
    if change.what == "removed" and change.key[-2:-1] != ("line",):
        return next((table.sheet.name for table in proposed.tables if table.container == change.key[0]), "")
    for length in range(len(change.key), 1, -1):
        if change.key[:length] in proposed.cells:
            return proposed.cells[change.key[:length]]
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Two files compared under one edition."""

    changes: tuple[NamedChange, ...]
    before: Totals
    after: Totals
    edition: TariffEdition
    on: date


def compare_studies(old: Study, new: Study, tariffs: Path, on: date) -> Difference:
    """Every difference between two studies in minutes, counts and national pounds, under the edition in force that day."""
    edition = read_edition_in_force(tariffs, on).or_raise(TariffFileError)
    changes = tuple(NamedChange(change=change, cell="") for change in study_changes(old, new, edition))
    return Difference(changes=changes, before=totals(old, edition), after=totals(new, edition), edition=edition, on=on)


def changes_workbook(difference: Difference, files: str) -> bytes:
    """The differences as a workbook; ``files`` says what was compared."""
    changes = [named.change for named in difference.changes]
    return write_changes(changes, difference.before, difference.after, difference.edition.edition, difference.on, files)


def study_in_workbook(content: bytes, place: str, tariffs: Path) -> tuple[Study, date]:
    """The study a workbook proposes and the day it was exported for. Raises WorkbookError as an import does."""
    proposal = import_workbook(content, place, tariffs)
    return proposal.study, proposal.on
