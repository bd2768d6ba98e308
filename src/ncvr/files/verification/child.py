"""Verifying a contract from outside in a process of its own, as a service must: whatever the file does, only that process suffers.

``python -m ncvr.files.verification.child`` is that process. It has no threads, so it can confine the check further; it
reads one line of JSON and then the document on standard input, and writes the verdict as JSON.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from pydantic import TypeAdapter

from ncvr.domain.prices_file import PricesFile
from ncvr.domain.receipt import Receipt
from ncvr.domain.signing_key import KeyList, SigningKey
from ncvr.domain.verdict import Verdict, cannot_tell, verdict_record
from ncvr.files.apart import close_doors, run_apart
from ncvr.files.verification.confined import verify_confined

WAIT = 60  # seconds by the clock, also where the machine does much else


def verify_apart(
    content: bytes, templates: Path, *, price: PricesFile | None, as_of: date, receipt: Receipt | None = None, keys: Sequence[SigningKey] = ()
) -> Verdict:
    """As :func:`~ncvr.files.appendix_verifier.verify_contract`, in a child process with limits. Never raises for what the document holds."""
    asked = {
        "templates": str(templates),
        "price": None if price is None else price.model_dump(mode="json"),
        "receipt": None if receipt is None else receipt.model_dump(mode="json", exclude_unset=True),
        "keys": KeyList(keys=list(keys)).model_dump(mode="json"),
        "as_of": as_of.isoformat(),
    }
    line = json.dumps(asked).encode("ascii") + b"\n"
    try:
        done = run_apart(__name__, [], line + content, seconds=WAIT)
    except subprocess.TimeoutExpired:
        return cannot_tell(f"The file cannot be judged: the check took longer than {WAIT} seconds")
    if done.returncode != 0:
        return cannot_tell("The file cannot be judged: the check broke off")
    return TypeAdapter(Verdict).validate_json(done.stdout)


def main() -> int:
    """Read, judge, answer."""
    from ncvr.files.appendix_verifier import verify_contract  # not needed by whoever asks
    from ncvr.files.template_registry import read_templates

    close_doors()
    asked = json.loads(sys.stdin.buffer.readline())
    content = sys.stdin.buffer.read()
    templates, _ = read_templates(Path(asked["templates"]))
    price = None if asked["price"] is None else PricesFile.model_validate_json(json.dumps(asked["price"]))
    receipt = None if asked["receipt"] is None else Receipt.model_validate_json(json.dumps(asked["receipt"]))
    keys = KeyList.model_validate_json(json.dumps(asked["keys"])).keys
    as_of = date.fromisoformat(asked["as_of"])
    verdict = verify_confined(lambda: verify_contract(content, templates, price=price, receipt=receipt, keys=keys, as_of=as_of))
    sys.stdout.write(json.dumps(verdict_record(verdict)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
