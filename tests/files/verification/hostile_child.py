"""Verifies every file of a folder under the limits of the command, one line of JSON each. Run as a program by its test."""

import json
import sys
from pathlib import Path

from ncvr.files.appendix_verifier import verify_contract
from ncvr.files.verification.confined import verify_confined
from tests.contract_fixtures import second_template


def main() -> None:
    template = second_template()
    for path in sorted(Path(sys.argv[1]).iterdir()):
        content = path.read_bytes()
        verdict = verify_confined(lambda content=content, path=path: verify_contract(content, [template], place=path.name))  # type: ignore[misc]
        print(json.dumps({"name": path.name, "verdict": verdict.verdict, "says": verdict.says, "words": verdict.words}))


if __name__ == "__main__":
    main()
