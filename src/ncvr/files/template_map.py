"""What was found in a template of all that its profile names."""

from dataclasses import dataclass, field

from lxml import etree

from ncvr.errors import Finding
from ncvr.files.docx_stories import Stories, StoryParagraph
from ncvr.files.template_profile import Column, FieldProfile, Instruction, ScheduleTable


@dataclass(frozen=True, slots=True, eq=False)
class FoundPrompt:
    """A prompt in the template, and what it is a place of: a field, a table's column, or an instruction to take out."""

    owner: FieldProfile | Instruction | tuple[ScheduleTable, Column]
    paragraph: StoryParagraph
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class FoundTable:
    profile: ScheduleTable
    element: etree._Element
    row: etree._Element  # the prototype


@dataclass(slots=True, eq=False)
class TemplateMap:
    """Everything found. ``blocks`` holds, by profile name (and by (name, value) for alternatives), the sibling elements."""

    stories: Stories
    prompts: list[FoundPrompt] = field(default_factory=list)
    tables: list[FoundTable] = field(default_factory=list)
    blocks: dict[str | tuple[str, str], list[list[etree._Element]]] = field(default_factory=dict)
    zones: dict[str, list[etree._Element]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def refuse(found: TemplateMap, name: str, problem: str, remedy: str) -> None:
    found.findings.append(Finding(f"profile: {name}", problem, remedy))


def times(count: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")


def number_of(count: int, one: str, more: str) -> str:
    return f"{count} {more}" if count > 1 else f"one {one}" if count else f"no {one}"
