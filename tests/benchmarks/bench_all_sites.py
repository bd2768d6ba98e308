"""P4 for whole folders: all sites of a big study as one zip, with workbook, explanation and check, beside as many runs of the command for one site."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ncvr import examples, settings
from ncvr.domain.details import Details
from ncvr.domain.study import Study
from ncvr.files.contract_folders import zip_stream
from ncvr.files.tariff_files import read_edition_in_force
from ncvr.files.writing import write_streamed
from ncvr.services.site_folders import SiteFolders, StudyContracts
from tests.benchmarks.rows import Row, medians

ON = date(2026, 6, 1)
SITES, VISITS_OF_AN_ARM = 6, 200  # of three arms; what is fixed for a set weighs more on few sites, so more sites only do better


def measure() -> list[Row]:
    """Wall time of both ways, which take turns."""
    study = big_study()
    details = Details(common=examples.details().for_site("RGT"))
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "study.json").write_text(json.dumps(study), encoding="utf-8")
        record = {"format": details.format, **details.model_dump(mode="json", exclude_unset=True)}
        (folder / "details.json").write_text(json.dumps(record), encoding="utf-8")
        wanted = [StudyContracts(study=Study.model_validate(study), details=details)]
        codes = [site["ods_code"] for site in study["sites"]]
        took = medians(
            {"one zip": lambda: all_sites(wanted, folder), "runs of the command": lambda: one_by_one(folder, codes)},
            rounds=3,
        )
    name = f"{SITES} sites x {3 * VISITS_OF_AN_ARM} visits, whole folders as one zip / {SITES} runs for one site"
    return [Row(goal="P4", name=name, value=took["one zip"] / took["runs of the command"], bound=2, holds="at most")]


def big_study() -> dict[str, Any]:
    """The demo's study with so many visits in each arm, at the first sites of the edition's list."""
    study: dict[str, Any] = json.loads(examples.STUDY.read_bytes())
    edition = read_edition_in_force(settings.tariffs_folder(), ON).value
    assert edition is not None
    study["sites"] = [{"ods_code": code, "principal_investigator": f"Dr {code}", "target_participants": 9} for code in list(edition.multipliers)[:SITES]]
    for arm in study["arms"]:
        known = list(arm["visits"])
        for number in range(VISITS_OF_AN_ARM - len(known)):
            like = known[number % len(known)]
            visit = {**like, "id": f"{like['id']}x{number}"}
            visit.pop("repeat", None)
            arm["visits"].append(visit)
            for activity in arm["activities"]:
                if like["id"] in activity.get("occurrences", {}):
                    activity["occurrences"][visit["id"]] = activity["occurrences"][like["id"]]
    return study


def all_sites(wanted: list[StudyContracts], folder: Path) -> None:
    order = SiteFolders(template="mCTA", templates=settings.templates_folder(), tariffs=settings.tariffs_folder(), on=ON)
    write_streamed(folder / "all.zip", zip_stream(order.files(wanted)), force=True)


def one_by_one(folder: Path, codes: list[str]) -> None:
    words = ["contract", "fill", "study.json", "--details", "details.json", "--template", "mCTA", "--on", str(ON), "--force"]
    for code in codes:
        subprocess.run([sys.executable, "-m", "ncvr", *words, "--site", code, "-o", f"{code}.docx"], cwd=folder, capture_output=True, check=True)
