"""YAML as we accept it: plain keys, lists and text, each value with its line, so that a finding can name it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent

from ncvr.errors import Finding
from ncvr.files.csv_table import read_text

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser where PyYAML was built with it
_DEEPEST = 10
_LARGEST = 1_000_000  # characters

Location = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Lined:
    """A YAML value in which every scalar is text or None, and the line of every part of it."""

    value: object
    lines: Mapping[Location, int] = field(default_factory=dict)

    def line(self, location: Location) -> int:
        """The line of the part, or of the nearest part around it that exists."""
        while location not in self.lines and location:
            location = location[:-1]
        return self.lines.get(location, 1)


def read_yaml(path: Path, findings: list[Finding]) -> Lined | None:
    """The file's value, or None with at least one finding.

    Refused: a key twice, an alias (one value in two places), deep nesting, and a number with a fraction outside quotes,
    because YAML readers turn it into a binary float.
    """
    text = read_text(path, findings)
    if text is None:
        return None
    if len(text) > _LARGEST:
        findings.append(Finding(f"{path}:1", "the file is far too large", "Check that it is the right file"))
        return None
    try:
        if not _is_plain(text, path, findings):
            return None
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        says = getattr(error, "problem", None) or "it cannot be parsed"
        findings.append(Finding(f"{path}:{mark.line + 1 if mark else 1}", f"this is not YAML: {says}", "Correct it there; indent with spaces"))
        return None
    lines: dict[Location, int] = {}
    noted = len(findings)
    value = _value(node, (), path, lines, findings)
    return Lined(value, lines) if len(findings) == noted else None


def _is_plain(text: str, path: Path, findings: list[Finding]) -> bool:
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if isinstance(event, AliasEvent) or depth > _DEEPEST:
            says = "an alias (*) is not used here" if isinstance(event, AliasEvent) else "the file is nested too deeply"
            line = event.start_mark.line + 1 if event.start_mark else 1
            findings.append(Finding(f"{path}:{line}", says, "Write the value out in full"))
            return False
    return True


def _value(node: yaml.Node | None, at: Location, path: Path, lines: dict[Location, int], findings: list[Finding]) -> object:
    if node is None:
        return None
    lines[at] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return {key: _value(value, (*at, key), path, lines, findings) for key, value in _pairs(node, path, findings)}
    if isinstance(node, yaml.SequenceNode):
        return [_value(member, (*at, number), path, lines, findings) for number, member in enumerate(node.value)]
    if node.tag == "tag:yaml.org,2002:float" and isinstance(node, yaml.ScalarNode) and not node.style:
        findings.append(Finding(f"{path}:{lines[at]}", f"{node.value} would be read as an inexact number", f'Put it in quotes: "{node.value}"'))
    return None if node.tag == "tag:yaml.org,2002:null" else node.value


def _pairs(node: yaml.MappingNode, path: Path, findings: list[Finding]) -> Iterator[tuple[str, yaml.Node]]:
    seen: set[str] = set()
    for key, value in node.value:
        place = f"{path}:{key.start_mark.line + 1}"
        if not isinstance(key, yaml.ScalarNode):
            findings.append(Finding(place, "a key here is not plain text", "Write keys as plain words"))
        elif key.value in seen:
            findings.append(Finding(place, f"the key {key.value!r} stands twice", "Keep one of them"))
        else:
            seen.add(key.value)
            yield key.value, value
