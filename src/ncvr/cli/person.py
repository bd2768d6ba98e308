"""``ncvr person``: letting people in and keeping them out, and what is kept of them."""

import argparse
import sys

from ncvr.cli import asked


def arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="person_command", metavar="COMMAND", required=True)
    _of_a_person(commands, "password", run_password, "a link that sets the person's password once, within a day")
    _of_a_person(commands, "lost-phone", run_lost_phone, "take away every second factor; the person chooses a new one at the next sign-in")
    _of_a_person(commands, "sign-out", run_sign_out, "end every browser session of a person, at once")
    _of_a_person(commands, "block", run_block, "keep a person out: sessions and tokens end at once")
    _of_a_person(commands, "unblock", run_unblock, "let a person in again")
    _of_a_person(commands, "unlink", run_unlink, "forget who the person is at the identity provider; the next sign-in there links them anew")
    export = _of_a_person(commands, "export", run_export, "everything that is kept of a person, as JSON")
    asked.add_output(export, "it")
    forget = _of_a_person(commands, "forget", run_forget, "blank a person's name, address and everything to sign in with")
    forget.add_argument("--reason", required=True, metavar="TEXT", help="why; it is kept in the ledger, so write no personal data")
    factor = commands.add_parser("second-factor", help="whether an organisation asks its people for a second factor")
    factor.add_argument("organisation", metavar="ORGANISATION", help="its code; national administrators always have a second factor")
    factor.add_argument("asked", choices=["on", "off"], help="on, as it is unless switched off, or off")
    factor.set_defaults(run=run_second_factor)
    says = "seal the secrets of everybody's authenticator app with a new key, when somebody may have seen the file of NCVR_FACTOR_KEY"
    new_key = commands.add_parser("new-key", help=says, description=f"{says[0].upper()}{says[1:]}. People notice nothing.")
    new_key.set_defaults(run=run_new_key)


def _of_a_person(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, run: object, says: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=says, description=says[0].upper() + says[1:] + ".")
    parser.add_argument("email", metavar="EMAIL", help="the person's address")
    parser.set_defaults(run=run)
    return parser


def run_password(arguments: argparse.Namespace) -> int:
    from ncvr.services.identity import OPERATOR
    from ncvr.services.opening import open_office
    from ncvr.services.own_account import password_link

    with open_office().act(OPERATOR, "command line") as act:
        secret = password_link(act, arguments.email)
    print(f"/password?link={secret}")
    print("Send this after your service's address to the person, and to nobody else. It works once, for 24 hours; links made before are void.", file=sys.stderr)
    return 0


def run_lost_phone(arguments: argparse.Namespace) -> int:
    from ncvr.services.identity import OPERATOR
    from ncvr.services.opening import open_office
    from ncvr.services.own_account import known_account
    from ncvr.services.second_factor import take_away_factors

    with open_office().act(OPERATOR, "command line") as act:
        count = take_away_factors(act, known_account(act, arguments.email).person.actor, "lost")
    print(f"{_counted(count, 'second factor')} of {arguments.email} taken away, and the recovery codes. Be sure that it was the person who asked.")
    return 0


def run_sign_out(arguments: argparse.Namespace) -> int:
    from ncvr.services.identity import OPERATOR
    from ncvr.services.opening import open_office
    from ncvr.services.own_account import end_sessions

    with open_office().act(OPERATOR, "command line") as act:
        count = end_sessions(act, arguments.email)
    print(f"{_counted(count, 'session')} of {arguments.email} ended.")
    return 0


def run_block(arguments: argparse.Namespace) -> int:
    from ncvr.services.identity import OPERATOR
    from ncvr.services.opening import open_office
    from ncvr.services.own_account import block

    with open_office().act(OPERATOR, "command line") as act:
        count = block(act, arguments.email)
    print(f"{arguments.email} is kept out. Sessions and tokens that ended: {count}.")
    return 0


def run_unblock(arguments: argparse.Namespace) -> int:
    from ncvr.services.identity import OPERATOR
    from ncvr.services.opening import open_office
    from ncvr.services.own_account import unblock

    with open_office().act(OPERATOR, "command line") as act:
        unblock(act, arguments.email)
    print(f"{arguments.email} may come in again, with a password; tokens that ended stay ended.")
    return 0


def run_unlink(arguments: argparse.Namespace) -> int:
    from ncvr.services.identity import OPERATOR
    from ncvr.services.opening import open_office
    from ncvr.services.provider_sign_in import unlink

    with open_office().act(OPERATOR, "command line") as act:
        unlink(act, arguments.email)
    print(f"{arguments.email} is nobody at the identity provider any more. Whoever signs in there next with this verified address is.")
    return 0


def run_export(arguments: argparse.Namespace) -> int:
    from ncvr.files.json_files import written_json
    from ncvr.services.identity import OPERATOR
    from ncvr.services.opening import open_office
    from ncvr.services.personal_data import export_person

    with open_office().look(OPERATOR) as act:
        record = export_person(act, arguments.email)
    asked.deliver(written_json(record), arguments)
    return 0


def run_forget(arguments: argparse.Namespace) -> int:
    from ncvr.services.identity import OPERATOR
    from ncvr.services.opening import open_office
    from ncvr.services.personal_data import forget_person

    with open_office().act(OPERATOR, "command line") as act:
        actor = forget_person(act, arguments.email, arguments.reason)
    print(f"Blanked. What was done stays in the ledger under {actor}, without a name; copies of the database made before still hold it.")
    return 0


def run_second_factor(arguments: argparse.Namespace) -> int:
    from ncvr.services.identity import OPERATOR
    from ncvr.services.opening import open_office
    from ncvr.services.own_account import ask_second_factor

    with open_office().act(OPERATOR, "command line") as act:
        ask_second_factor(act, arguments.organisation, arguments.asked == "on")
    print(f"{arguments.organisation}: a second factor is {'asked for' if arguments.asked == 'on' else 'not asked for'} at sign-in.")
    return 0


def run_new_key(_arguments: argparse.Namespace) -> int:
    from ncvr import settings
    from ncvr.services.identity import OPERATOR
    from ncvr.services.opening import open_office
    from ncvr.services.second_factor import renew_key

    with open_office().act(OPERATOR, "command line") as act:
        renewed = renew_key(act)
    print(f"{_counted(renewed.secrets, 'secret')} sealed with the new key in {settings.factor_key_file()}.")
    print(f"Copy it to every other machine that serves, now. The key before it is kept as {renewed.former}; backups made until today need it.", file=sys.stderr)
    return 0


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
