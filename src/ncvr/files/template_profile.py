"""``ncvr-profile/1``: everything a contract may do to its template, named. What is not named here is a modification.

A profile belongs to exactly one template file, pinned by SHA-256. It names the holes (fields, choices, schedule tables,
free zones) and the blocks that may go. Terms used below:

- A *story* is one stream of paragraphs: the body, a text box, a header, a footer or a note. A text box is stored twice
  (drawing and fallback) and is one place.
- The *text of a paragraph* is what a reader sees: runs joined, a tab as U+0009, a line break as U+000A, a non-breaking
  hyphen as U+2011, field instructions left out, nested text boxes left out.
- A *block* is a paragraph, table or block-level control that is a child of the body (or of a cell or control). Its text
  is that of its first paragraph that has any; it is identified by how that text begins.
- A *prompt* is the exact text of the template that a value takes the place of, brackets included.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from ncvr.domain.approval import different_people
from ncvr.errors import Finding
from ncvr.files.reading import Reading
from ncvr.files.schema_problems import problem_in_words
from ncvr.files.strict_yaml import load_strict

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
SourceKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$", max_length=120)]
Exact = Annotated[str, StringConstraints(min_length=1, max_length=2000)]  # text of the template, character for character
Sha256 = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]

StoryKind = Literal["body", "box", "header", "footer", "note"]
PageKind = Literal["default", "first", "even"]
ValueType = Literal["text", "multi-line", "integer", "date", "money", "choice"]
PromptFormat = Literal["highlight", "shading", "colour", "italic", "bold", "character style"]
TemplateStatus = Literal["sample", "draft", "approved"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class _Named(_Strict):
    """Something of the profile that messages, receipts and verdicts call by name."""

    name: Name
    title: str = ""  # what people call it; default: the name in words

    @property
    def words(self) -> str:
        """The name for people."""
        return self.title or self.name.replace("_", " ")


class Place(_Strict):
    """Where a prompt stands. All that is given must hold; together it must match exactly ``count`` prompts of the template."""

    story: StoryKind = "body"
    pages: PageKind | None = None  # of a header or footer: which pages; None = every kind
    control: str | None = None  # tag of the content control whose whole content is the prompt
    before: Exact | None = None  # the paragraph's text directly before the prompt ends with this
    after: Exact | None = None  # the paragraph's text directly after the prompt begins with this
    row: Exact | None = None  # in a table: the text of the first cell of the same row
    under: Exact | None = None  # the text of the nearest heading above
    prompt: Exact | None = None  # where this place words the prompt differently from the field
    count: Annotated[int, Field(ge=1, le=200)] = 1


class Option(_Strict):
    """One allowed answer of an inline choice: the details give ``value``, the document shows ``text``."""

    value: str
    text: Exact


class FieldProfile(_Named):
    """One value and all its places. The same value stands in every place.

    ``source`` None means nobody but the signing parties completes it (signature, date): then ``may_stay_blank`` is set
    and the prompt stays as it is. ``when_absent`` is the fixed text printed if the source has no value; without it, and
    without ``may_stay_blank``, a missing value refuses the filling. A field whose source begins ``arm.`` stands inside
    the repeat over the arms and has one value per arm.
    """

    source: SourceKey | None
    prompt: Exact
    type: ValueType = "text"
    max_length: Annotated[int, Field(ge=1, le=20_000)] = 300
    options: tuple[Option, ...] = ()  # type choice only: an inline bracket alternative
    personal: bool = False  # personal or bank data: a receipt holds a salted hash, never the value
    may_stay_blank: bool = False
    when_absent: Exact | None = None
    places: tuple[Place, ...] = (Place(),)

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if (self.type == "choice") != bool(self.options):
            raise ValueError("options belong to type choice, and a choice needs at least two")
        if self.options and (len(self.options) < 2 or len({option.value for option in self.options}) < len(self.options)):
            raise ValueError("a choice needs at least two options with different values")
        if self.source is None and not self.may_stay_blank:
            raise ValueError("a field without source must be allowed to stay blank")
        if self.may_stay_blank and self.when_absent is not None:
            raise ValueError("a field either stays blank or shows when_absent, not both")
        return self


class Span(_Strict):
    """A run of whole sibling blocks (or rows of one table) from ``first`` to ``last``, both included.

    ``first`` and ``last`` are how the block's (or row's) text begins. ``first`` must match exactly one block of the
    body; ``last`` is the nearest match at or after it, among the same siblings. ``under`` narrows to a heading.
    """

    first: Exact
    last: Exact | None = None  # default: the block ``first`` alone
    under: Exact | None = None
    unit: Literal["block", "row"] = "block"


class FactEquals(_Strict):
    fact: SourceKey
    equals: str | bool | int


class FactPresent(_Strict):
    fact: SourceKey
    present: bool


class AllOf(_Strict):
    all: Annotated[tuple["Condition", ...], Field(min_length=1)]


class AnyOf(_Strict):
    any: Annotated[tuple["Condition", ...], Field(min_length=1)]


Condition = FactEquals | FactPresent | AllOf | AnyOf


class ConditionalBlock(_Named):
    """Blocks that stay exactly when the condition holds. References into them stand inside spans of the same block."""

    keep_when: Condition
    spans: Annotated[tuple[Span, ...], Field(min_length=1)]


class Alternative(_Strict):
    value: str
    title: str = ""
    spans: Annotated[tuple[Span, ...], Field(min_length=1)]


class SelectOne(_Named):
    """Alternatives of whole blocks, of which exactly the one named by ``source`` remains, word for word."""

    source: SourceKey
    alternatives: Annotated[tuple[Alternative, ...], Field(min_length=2)]

    @model_validator(mode="after")
    def _values_differ(self) -> Self:
        if len({alternative.value for alternative in self.alternatives}) < len(self.alternatives):
            raise ValueError("two alternatives have the same value")
        return self


class Instruction(_Named):
    """Guidance that always comes off in an execution copy: whole blocks, or a prompt within a paragraph."""

    spans: tuple[Span, ...] = ()
    prompt: Exact | None = None
    places: tuple[Place, ...] = (Place(),)

    @model_validator(mode="after")
    def _is_one_kind(self) -> Self:
        if bool(self.spans) == (self.prompt is not None):
            raise ValueError("an instruction has either spans or a prompt")
        return self


class FreeZone(_Named):
    """Body paragraphs strictly between two fixed ones, free in words. Without a value the template's own text stays."""

    source: SourceKey  # a list of paragraphs
    after: Exact  # how the last fixed paragraph before the zone begins
    before: Exact  # how the first fixed paragraph after the zone begins
    max_paragraphs: Annotated[int, Field(ge=1, le=200)] = 20
    max_length: Annotated[int, Field(ge=1, le=20_000)] = 2_000  # of each paragraph


class Repeat(_Named):
    """A run of body blocks that stands once per arm, in the study's order; fields and tables inside it are the arm's."""

    over: Literal["arms"] = "arms"
    span: Span


class Column(_Strict):
    header: Exact  # the exact text of the header cell
    key: Name  # which text of the appendix row
    prompt: Exact  # exactly once in the prototype row's cell of this column; text around it stays
    type: ValueType = "text"
    max_length: Annotated[int, Field(ge=1, le=5_000)] = 500


class ScheduleTable(_Named):
    """A table found by its header row, whose one prototype row is found by its prompts and stands once per appendix row.

    Rows before and after the prototype stay (a total row holds ordinary fields). ``rows`` names a table of the
    financial appendix; those beginning ``arm.`` stand inside the repeat. With no rows the prototype stands once, the
    first column showing ``when_empty`` and the others ``–``.
    """

    rows: SourceKey
    columns: Annotated[tuple[Column, ...], Field(min_length=1)]
    when_empty: Exact = "None"
    max_rows: Annotated[int, Field(ge=1, le=20_000)] = 10_000


class Residue(_Strict):
    """What a finished contract must not hold: text matching a pattern, save the prompts of fields that may stay blank."""

    patterns: tuple[str, ...] = (r"\[[^\[\]]*\]",)

    @model_validator(mode="after")
    def _patterns_compile(self) -> Self:
        for pattern in self.patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{pattern!r} is not a regular expression ({error})") from error
        return self


class TemplateProfile(_Strict):
    """The whole profile. ``status``: ours is a ``sample``; a ``draft`` can fill, marked uncertified; ``approved`` needs two names."""

    format: Literal["ncvr-profile/1"]
    family: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{1,39}$")]
    version: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$")]
    title: str
    template_sha256: Sha256
    status: TemplateStatus
    approved_by: tuple[str, ...] = ()
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}-[A-Z]{2}$")] = "en-GB"
    clear_on_filling: tuple[PromptFormat, ...] = ()  # formatting of prompts that a filled value loses
    fields: tuple[FieldProfile, ...]
    choices: tuple[SelectOne, ...] = ()
    conditional_blocks: tuple[ConditionalBlock, ...] = ()
    instructions: tuple[Instruction, ...] = ()
    free_zones: tuple[FreeZone, ...] = ()
    repeats: tuple[Repeat, ...] = ()
    tables: tuple[ScheduleTable, ...] = ()
    residue: Residue = Residue()

    @model_validator(mode="after")
    def _names_differ_and_two_approve(self) -> Self:
        named: list[_Named] = [*self.fields, *self.choices, *self.conditional_blocks, *self.instructions, *self.free_zones, *self.repeats, *self.tables]
        names = [each.name for each in named]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"names used twice: {', '.join(twice)}")
        if self.status == "approved" and len(different_people(self.approved_by)) < 2:
            raise ValueError("an approved profile names two different persons in approved_by")
        return self

    def field(self, name: str) -> FieldProfile:
        """The field of this name; KeyError if there is none."""
        return next(field for field in self.fields if field.name == name)


def read_profile(content: bytes, place: str = "profile.yaml") -> Reading[TemplateProfile]:
    """The profile in these YAML bytes, or all findings, each with ``file: key: key``."""
    try:
        loaded = load_strict(content)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        return Reading(None, (Finding(place, f"this is not YAML that can be read ({_one_line(error)})", "Mend the file; every key stands once"),))
    try:
        return Reading(TemplateProfile.model_validate(loaded))
    except ValidationError as error:
        return Reading(None, tuple(_schema_findings(error, place)))


def _schema_findings(error: ValidationError, place: str) -> Iterator[Finding]:
    for detail in error.errors(include_url=False):
        where = " > ".join(str(step) for step in detail["loc"])
        yield Finding(f"{place}: {where}" if where else place, *problem_in_words(detail))


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
