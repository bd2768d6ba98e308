"""What several commands ask for in the same words: the pricing date, the tariffs folder, where the result goes."""

import argparse
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ncvr.domain.signing_key import SigningKey


def add_pricing_date(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--on", type=day, metavar="DATE", help="pricing date, such as 2026-06-01 (default: today, in London)")


def add_tariffs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tariffs", type=Path, metavar="DIR", help="folder that holds the tariff editions (default: NCVR_TARIFFS, else those that ship)")


def add_approved_by(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("--approved-by", action="append", default=[], metavar="NAME", help=what)


def add_output(parser: argparse.ArgumentParser, what: str, *, required: bool = False) -> None:
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", required=required, help=f"write {what} here instead of on the screen")
    parser.add_argument("--force", action="store_true", help="replace the file if it exists")


def add_keys(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--keys", type=Path, metavar="KEYS.json", help="the public keys you trust (default: keys.json in the folder of NCVR_KEYS)")
    parser.add_argument("--as-of", type=day, metavar="DATE", help="the day on which the key must be valid (default: today, in London)")


def day(text: str) -> date:
    """A date as a person writes it, for argparse."""
    from ncvr.domain.written_values import day_of

    try:
        return day_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def number(lowest: int, highest: int) -> Callable[[str], int]:
    """Reads a whole number within these bounds, for argparse."""

    def read(text: str) -> int:
        if not text.isascii() or not text.isdecimal() or len(text) > len(str(highest)) or not lowest <= int(text) <= highest:
            raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a whole number from {lowest} to {highest}")
        return int(text)

    return read


def pricing_date(asked: argparse.Namespace) -> date:
    """The pricing date asked for; else today in London, which is said, since prices depend on it."""
    if asked.on is not None:
        on: date = asked.on
        return on
    from ncvr import settings

    today = settings.today()
    print(f"notice: priced on {today}, today; give --on DATE for another day", file=sys.stderr)
    return today


def tariffs_folder(asked: argparse.Namespace) -> Path:
    from ncvr import settings

    folder: Path = asked.tariffs or settings.tariffs_folder()
    return folder


def keys(asked: argparse.Namespace) -> "list[SigningKey]":
    """The public keys of ``--keys``, else those of the keys folder."""
    from ncvr import settings
    from ncvr.errors import InputError
    from ncvr.files.signing_keys import known_keys, read_key_list

    named: Path | None = asked.keys
    return (known_keys(settings.keys_folder()) if named is None else read_key_list(named).or_raise(InputError)).keys


def as_of(asked: argparse.Namespace) -> date:
    """The day of ``--as-of``, else today in London."""
    from ncvr import settings

    named: date | None = asked.as_of
    return named or settings.today()


def deliver(content: bytes, asked: argparse.Namespace) -> None:
    """Write the result to the file asked for, whole or not at all; else to standard output."""
    if asked.output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    from ncvr.files.writing import write_whole

    write_whole(asked.output, content, force=asked.force)
