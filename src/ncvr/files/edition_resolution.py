"""Header and rows together: an edition in full, or the changes of one edition laid over another."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from ncvr.domain.tariff import CatalogueActivity, CostClass, DerivationStep, SiteMultiplier, Source, StaffRate, TariffEdition, TariffItem, Uplift
from ncvr.errors import Finding
from ncvr.files.edition_header import PlacedHeader, UpliftEntry
from ncvr.files.edition_rows import (
    ALL_ROLES,
    Rows,
    check_references,
    read_activities,
    read_derivation,
    read_items,
    read_multipliers,
    read_staff_rates,
)
from ncvr.money import Rounding

Figure = TypeVar("Figure", StaffRate, TariffItem, CatalogueActivity, SiteMultiplier, DerivationStep)


def resolved_edition(folder: Path, placed: PlacedHeader, base: TariffEdition | None, findings: list[Finding]) -> TariffEdition:
    """The edition of ``folder`` over ``base``, not yet hashed or compared with its lock.

    It is whole only if nothing was added to ``findings``.
    """
    header = placed.entry
    changes, noted = header.based_on is not None, len(findings)
    rates = read_staff_rates(folder, changes=changes, findings=findings)
    derivation = read_derivation(folder, changes=changes, findings=findings)
    edition = TariffEdition(
        edition=header.edition,
        title=header.title,
        status=header.status,
        published_on=header.published_on,
        in_force_from=header.in_force_from,
        based_on=header.based_on,
        rounding=Rounding(100 if header.rounding.unit == "1" else 1),
        uplifts=_uplifts(placed),
        setup_uplifts=_setup_uplifts(placed),
        amendment_pricing=header.amendment_pricing,
        sources=tuple(Source(title=source.title, publisher=source.publisher, date=source.date, licence=source.licence) for source in header.sources),
        staff_rates=_over(rates, base, base.staff_rates if base else {}),
        items=_over(read_items(folder, changes=changes, findings=findings), base, base.items if base else {}),
        activities=_over(read_activities(folder, changes=changes, findings=findings), base, base.activities if base else {}),
        multipliers=_over(read_multipliers(folder, changes=changes, findings=findings), base, base.multipliers if base else {}),
        derivation=_derivation(rates, derivation, base),
        sha256="",
        lock="unlocked",
    )
    if len(findings) == noted:
        findings += check_references(edition, folder)
    return edition


def check_rows(folder: Path, *, changes: bool, findings: list[Finding]) -> None:
    """What is wrong with the rows by themselves, for an edition whose header cannot be read: its tables are not to wait for it."""
    read_staff_rates(folder, changes=changes, findings=findings)
    read_derivation(folder, changes=changes, findings=findings)
    read_items(folder, changes=changes, findings=findings)
    read_activities(folder, changes=changes, findings=findings)
    read_multipliers(folder, changes=changes, findings=findings)


def _uplifts(placed: PlacedHeader) -> dict[CostClass, Uplift]:
    uplifts = placed.entry.uplifts
    entries: dict[CostClass, UpliftEntry] = {
        "staff_time": uplifts.staff_time,
        "investigation": uplifts.investigation,
        "departmental": uplifts.departmental,
    }
    return {cost_class: _uplift(entry, placed.line_of("uplifts", cost_class)) for cost_class, entry in entries.items()}


def _setup_uplifts(placed: PlacedHeader) -> dict[CostClass, Uplift]:
    entries = placed.entry.uplifts.setup_and_closedown or {}
    return {cost_class: _uplift(entry, placed.line_of("uplifts", "setup_and_closedown", cost_class)) for cost_class, entry in entries.items()}


def _uplift(entry: UpliftEntry, place: str) -> Uplift:
    return Uplift(indirect=entry.indirect, capacity=entry.capacity, source=entry.source, place=place)


def _over(rows: Rows[Figure], base: TariffEdition | None, inherited: Mapping[str, Figure]) -> dict[str, Figure]:
    """The rows over those of the base, without the withdrawn ones, sorted by key."""
    if base is None:
        return dict(sorted(rows.values.items()))
    for key, cells in rows.withdrawn.items():
        if key not in inherited:
            cells.wrong(f"{key} is withdrawn but {base.edition} does not have it", f"Remove the row, or give {key} its figure")
    kept = {key: _from(base, figure) for key, figure in inherited.items() if key not in rows.withdrawn}
    return dict(sorted((kept | rows.values).items()))


def _from(base: TariffEdition, figure: Figure) -> Figure:
    return figure if "/" in figure.place else replace(figure, place=f"{base.edition}/{figure.place}")


def _derivation(rates: Rows[StaffRate], steps: tuple[DerivationStep, ...], base: TariffEdition | None) -> tuple[DerivationStep, ...]:
    """The steps over those of the base: a role that changes its rate or its steps keeps none of the old ones, which would explain another figure."""
    changed = rates.values.keys() | rates.withdrawn.keys() | {step.role for step in steps if step.role != ALL_ROLES}
    own = {(step.role, step.step) for step in steps}
    kept = [_from(base, step) for step in base.derivation if step.role not in changed and (step.role, step.step) not in own] if base else []
    return (*kept, *steps)
