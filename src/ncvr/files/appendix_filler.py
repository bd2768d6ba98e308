"""Fill a contract: the pinned template, the decisions of its profile, and the values of one site. Same input, same bytes."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ncvr.domain.appendix import FinancialAppendix
from ncvr.domain.appendix_rows import ArmSchedule, Row
from ncvr.errors import Finding, InputError
from ncvr.files.contract_values import field_value, table_rows
from ncvr.files.docx_package import write_package
from ncvr.files.docx_parts import Parts
from ncvr.files.prepared_template import Group, Hole, PreparedTemplate, Segment, prepare, xml_text
from ncvr.files.template_decisions import Decisions, decide
from ncvr.files.template_profile import Column, FieldProfile, Repeat, ScheduleTable, TemplateProfile

_MOST_SHAPES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledField:
    """One value and everywhere it stands; ``arm`` is the arm's id for a field that stands once per arm."""

    profile: FieldProfile
    value: str
    places: tuple[str, ...]
    arm: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledContract:
    """A finished contract and everything a receipt says of it. ``content`` is the Word file."""

    content: bytes
    parts: Mapping[str, str]  # part name -> sha256:...
    fields: tuple[FilledField, ...]
    decisions: Decisions
    tables: Mapping[str, tuple[tuple[str, ...], ...]]  # of the study: rows of cells
    arm_tables: Mapping[str, Mapping[str, tuple[tuple[str, ...], ...]]]  # by arm id


@dataclass(slots=True)
class TemplateFiller:
    """Fills one template for any number of sites; what they share is prepared once."""

    parts: Parts
    profile: TemplateProfile
    _prepared: dict[Decisions, PreparedTemplate] = field(default_factory=dict)
    _hashes: dict[str, str] = field(default_factory=dict)

    def fill(self, appendix: FinancialAppendix, site: str) -> FilledContract:
        """The contract of one site. Raises InputError with every missing or unfit value, each naming its field."""
        findings: list[Finding] = []
        decisions = decide(self.profile, appendix, findings, site)
        if findings:
            findings += self._missing_anyway(appendix, site)
            raise InputError.of(findings)
        prepared = self._prepare(decisions)
        values = _Values(self.profile, prepared, appendix, findings, site)
        if findings:
            raise InputError.of(dict.fromkeys(findings))
        written = {name: values.part(segments) for name, segments in prepared.parts.items()}
        return FilledContract(
            content=write_package(self.parts.package, written),
            parts={name: self._hash(name, written) for name in self.parts.package.members},
            fields=tuple(values.filled(prepared)),
            decisions=decisions,
            tables=values.study_tables,
            arm_tables=values.arm_tables,
        )

    def _prepare(self, decisions: Decisions) -> PreparedTemplate:
        if decisions not in self._prepared:
            if len(self._prepared) >= _MOST_SHAPES:
                self._prepared.clear()  # sites with recitals of their own each have a shape of their own; memory stays flat
            self._prepared[decisions] = prepare(self.parts, self.profile, decisions)
        return self._prepared[decisions]

    def _missing_anyway(self, appendix: FinancialAppendix, site: str) -> list[Finding]:
        """What else is missing while a decision is: only fields that stand in every shape of the contract would be sure to
        be needed, so fields of blocks that may go are left out."""
        findings: list[Finding] = []
        sure = self._prepare(Decisions(kept=frozenset(), chosen=(), zones=(), blank=frozenset()))
        for each in self.profile.fields:
            if each.name in sure.places and each.source is not None and not each.may_stay_blank and not each.source.startswith("arm."):
                field_value(each, appendix.facts, findings, site)
        return findings

    def _hash(self, name: str, written: Mapping[str, bytes]) -> str:
        if name in written:
            return _sha256(written[name])
        if name not in self._hashes:
            self._hashes[name] = _sha256(self.parts.package.content(name))
        return self._hashes[name]


def _sha256(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


class _Values:
    """The values of one contract, joined into the stretches of a prepared template."""

    def __init__(self, profile: TemplateProfile, prepared: PreparedTemplate, appendix: FinancialAppendix, findings: list[Finding], site: str) -> None:
        self.appendix = appendix
        in_use = [each for each in profile.fields if each.name in prepared.places and each.source is not None]
        of_arms = [each for each in in_use if _of_arm(each)]
        self.texts = {each.name: field_value(each, appendix.facts, findings, site) for each in in_use if not _of_arm(each) and self._has_value(each)}
        self.arms = [(arm, {each.name: field_value(each, arm.facts, findings, site) for each in of_arms}) for arm in appendix.arms]
        of_study = [table for table in profile.tables if not table.rows.startswith("arm.")]
        self.study_tables = {table.name: _rows(table, appendix.tables, findings, site) for table in of_study}
        self.arm_tables = {
            str(arm.facts["arm.id"]): {
                table.name: _rows(table, arm.tables, findings, f"{site}, arm {arm.facts['arm.id']}") for table in profile.tables if table not in of_study
            }
            for arm in appendix.arms
        }
        self.profile = profile

    def _has_value(self, each: FieldProfile) -> bool:
        return not (each.may_stay_blank and each.source not in self.appendix.facts)

    def part(self, segments: Sequence[Segment]) -> bytes:
        out: list[bytes] = []
        self._join(segments, self.texts, None, out)
        return b"".join(out)

    def _join(self, segments: Sequence[Segment], texts: Mapping[str, str], arm: ArmSchedule | None, out: list[bytes]) -> None:
        for segment in segments:
            if isinstance(segment, bytes):
                out.append(segment)
            elif isinstance(segment, Hole):
                out.append(_escaped(segment, texts[segment.owner.name] if isinstance(segment.owner, FieldProfile) else "").encode())
            elif isinstance(segment.profile, Repeat):
                for each, own in self.arms:
                    self._join(segment.segments, {**texts, **own}, each, out)
            else:
                _join_rows(segment, self._rows_of(segment.profile, arm), out)

    def _rows_of(self, table: ScheduleTable, arm: ArmSchedule | None) -> Sequence[Sequence[str]]:
        return self.study_tables[table.name] if arm is None or table.name in self.study_tables else self.arm_tables[str(arm.facts["arm.id"])][table.name]

    def filled(self, prepared: PreparedTemplate) -> Iterable[FilledField]:
        """Every field with its value, in the profile's order."""
        for each in self.profile.fields:
            places = prepared.places.get(each.name, ())
            if each.name in self.texts:
                yield FilledField(profile=each, value=self.texts[each.name], places=places)
            for arm, own in self.arms:
                if each.name in own:
                    yield FilledField(profile=each, value=own[each.name], places=places, arm=str(arm.facts["arm.id"]))


def _of_arm(each: FieldProfile) -> bool:
    return (each.source or "").startswith("arm.")


def _rows(table: ScheduleTable, tables: Mapping[str, tuple[Row, ...]], findings: list[Finding], site: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(row) for row in table_rows(table, tables[table.rows], findings, site))


def _escaped(hole: Hole, value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") if hole.plain else xml_text(value)


def _join_rows(group: Group, rows: Sequence[Sequence[str]], out: list[bytes]) -> None:
    """The prototype row once per row: one pattern in which only the cells' texts change, each column escaped at once."""
    assert isinstance(group.profile, ScheduleTable)
    order = {column.key: at for at, column in enumerate(group.profile.columns)}
    pattern = "".join(segment.decode().replace("%", "%%") if isinstance(segment, bytes) else "%s" for segment in group.segments)
    columns = [
        _escaped_column([row[order[hole.owner.key]] for row in rows]) for hole in group.segments if isinstance(hole, Hole) and isinstance(hole.owner, Column)
    ]
    out.append("".join([pattern % cells for cells in zip(*columns, strict=True)]).encode())


def _escaped_column(cells: Sequence[str]) -> list[str]:
    """Every cell as :func:`xml_text` has it; NUL, which no value may hold, keeps them apart meanwhile."""
    return xml_text("\0".join(cells)).split("\0")
