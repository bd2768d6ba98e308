"""Every problem the software can state: where it is, what it is, and what to do.

The tree, with the exit code of the command line::

    NcvrError                        1
    ├── InputError                   2   the person who supplied the file or form can mend it
    │   ├── StudyError
    │   ├── UnknownActivity
    │   ├── WorkbookError
    │   └── CannotTell              11   a contract file that must not or cannot be read
    ├── ReferenceDataError           3   whoever keeps tariffs/ or contract_templates/ must mend it
    │   ├── TariffFileError
    │   ├── NoTariffInForce
    │   ├── NoSiteMultiplier
    │   └── TemplateError
    ├── WorkflowError                4   the process forbids it
    │   ├── MoveNotAllowed
    │   ├── NotPermitted
    │   ├── NotRecognised
    │   ├── ProviderSilent
    │   └── PriceIsFixed
    └── StoreError                   2
        ├── NotFound
        └── ChangedMeanwhile
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "notice"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem with a place and a remedy. An ``error`` refuses, a ``notice`` only says.

    >>> print(Finding("Arm A!F14", "'ECG-99' is not in edition 2026-04-01", "Choose a code from the Activities sheet"))
    Arm A!F14: 'ECG-99' is not in edition 2026-04-01. Choose a code from the Activities sheet.
    """

    place: str
    problem: str
    remedy: str
    level: Level = "error"

    def __str__(self) -> str:
        sentences = [text.rstrip(".") + "." for text in (self.problem, self.remedy) if text]
        return f"{self.place}: {' '.join(sentences)}" if self.place else " ".join(sentences)


class NcvrError(Exception):
    """A problem that stops the work. ``findings`` holds all of them when there are several."""

    exit_code = 1

    def __init__(self, problem: str, place: str = "", remedy: str = "", findings: Iterable[Finding] = ()) -> None:
        super().__init__(problem)
        self.problem = problem
        self.place = place
        self.remedy = remedy
        self.findings = tuple(findings) or (Finding(place, problem, remedy),)

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> "NcvrError":
        """The error for these findings (at least one); the first gives its problem, place and remedy."""
        listed = tuple(findings)
        return cls(listed[0].problem, listed[0].place, listed[0].remedy, listed)


class InputError(NcvrError):
    """The person who supplied the file or form can mend it."""

    exit_code = 2


class StudyError(InputError):
    """A study file says something that cannot be."""


class UnknownActivity(InputError):
    """A role or tariff code is not in the edition."""


class WorkbookError(InputError):
    """A workbook cannot be read, is stale, or has a changed price."""


class CannotTell(InputError):
    """A contract file is ambiguous, damaged, encrypted or unknown: no verdict is possible."""

    exit_code = 11


class ReferenceDataError(NcvrError):
    """Whoever keeps tariffs/ or contract_templates/ must mend it."""

    exit_code = 3


class TariffFileError(ReferenceDataError):
    """A tariff edition's files have problems."""


class NoTariffInForce(ReferenceDataError):
    """No edition is in force on the pricing date."""


class NoSiteMultiplier(ReferenceDataError):
    """The edition has no multiplier for this organisation, or the organisation cannot be priced."""


class TemplateError(ReferenceDataError):
    """A contract template or its profile has problems."""


class WorkflowError(NcvrError):
    """The process forbids it."""

    exit_code = 4


class MoveNotAllowed(WorkflowError):
    """This move does not lead on from the present state."""


class NotPermitted(WorkflowError):
    """This person may not do this."""


class NotRecognised(WorkflowError):
    """What an identity provider says is not believed, or names nobody here."""


class ProviderSilent(WorkflowError):
    """The identity provider cannot be asked now."""


class PriceIsFixed(WorkflowError):
    """Nobody edits a price."""


class StoreError(NcvrError):
    """Something asked of the store is not there, or has changed."""

    exit_code = 2


class NotFound(StoreError):
    """It does not exist, or may not be seen."""


class ChangedMeanwhile(StoreError):
    """Somebody else changed it first."""
