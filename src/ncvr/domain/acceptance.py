"""Which version of a model agreement is accepted on which days. Windows are data, per family."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ncvr.domain.tariff import near
from ncvr.errors import TemplateError

FILE = "acceptance.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptanceWindow:
    """A version and its days, first and last included; a last day of None is open."""

    family: str
    version: str
    accepted_from: date
    last_submission: date | None
    last_contract: date | None
    source: str

    @property
    def sample(self) -> bool:
        """Whether this is a sample of this project, not a national template."""
        return self.version.startswith("sample-")

    def accepts(self, submitted_on: date, contract_on: date) -> bool:
        """Whether this version is accepted for a study submitted, and a contract made, on these days."""
        submission = self.accepted_from <= submitted_on and (self.last_submission is None or submitted_on <= self.last_submission)
        return submission and self.accepted_from <= contract_on and (self.last_contract is None or contract_on <= self.last_contract)


def template_in_force(windows: Iterable[AcceptanceWindow], family: str, submitted_on: date, contract_on: date) -> AcceptanceWindow:
    """The newest national version accepted on both days. Samples of this project are never in force.

    Raises TemplateError for an unknown family, and where no version is accepted on both days.
    """
    listed = list(windows)
    national = [window for window in listed if window.family == family and not window.sample]
    if not national:
        families = {window.family for window in listed}
        raise TemplateError(f"no acceptance windows are known for {family!r}{near(family, families)}", FILE, "Add a row per version, with its source")
    accepted = [window for window in national if window.accepts(submitted_on, contract_on)]
    if not accepted:
        days = f"submitted on {submitted_on} and contracted on {contract_on}"
        raise TemplateError(
            f"no version of {family} is accepted for a study {days}", FILE, "Check the dates in the details; the study may need the newer template"
        )
    return max(accepted, key=lambda window: window.accepted_from)


def lapse(windows: Iterable[AcceptanceWindow], family: str, version: str, submitted_on: date | None, contract_on: date | None) -> str | None:
    """What to say if this version is not accepted on the days known; None if it is, or if it has no window."""
    window = next((each for each in windows if (each.family, each.version) == (family, version)), None)
    if window is None:
        return None
    for day, last, what in ((submitted_on, window.last_submission, "submissions"), (contract_on, window.last_contract, "contracts")):
        if day is not None and day < window.accepted_from:
            return f"{family}/{version} is accepted only from {window.accepted_from}; the details say {day}"
        if day is not None and last is not None and day > last:
            return f"{family}/{version} is accepted for {what} until {last}; the details say {day}"
    return None
