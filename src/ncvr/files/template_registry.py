"""The contract templates of a folder: ``<family>/<version>/template.docx`` with its ``profile.yaml``, and ``acceptance.csv``.

A template counts only with the content its profile pins. Whoever changes the file or the profile has another template.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ncvr.domain.acceptance import FILE, AcceptanceWindow, template_in_force
from ncvr.domain.tariff import near
from ncvr.errors import CannotTell, Finding, TemplateError
from ncvr.files.csv_table import read_table
from ncvr.files.docx_package import read_package
from ncvr.files.docx_parts import Parts, read_parts
from ncvr.files.docx_stories import read_stories, text_parts
from ncvr.files.reading import Reading
from ncvr.files.template_map import TemplateMap
from ncvr.files.template_places import map_template
from ncvr.files.template_profile import TemplateProfile, read_profile

DOCUMENT, PROFILE = "template.docx", "profile.yaml"
_COLUMNS = ("family", "version", "accepted_from", "last_submission", "last_contract", "source")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredTemplate:
    """A template with the content its profile pins, and where in it everything stands that the profile names."""

    content: bytes
    profile: TemplateProfile
    profile_sha256: str
    parts: Parts
    places: TemplateMap

    @property
    def name(self) -> str:
        return f"{self.profile.family}/{self.profile.version}"


def template_names(folder: Path) -> tuple[str, ...]:
    """``FAMILY/VERSION`` of every template of the folder, sorted."""
    return tuple(sorted(f"{path.parent.parent.name}/{path.parent.name}" for path in folder.glob(f"*/*/{PROFILE}")))


def read_template(folder: Path, name: str) -> Reading[RegisteredTemplate]:
    """The template ``FAMILY/VERSION``, or all findings: an unreadable profile, other content than pinned, places not found."""
    home = folder / name
    try:
        profile_bytes, content = (home / PROFILE).read_bytes(), (home / DOCUMENT).read_bytes()
    except OSError as error:
        return Reading(None, (Finding(str(error.filename), f"cannot be read ({error.strerror})", f"A template is {DOCUMENT} with {PROFILE} beside it"),))
    reading = read_profile(profile_bytes, str(home / PROFILE))
    if reading.value is None:
        return Reading(None, reading.findings)
    registered = register(content, profile_bytes, reading.value, str(home))
    findings = (*_check_identity(home, reading.value, name), *registered.findings)
    return Reading(registered.value if not findings else None, findings)


def register(content: bytes, profile_bytes: bytes, profile: TemplateProfile, place: str) -> Reading[RegisteredTemplate]:
    """A template and the profile read for it, or all findings: other content than pinned, a file that cannot be read, places not found."""
    findings: list[Finding] = []
    if sha256(content) != profile.template_sha256:
        said = f"its content ({sha256(content)}) is not what the profile pins"
        findings.append(Finding(f"{place}/{DOCUMENT}", said, "Restore the file, or register the changed one as a new version"))
    try:
        parts = read_parts(read_package(content, f"{place}/{DOCUMENT}"))
    except CannotTell as refused:
        return Reading(None, (*findings, *refused.findings))
    places = _map_of(parts, profile)
    findings += [Finding(f"{place}/{PROFILE}: {found.place}", found.problem, found.remedy) for found in places.findings]
    if findings:
        return Reading(None, tuple(findings))
    return Reading(RegisteredTemplate(content=content, profile=profile, profile_sha256=sha256(profile_bytes), parts=parts, places=places))


def _map_of(parts: Parts, profile: TemplateProfile) -> TemplateMap:
    """Everything the profile names, found in the template; nothing is changed."""
    return map_template(profile, read_stories(parts, {name: parts.tree(name) for name in text_parts(parts)}))


def sha256(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _check_identity(home: Path, profile: TemplateProfile, name: str) -> Iterator[Finding]:
    if f"{profile.family}/{profile.version}" != name:
        yield Finding(str(home / PROFILE), f"the profile is that of {profile.family}/{profile.version}", f"Let it stand in {profile.family}/{profile.version}")


def read_templates(folder: Path) -> tuple[list[RegisteredTemplate], list[Finding]]:
    """Every sound template of the folder, and the findings of the others."""
    sound: list[RegisteredTemplate] = []
    findings: list[Finding] = []
    for name in template_names(folder):
        reading = read_template(folder, name)
        findings += reading.findings
        if reading.value is not None:
            sound.append(reading.value)
    return sound, findings


def read_acceptance(folder: Path) -> Reading[tuple[AcceptanceWindow, ...]]:
    """The acceptance windows of the folder."""
    findings: list[Finding] = []
    windows: dict[tuple[str, str], AcceptanceWindow] = {}
    for cells in read_table(folder / FILE, _COLUMNS, findings):
        first, submission, contract = cells.day("accepted_from"), cells.day("last_submission"), cells.day("last_contract")
        key = (cells.text("family"), cells.text("version"))
        if key in windows:
            cells.wrong(f"{'/'.join(key)} stands twice", "Keep one of the rows")
        if first is None and not cells.values["accepted_from"]:
            cells.wrong("accepted_from is empty", "Give the first day on which the version is accepted")
        if first and any(last and last < first for last in (submission, contract)):
            cells.wrong("a last day is before the first", "Correct the days")
        source = cells.text("source")
        if cells.sound and first is not None:
            family, version = key
            windows[key] = AcceptanceWindow(
                family=family, version=version, accepted_from=first, last_submission=submission, last_contract=contract, source=source
            )
    return Reading(None if findings else tuple(windows.values()), tuple(findings))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenTemplate:
    name: str
    notices: tuple[Finding, ...] = ()


def choose_template(folder: Path, wanted: str, submitted_on: date | None, contract_on: date | None) -> ChosenTemplate:
    """The template asked for as ``FAMILY/VERSION`` or ``FAMILY``.

    A family alone means the national version in force on the days of the details, if any of the family is registered; else
    this project's sample, which is said. Raises TemplateError if there is none.
    """
    names = template_names(folder)
    if "/" in wanted:
        if wanted not in names:
            raise _unknown(wanted, names, folder)
        return ChosenTemplate(name=wanted)
    versions = [name.partition("/")[2] for name in names if name.partition("/")[0] == wanted]
    national = [version for version in versions if not version.startswith("sample-")]
    if national:
        return ChosenTemplate(name=f"{wanted}/{_in_force(folder, wanted, national, submitted_on, contract_on)}")
    if not versions:
        raise _unknown(wanted, tuple({name.partition("/")[0] for name in names}), folder)
    said = f"no national template of {wanted} is registered, so this project's sample is used; it is not for use as a contract"
    return ChosenTemplate(name=f"{wanted}/{versions[-1]}", notices=(Finding("--template", said, "Register the official file to use it", "notice"),))


def _in_force(folder: Path, family: str, registered: list[str], submitted_on: date | None, contract_on: date | None) -> str:
    if submitted_on is None or contract_on is None:
        missing = [name for name, day in (("iras_submission", submitted_on), ("contract", contract_on)) if day is None]
        said = f"which version of {family} is in force depends on dates that the details do not give"
        raise TemplateError(said, f"details: dates.{' and dates.'.join(missing)}", f"Give them, or name the version: {family}/{registered[-1]}")
    window = template_in_force(read_acceptance(folder).or_raise(TemplateError), family, submitted_on, contract_on)
    if window.version not in registered:
        said = f"{family}/{window.version} is in force on the days given, and it is not registered"
        raise TemplateError(said, str(folder / family), "Register the official file of that version; an older one is not accepted in its place")
    return window.version


def _unknown(wanted: str, names: tuple[str, ...], folder: Path) -> TemplateError:
    listed = ", ".join(sorted(names)) or "none"
    return TemplateError(f"there is no contract template {wanted!r}{near(wanted, names)}", str(folder), f"Choose one of: {listed}")
