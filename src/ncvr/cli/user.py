"""``ncvr user``: people of the service, each in one role at one organisation."""

import argparse

ROLES = (
    "company_representative",
    "study_resource_reviewer",
    "site_representative",
    "network_coordinator",
    "national_administrator",
    "auditor",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="user_command", metavar="COMMAND", required=True)
    says = "add a person"
    add = commands.add_parser("add", help=says, description="Add a person, in one role at one organisation.")
    add.add_argument("email", metavar="EMAIL")
    add.add_argument("--role", required=True, choices=ROLES, metavar="ROLE", help=f"one of: {', '.join(ROLES)}")
    add.add_argument("--organisation", default="", metavar="CODE", help="a trust's code from the list, or a company's code")
    add.add_argument("--name", default="", metavar="NAME", help="how the person is called")
    add.add_argument("--company", metavar="NAME", help="register the company under this code first")
    add.add_argument("--group", metavar="CODE", help="the group the company belongs to; companies of one group count as one")
    add.set_defaults(run=run_add)


def run_add(arguments: argparse.Namespace) -> int:
    from ncvr.services.identity import OPERATOR, add_company, add_person
    from ncvr.services.opening import open_office

    office = open_office()
    with office.act(OPERATOR, "command line") as act:
        if arguments.company:
            add_company(act, arguments.organisation, arguments.company, arguments.group)
        person = add_person(act, email=arguments.email, name=arguments.name, role=arguments.role, organisation=arguments.organisation)
    at = f" at {person.organisation}" if person.organisation else ""
    print(f"{arguments.email} is {person.role.replace('_', ' ')}{at}, in the ledger as {person.actor}. A token: ncvr token new {arguments.email}")
    return 0
