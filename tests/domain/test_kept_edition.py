"""Editions kept beside the prices made from them can be read back for ever, also those kept by earlier software."""

import json
from pathlib import Path

from ncvr.domain.kept_edition import edition_as_kept, edition_kept
from ncvr.errors import TariffFileError
from ncvr.files.tariff_files import read_editions
from tests.tiny_editions import write_tiny_edition


def test_an_edition_kept_before_the_lines_of_uplifts_were_noted_is_still_read(tmp_path: Path) -> None:
    write_tiny_edition(tmp_path)
    edition = read_editions(tmp_path).or_raise(TariffFileError)[0]
    record = json.loads(edition_as_kept(edition))
    for uplifts in (record["uplifts"], record["setup_uplifts"]):
        for uplift in uplifts.values():
            del uplift["place"]
    old = edition_kept(json.dumps(record))
    assert old.sha256 == edition.sha256
    assert {uplift.place for uplift in old.uplifts.values()} == {"edition.yaml"}
    assert old.rates.roles["research_nurse"].national == edition.rates.roles["research_nurse"].national
