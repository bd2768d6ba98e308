"""Bringing official templates: a profile checked against its file, approved by two named persons, pinned and registered."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ncvr.domain import approval
from ncvr.errors import Finding, InputError, TemplateError
from ncvr.files.contract_folders import write_files
from ncvr.files.template_checks import check_template
from ncvr.files.template_profile import TemplateProfile, read_profile
from ncvr.files.template_registry import DOCUMENT, PROFILE, RegisteredTemplate, read_acceptance, register, sha256, template_names


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedTemplate:
    """``difference``: lines of a unified diff from the previous version's profile; none if the family is new."""

    name: str
    status: str
    difference: tuple[str, ...]
    previous: str | None
    notices: tuple[Finding, ...]


def add_template(folder: Path, document: bytes, profile: bytes, approved_by: Sequence[str], place: str) -> AddedTemplate:
    """Register a template. With two different names it is approved; without names it is a draft.

    Raises InputError for one name alone or a version that is registered already, TemplateError with all findings of profile
    and file; then nothing is written.
    """
    names = approval.approved_by(approved_by, "a template", "or leave both out to register a draft") if approved_by else ()
    pinned = _pinned(profile, sha256(document), names)
    reading = read_profile(pinned, place)
    parsed = reading.or_raise(TemplateError)
    name = f"{parsed.family}/{parsed.version}"
    if name in template_names(folder):
        raise InputError(f"{name} is registered already, and a registered version is never changed", str(folder / name), "Register it as a new version")
    template = register(document, pinned, parsed, place).or_raise(TemplateError)
    findings = check_template(template)
    if any(finding.level == "error" for finding in findings):
        raise TemplateError.of([finding for finding in findings if finding.level == "error"])
    previous = _previous(folder, parsed)
    difference = _difference(folder, previous, name, pinned)
    write_files(folder / name, {DOCUMENT: document, PROFILE: pinned}, force=False)
    return AddedTemplate(name=name, status=parsed.status, difference=difference, previous=previous, notices=(*findings, *_window(folder, template)))


def _pinned(profile: bytes, template_sha256: str, names: Sequence[str]) -> bytes:
    """The profile's text with hash, status and names set, and everything else as its author wrote it."""
    try:
        text = profile.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TemplateError("the profile is not UTF-8 text", "--profile", "Save it again as UTF-8") from error
    quoted = ", ".join('"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"' for name in names)
    for key, value in (("template_sha256", template_sha256), ("status", "approved" if names else "draft"), ("approved_by", f"[{quoted}]")):
        line = f"{key}: {value}"
        pattern = re.compile(rf"^{key}:.*(?:\n[ -].*)*$", re.MULTILINE)
        found = pattern.search(text)
        text = f"{text[: found.start()]}{line}{text[found.end() :]}" if found else f"{line}\n{text}"
    return text.encode("utf-8")


def _previous(folder: Path, profile: TemplateProfile) -> str | None:
    """The registered version of the family that is closest before this one."""
    names = [name for name in template_names(folder) if name.partition("/")[0] == profile.family]
    before = [name for name in names if name.partition("/")[2] < profile.version]
    return next(iter((before or names)[-1:]), None)


def _difference(folder: Path, previous: str | None, name: str, profile: bytes) -> tuple[str, ...]:
    if previous is None:
        return ()
    before = (folder / previous / PROFILE).read_text("utf-8").splitlines()
    return tuple(difflib.unified_diff(before, profile.decode("utf-8").splitlines(), previous, name, lineterm="", n=1))


def _window(folder: Path, template: RegisteredTemplate) -> list[Finding]:
    windows = read_acceptance(folder).value or ()
    if any(f"{window.family}/{window.version}" == template.name for window in windows):
        return []
    said = f"nothing says when {template.name} is accepted, so it is used only when it is named in full"
    return [Finding(str(folder / "acceptance.csv"), said, "Add a row for it, with its source", "notice")]
