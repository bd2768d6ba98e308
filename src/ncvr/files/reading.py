"""What reading a file gives: a value if one could be made, and everything there is to say about the file."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from ncvr.errors import Finding, NcvrError

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Reading(Generic[Value]):
    """``value`` is None exactly when ``findings`` holds an error."""

    value: Value | None
    findings: tuple[Finding, ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.level == "error")

    def or_raise(self, error: type[NcvrError]) -> Value:
        """The value, or the error with all findings."""
        if self.value is None:
            raise error.of(self.errors)
        return self.value
