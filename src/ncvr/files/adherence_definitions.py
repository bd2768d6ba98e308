"""``adherence.yaml``: the definitions of adherence and the published points, shipped in the package or a file of one's own."""

from pathlib import Path

from ncvr.domain.adherence_definition import AdherenceDefinitions
from ncvr.errors import Finding
from ncvr.files.json_files import dotted, validated
from ncvr.files.reading import Reading
from ncvr.files.yaml_lines import read_yaml

SHIPPED = Path(__file__).resolve().parent.parent / "definitions" / "adherence.yaml"


def read_adherence_definitions(path: Path = SHIPPED) -> Reading[AdherenceDefinitions]:
    """The definitions, or everything that is wrong with the file, each with its line."""
    findings: list[Finding] = []
    lined = read_yaml(path, findings)
    if lined is None:
        return Reading(None, tuple(findings))
    places: list[tuple[str | int, ...]] = []

    def noted(record: object, location: tuple[object, ...]) -> str:
        places.append(tuple(part for part in location if isinstance(part, str | int)))
        return dotted(record, location)

    definitions, problems = validated(AdherenceDefinitions, lined.value, "", noted)
    for place, problem in zip(places, problems, strict=True):
        findings.append(Finding(f"{path}:{lined.line(place)}", f"{problem.place.removeprefix(': ')}: {problem.problem}", problem.remedy))
    if definitions is not None:
        findings += _twice(definitions, path)
    return Reading(None if findings else definitions, tuple(findings))


def _twice(definitions: AdherenceDefinitions, path: Path) -> list[Finding]:
    names = [definition.id for definition in definitions.definitions]
    remedy = "Give the newer one an id of its own, so that old figures can be computed again"
    return [Finding(str(path), f"the definition {name!r} stands twice", remedy) for name in dict.fromkeys(names) if names.count(name) > 1]
