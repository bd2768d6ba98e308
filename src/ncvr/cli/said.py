"""Findings, said on standard error."""

import sys
from collections.abc import Sequence

from ncvr.errors import Finding


def say(findings: Sequence[Finding]) -> None:
    """Findings, one a line, on standard error."""
    for finding in findings:
        print(f"{finding.level}: {finding}", file=sys.stderr)
