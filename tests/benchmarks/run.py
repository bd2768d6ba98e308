"""``make bench``: every ``bench_*.py`` beside this file, as a table and as bench.json. Exits with 1 if a bound is broken."""

import importlib
import json
import platform
import sys
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks.rows import Row

HERE = Path(__file__).parent


def measured() -> list[Row]:
    """The rows of every benchmark; names given on the command line (``startup``) choose some."""
    rows: list[Row] = []
    for path in sorted(HERE.glob("bench_*.py")):
        if not sys.argv[1:] or path.stem.removeprefix("bench_") in sys.argv[1:]:
            print(f"{path.stem} ...", file=sys.stderr)
            rows += importlib.import_module(f"tests.benchmarks.{path.stem}").measure()
    return rows


def table(rows: list[Row]) -> str:
    width = max(len(row.name) for row in rows)
    lines = [f"{'goal':<5} {'measured':<{width}} {'value':>12} {'bound':>20}"]
    lines += [
        f"{row.goal:<5} {row.name:<{width}} {row.value:>12.4g} {row.holds + f' {row.bound:.4g}':>20} {'' if row.ok else '  BROKEN'}".rstrip() for row in rows
    ]
    return "\n".join(lines)


def main() -> int:
    rows = measured()
    if not rows:
        print("No benchmark has this name", file=sys.stderr)
        return 1
    record = {"python": platform.python_version(), "machine": platform.machine(), "rows": [asdict(row) | {"ok": row.ok} for row in rows]}
    Path("bench.json").write_text(json.dumps(record, indent=2) + "\n", "utf-8")
    print(table(rows))
    return 0 if all(row.ok for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
