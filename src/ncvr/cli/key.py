"""``ncvr key``: the keys that sign receipts, and the public list that others check them with."""

import argparse
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ncvr.cli import asked

if TYPE_CHECKING:
    from ncvr.domain.signing_key import SigningKey

_LASTS = timedelta(days=730)
_PURPOSES = ["receipt", "checkpoint", "publication"]


def arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="key_command", metavar="COMMAND", required=True)
    new = commands.add_parser("new", help="make a key; its private half stays in the folder of NCVR_KEYS, readable by you alone")
    new.add_argument("--owner", required=True, metavar="NAME", help="the organisation that vouches with it, as others will read it")
    new.add_argument("--purpose", choices=_PURPOSES, default="receipt", help="what it may sign (default: receipt)")
    new.add_argument("--valid-from", type=asked.day, metavar="DATE", help="its first day (default: today, in London)")
    new.add_argument("--valid-to", type=asked.day, metavar="DATE", help="its last day (default: two years later)")
    asked.add_approved_by(new, "a person who approves the key; twice. Their names stand in the public list")
    new.set_defaults(run=run_new)
    listed = commands.add_parser("list", help="the known keys; as JSON, the list to send to others, without any secret")
    listed.add_argument("--format", choices=["table", "json"], default="table", help="default: table")
    asked.add_output(listed, "the list")
    listed.set_defaults(run=run_list)
    revoke = commands.add_parser("revoke", help="nothing signed with this key counts any longer; send the new list to everybody who has the old one")
    revoke.add_argument("key", metavar="KEY", help="the key's id")
    revoke.add_argument("--revoked-on", type=asked.day, metavar="DATE", help="from which day on (default: today, in London)")
    revoke.set_defaults(run=run_revoke)


def run_new(arguments: argparse.Namespace) -> int:
    from ncvr.domain.approval import approved_by
    from ncvr.files.signing_keys import record_new_key

    first: date = arguments.valid_from or _today()
    last: date = arguments.valid_to or first + _LASTS
    people = approved_by(arguments.approved_by, "a signing key")
    key = record_new_key(_folder(), owner=arguments.owner, purpose=arguments.purpose, valid_from=first, valid_to=last, approved_by=people)
    print(f"{key.id}: {key.purpose} key of {key.owner}, valid from {key.valid_from} to {key.valid_to}, approved by {' and '.join(key.approved_by)}")
    print("Send others the public list: ncvr key list --format json -o keys.json")
    return 0


def run_list(arguments: argparse.Namespace) -> int:
    from ncvr.files.json_files import written_json
    from ncvr.files.signing_keys import known_keys

    known = known_keys(_folder())
    if arguments.format == "json":
        asked.deliver(written_json(known.model_dump(mode="json")), arguments)
        return 0
    asked.deliver((_table(known.keys, _today()) + "\n").encode("utf-8"), arguments)
    return 0


def _table(keys: "list[SigningKey]", on: date) -> str:
    from ncvr.cli.columns import aligned

    if not keys:
        return "no key yet; make one with ncvr key new --owner NAME --approved-by NAME --approved-by NAME"
    rows = [["Key", "Purpose", "Owner", "From", "To", "Today"]]
    rows += [[key.id, key.purpose, key.owner, str(key.valid_from), str(key.valid_to), _standing(key, on)] for key in keys]
    return "\n".join(aligned(rows))


def _standing(key: "SigningKey", on: date) -> str:
    if key.revoked_on is not None:
        return f"revoked on {key.revoked_on}" if key.revoked_by(on) else f"will be revoked on {key.revoked_on}"
    return "valid" if key.valid_on(on) else "not yet valid" if on < key.valid_from else "expired"


def run_revoke(arguments: argparse.Namespace) -> int:
    from ncvr.files.signing_keys import record_revocation

    key = record_revocation(_folder(), arguments.key, arguments.revoked_on or _today())
    print(f"{key.id}: revoked on {key.revoked_on}. Send the new list to everybody who has the old one: ncvr key list --format json -o keys.json")
    return 0


def _folder() -> Path:
    from ncvr import settings

    return settings.keys_folder()


def _today() -> date:
    from ncvr import settings

    return settings.today()
