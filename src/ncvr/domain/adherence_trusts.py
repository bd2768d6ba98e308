"""Which trust a record counts for: the legal entity that is open on the last day, and why an organisation is left out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from ncvr.domain.adherence_definition import Definition
from ncvr.domain.tariff import Organisation

NOT_LISTED = "not in the list of organisations"
OTHER_NATION = "other nation"
MERGED = "merged"
CLOSED = "closed, successor unknown"
TYPE_UNKNOWN = "type unknown"
TYPE_NOT_COUNTED = "type not counted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusts:
    """The organisations of a window: who is open on its last day, and who succeeded whom by then."""

    organisations: Mapping[str, Organisation]
    last_day: date

    def successor(self, ods_code: str) -> str:
        """The organisation that stands for this one on the last day: itself, or its successor, or the successor's."""
        seen: set[str] = set()
        code = ods_code
        while code not in seen and (listed := self.organisations.get(code)) and self._gone(listed) and listed.successor:
            seen.add(code)
            code = listed.successor
        return code

    def _gone(self, listed: Organisation) -> bool:
        return listed.close_date is not None and listed.close_date < self.last_day

    def open_codes(self) -> list[str]:
        """Organisations that were legally open on the last day."""
        return [code for code, listed in self.organisations.items() if listed.open_on(self.last_day)]

    def predecessors(self, codes: Iterable[str]) -> dict[str, list[str]]:
        """By trust, the codes of organisations that it succeeded by the last day, of those given."""
        found: dict[str, list[str]] = {}
        for code in codes:
            if (successor := self.successor(code)) != code:
                found.setdefault(successor, []).append(code)
        return found

    def left_out(self, ods_code: str, definition: Definition) -> str:
        """Why this organisation is not counted whatever it did; empty if it may be."""
        listed = self.organisations.get(ods_code)
        if listed is None:
            return NOT_LISTED
        if listed.nation != definition.scope.nation:
            return OTHER_NATION
        return self._state_of(listed) or _type_of(listed, definition)

    def _state_of(self, listed: Organisation) -> str:
        if listed.open_on(self.last_day):
            return ""
        return f"{MERGED} into {self.successor(listed.ods_code)}" if listed.successor else CLOSED


def _type_of(listed: Organisation, definition: Definition) -> str:
    if listed.status == "unknown" or listed.type == "unknown":
        return TYPE_UNKNOWN
    return "" if definition.counts_type(listed) else TYPE_NOT_COUNTED
