"""Whether what a prices file says outside its fingerprint is so: the status of its edition, and that it was in force on the day."""

from pathlib import Path

from ncvr.domain.prices_file import PricesFile
from ncvr.domain.tariff import TariffEdition
from ncvr.errors import Finding, NoTariffInForce
from ncvr.files.tariff_files import edition_names, read_edition, read_edition_in_force

_CHANGED = "The file was changed after it was written; price the study again"


def check_standing(prices: PricesFile, tariffs: Path, place: str) -> list[Finding]:
    """Contradictions between the file and its own edition; nothing where an edition of that hash is not at hand."""
    told = prices.tariff
    edition = read_edition(tariffs, told.edition).value if told.edition in edition_names(tariffs) else None
    if edition is None or edition.sha256 != told.sha256:
        return []
    findings = []
    if told.status != edition.status:
        findings.append(Finding(f"{place}: tariff.status", f"edition {told.edition} is {edition.status}, not {told.status}", _CHANGED))
    if not _in_force(edition, prices, tariffs):
        says = f"edition {told.edition} was not in force on {prices.pricing_date}"
        findings.append(Finding(f"{place}: pricing_date", says, _CHANGED))
    return findings


def _in_force(edition: TariffEdition, prices: PricesFile, tariffs: Path) -> bool:
    if prices.pricing_date < edition.in_force_from:
        return False
    try:
        standing = read_edition_in_force(tariffs, prices.pricing_date).value
    except NoTariffInForce:
        return False
    return standing is None or standing.edition == edition.edition
