"""``ncvr template``: which contract templates there are, and what is wrong with them."""

import argparse
from pathlib import Path

from ncvr.cli import asked
from ncvr.cli.said import say


def arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="template_command", metavar="COMMAND", required=True)
    listed = commands.add_parser("list", help="the templates, their status and when each is accepted")
    listed.set_defaults(run=run_list)
    check = commands.add_parser("check", help="every problem of the templates and their profiles")
    check.set_defaults(run=run_check)
    scan = commands.add_parser("scan", help="what a profile author needs to know of a Word template, and a draft profile")
    scan.add_argument("document", type=Path, metavar="FILE.docx", help="the template as published")
    asked.add_output(scan, "a draft profile")
    scan.set_defaults(run=run_scan)
    add = commands.add_parser("add", help="register a template with its profile, approved by two persons")
    add.add_argument("document", type=Path, metavar="FILE.docx", help="the template as published")
    add.add_argument("--profile", type=Path, metavar="P", required=True, help="its profile")
    asked.add_approved_by(add, "a person who checked the profile; twice, or not at all for a draft")
    add.set_defaults(run=run_add)


def run_list(arguments: argparse.Namespace) -> int:
    from ncvr.cli.columns import aligned
    from ncvr.errors import TemplateError
    from ncvr.files.template_registry import read_acceptance, read_templates

    folder = _folder()
    windows = read_acceptance(folder).or_raise(TemplateError)
    templates, findings = read_templates(folder)
    by_name = {template.name: template.profile for template in templates}
    rows = [["Template", "Status", "Accepted from", "Last submission", "Last contract", "Title"]]
    for window in windows:
        profile = by_name.pop(f"{window.family}/{window.version}", None)
        days = [str(window.accepted_from), *(str(day) if day else "open" for day in (window.last_submission, window.last_contract))]
        rows.append([f"{window.family}/{window.version}", profile.status if profile else "not registered", *days, profile.title if profile else ""])
    rows += [[name, profile.status, "no window", "", "", profile.title] for name, profile in by_name.items()]
    print("\n".join(aligned(rows)))
    say(findings)
    return TemplateError.exit_code if findings else 0


def run_check(arguments: argparse.Namespace) -> int:
    from ncvr.errors import TemplateError
    from ncvr.files.template_checks import check_template
    from ncvr.files.template_registry import read_acceptance, read_templates

    folder = _folder()
    windows = read_acceptance(folder)
    templates, findings = read_templates(folder)
    findings += windows.findings
    for template in templates:
        findings += check_template(template)
    say(findings)
    errors = sum(finding.level == "error" for finding in findings)
    names = ", ".join(template.name for template in templates) or "no template"
    print(f"{names}: {'no problem found' if not errors else f'{errors} to mend'}")
    return TemplateError.exit_code if errors else 0


def run_scan(arguments: argparse.Namespace) -> int:
    from ncvr.cli.columns import aligned
    from ncvr.errors import CannotTell, InputError
    from ncvr.files.json_files import read_json_bytes
    from ncvr.files.profile_draft import draft_profile
    from ncvr.files.template_registry import sha256
    from ncvr.files.template_scan import scan_template

    content = read_json_bytes(arguments.document)
    try:
        scan = scan_template(content, str(arguments.document))
    except CannotTell as refused:
        raise InputError.of(refused.findings) from refused
    print("\n".join(aligned(scan.facts)) or "nothing of note")
    if arguments.output is not None:
        draft = draft_profile(scan, family="FAMILY", version="VERSION", template_sha256=sha256(content))
        asked.deliver(draft.encode("utf-8"), arguments)
    return 0


def run_add(arguments: argparse.Namespace) -> int:
    from ncvr.files.json_files import read_json_bytes
    from ncvr.services.templates import add_template

    added = add_template(_folder(), read_json_bytes(arguments.document), read_json_bytes(arguments.profile), arguments.approved_by, str(arguments.profile))
    print("\n".join(added.difference or [f"No earlier profile of the family to compare with: {added.name} is its first."]))
    say(added.notices)
    print(f"{added.name}: registered as {added.status}")
    return 0


def _folder() -> Path:
    from ncvr import settings

    return settings.templates_folder()
