"""``edition.yaml``: the name, the dates, the uplifts and the sources of one edition."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from ncvr.domain.tariff import AmendmentPricing, CostClass, Status, near
from ncvr.domain.written_values import day_of
from ncvr.errors import Finding
from ncvr.files.schema_problems import problem_in_words
from ncvr.files.yaml_lines import Lined, read_yaml
from ncvr.money import exact

FILE = "edition.yaml"
_BASED_ON = re.compile(rb"(?m)^based_on:[ \t]*(?!null|~|#)[^ \t\r\n]")
_LARGEST_SHARE = 5  # no uplift known to us adds more than the cost itself; 500 per cent is a slip of the pen
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("text is missing here; Write it after the colon")
    return value.strip()


def _share(value: Any) -> Decimal:
    try:
        number = exact(_text(value))
    except ValueError as error:
        raise ValueError(f'{error}; Write a share such as "0.70" for 70 per cent') from error
    if number < 0:
        raise ValueError(f"{value} is below zero; An uplift is zero or more")
    if number > _LARGEST_SHARE:
        raise ValueError(f'{value} looks like per cent; Write a share: "{number / 100}" for {value} per cent')
    return number


def _day(value: Any) -> date:
    return day_of(_text(value))


def _name(value: Any) -> str:
    name = _text(value)
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot be the name of an edition; Use letters, digits, full stop, hyphen and underscore")
    return name


Text = Annotated[str, BeforeValidator(_text)]
Share = Annotated[Decimal, BeforeValidator(_share)]
Day = Annotated[date, BeforeValidator(_day)]
Name = Annotated[str, BeforeValidator(_name)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class UpliftEntry(_Strict):
    indirect: Share
    capacity: Share
    source: Text


class UpliftEntries(_Strict):
    staff_time: UpliftEntry
    investigation: UpliftEntry
    departmental: UpliftEntry
    setup_and_closedown: Mapping[CostClass, UpliftEntry] | None = None


class RoundingEntry(_Strict):
    unit: Literal["0.01", "1"]
    mode: Literal["half_up"]


class SourceEntry(_Strict):
    title: Text
    publisher: Text
    date: Text
    licence: Text


class EditionHeader(_Strict):
    """What ``edition.yaml`` says. Numbers and days are text in the file, exactly as written."""

    edition: Name
    title: Text
    status: Status
    published_on: Day
    in_force_from: Day
    based_on: Name | None = None
    currency: Literal["GBP"]
    rounding: RoundingEntry
    uplifts: UpliftEntries
    amendment_pricing: AmendmentPricing = "current_edition"
    sources: Annotated[tuple[SourceEntry, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _never_back_dated(self) -> "EditionHeader":
        if self.published_on > self.in_force_from:
            raise ValueError(
                f"the edition is back-dated: it is published on {self.published_on} and in force from {self.in_force_from}; "
                "Let it start on or after the day of publication; a correction is a new edition"
            )
        return self


@dataclass(frozen=True, slots=True)
class PlacedHeader:
    """A header and where its keys stand."""

    entry: EditionHeader
    path: Path
    lined: Lined

    def place(self, key: str) -> str:
        """File and line of a key."""
        return f"{self.path}:{self.lined.line((key,))}"

    def line_of(self, *keys: str) -> str:
        """The file's own name and the line on which an entry begins: ``edition.yaml:13``."""
        return f"{self.path.name}:{self.lined.line(keys)}"


def read_header(folder: Path, findings: list[Finding]) -> PlacedHeader | None:
    """The header of the edition in ``folder``, whose name it must carry; or None with at least one finding."""
    path = folder / FILE
    lined = read_yaml(path, findings)
    if lined is None:
        return None
    try:
        header = EditionHeader.model_validate(lined.value)
    except ValidationError as error:
        findings.extend(_finding(path, lined, problem) for problem in error.errors())
        return None
    placed = PlacedHeader(header, path, lined)
    if header.edition != folder.name:
        says = f"the edition is called {header.edition} but its folder {folder.name}"
        findings.append(Finding(placed.place("edition"), says, "Give both the same name"))
        return None
    return placed


def seems_based_on_another(folder: Path) -> bool:
    """Whether a header that cannot be read names an edition it builds on; then files that are not there are not missed."""
    path = folder / FILE
    return path.is_file() and _BASED_ON.search(path.read_bytes()) is not None


_SAYINGS = {
    "literal_error": ("{input!r} is not accepted for {key}", "Use {expected}"),
    "model_type": ("{key} needs entries of its own", "Write them below it, indented"),
    "dict_type": ("{key} needs entries of its own", "Write them below it, indented"),
    "tuple_type": ("{key} needs a list", 'Begin each entry with "- "'),
    "too_short": ("{key} is empty", "Name at least one source"),
}


def _finding(path: Path, lined: Lined, problem: Mapping[str, Any]) -> Finding:
    location = tuple(part for part in problem["loc"] if part != "[key]")
    kind, key = problem["type"], location[-1] if location else "the file"
    place = f"{path}:{lined.line(location if location else ('in_force_from',))}"
    around = ".".join(str(part + 1 if isinstance(part, int) else part) for part in location)
    if kind == "missing":
        return Finding(place, f"{around} is missing", "Add it")
    if kind == "extra_forbidden":
        known = EditionHeader.model_fields if len(location) == 1 else ("setup_and_closedown", "indirect", "capacity", "source", "unit", "mode")
        return Finding(place, f"unknown key {around!r}{near(str(key), known)}", "Remove it, or correct its name")
    if kind == "value_error":
        says, _, remedy = str(problem["ctx"]["error"]).partition("; ")
        return Finding(place, f"{around}: {says}" if around else says, remedy)
    says, remedy = _SAYINGS.get(kind, ("", ""))
    if not says:
        return Finding(place, *problem_in_words(problem))
    words = {"input": problem.get("input"), "key": around or "the file", "expected": problem.get("ctx", {}).get("expected", "")}
    return Finding(place, says.format(**words), remedy.format(**words))
