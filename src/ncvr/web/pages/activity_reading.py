"""The filled-in form of an entry, read as the study file writes it; what is wrong is told at its field."""

from dataclasses import replace
from typing import Any

from ncvr.domain.cell_changes import are_minutes
from ncvr.domain.study import Activity
from ncvr.domain.tariff import near
from ncvr.errors import Finding, InputError
from ncvr.files.json_files import validated
from ncvr.web.pages.activity_fields import FIELDS, Place
from ncvr.web.pages.page import Page


def read_entry(page: Page, place: Place) -> Any:
    """What was filled in as an entry. Raises InputError with a finding for each field that needs mending."""
    reading = _FormReading(page, place)
    value, findings = validated(place.model, reading.record(), "", reading.field_of)
    own = {finding.place for finding in reading.findings}
    placed = [replace(finding, place=finding.place.removeprefix(": ")) for finding in findings]
    findings = [*reading.findings, *(finding for finding in placed if finding.place not in own)]
    if findings or value is None:
        raise InputError.of(findings)
    return value


class _FormReading:
    """The fields of the form as the study file writes an entry; ``findings`` are what the file's own rules would not say."""

    def __init__(self, page: Page, place: Place) -> None:
        self.page, self.place = page, place
        self.findings: list[Finding] = []
        self.numbers: list[int] = []  # which line of the form each resource came from

    def record(self) -> dict[str, Any]:
        entry = self.place.entry
        record: dict[str, Any] = {"id": entry.id if entry is not None else self.page.field("id")}
        if getattr(entry, "catalogue", None):
            record["catalogue"] = entry.catalogue
        for field in FIELDS[self.place.model]:
            text = self.page.field(field.name)
            if text:
                record[field.name] = int(text) if field.number and text.isascii() and text.isdecimal() else text
        if not record.get("name"):
            self.findings.append(Finding("name", "the name is missing", "Enter the name as the protocol has it"))
            record["name"] = "-"
        if self.place.costed:
            record["resources"] = self._resources()
        if self.place.model is Activity:
            record["occurrences"] = self._counts()
        return record

    def _resources(self) -> list[dict[str, Any]]:
        lines = []
        old = list(getattr(self.place.entry, "resources", []))
        for number in sorted(int(name.partition("-")[2]) for name in self.page.form if name.startswith("minutes-") and name[8:].isdecimal()):
            role, minutes, item, quantity = (self.page.field(f"{key}-{number}") for key in ("role", "minutes", "item", "quantity"))
            if not (role or minutes or item):
                continue
            self._check(number, role, minutes, item)
            line: dict[str, Any] = {"role": role, "minutes": _number(minutes), "item": item, "quantity": _number(quantity or "1")}
            if number <= len(old):
                line["department"] = old[number - 1].department
            lines.append({key: value for key, value in line.items() if value not in ("", None)})
            self.numbers.append(number)
        return lines

    def _check(self, number: int, role: str, minutes: str, item: str) -> None:
        edition = self.place.seen.edition
        if role and item:
            self.findings.append(Finding(f"item-{number}", "one line has a role and a code", "Give each a line of its own"))
        elif role and not minutes:
            self.findings.append(Finding(f"minutes-{number}", f"the role {role!r} has no minutes", "Enter its minutes, like 20"))
        elif minutes and not role:
            self.findings.append(Finding(f"role-{number}", "minutes belong to a role, and none is chosen", "Choose the role"))
        elif minutes and not are_minutes(minutes):
            self.findings.append(Finding(f"minutes-{number}", f"{minutes[:40]!r} cannot be minutes", "Enter minutes above 0, like 20 or 7.5, at most 10,080"))
        if item and item not in edition.items:
            self.findings.append(
                Finding(f"item-{number}", f"{item!r} is not in edition {edition.edition}{near(item, edition.items)}", "Choose a code of the list")
            )

    def _counts(self) -> dict[str, Any]:
        counts: dict[str, Any] = {}
        for number, visit in enumerate(self.place.visits, start=1):
            text = self.page.field(f"visit-{number}")
            if text and not (text.isascii() and text.isdecimal() and len(text) <= 4):
                self.findings.append(Finding(f"visit-{number}", f"{visit.name}: {text[:40]!r} is not a whole number", "Enter how often, like 2, or nothing"))
            elif text and int(text):
                counts[visit.id] = int(text)
        return counts

    def field_of(self, _record: Any, location: tuple[Any, ...]) -> str:
        """The field of the form for a place in the record."""
        if location[:1] != ("resources",) or len(location) < 2:
            return str(location[0]) if location else ""
        key = next((str(part) for part in location[2:] if part in ("role", "minutes", "item", "quantity")), "role")
        return f"{key}-{self.numbers[location[1]]}"


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else text
