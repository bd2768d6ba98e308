"""All sites at once: a folder for each that tells nothing of any other, an index for the sender, and all of it or nothing."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from ncvr.domain.details import Details
from ncvr.domain.study import Study
from ncvr.errors import Finding, InputError, NcvrError
from ncvr.files.contract_folders import write_tree, zip_of, zip_stream
from ncvr.files.contract_index import IndexRow
from ncvr.files.docx_package import read_package
from ncvr.files.signing_keys import Signer
from ncvr.files.writing import write_streamed
from ncvr.services.site_folders import SiteFolders, StudyContracts
from tests.contracts import DETAILS, ON, STUDY, TEMPLATES
from tests.outlines import Outline
from tests.signatures import signer
from tests.tiny_editions import MULTIPLIERS, ORGANISATIONS, write_organisations, write_tiny_edition

RGT = {"ods_code": "RGT", "principal_investigator": "Dr Ada Example", "target_participants": 5}
RIVAL = {"ods_code": "RA9", "principal_investigator": "Prof Hopper-Rival", "target_participants": 7}
OTHER_RIVAL = {"ods_code": "RP4", "principal_investigator": "Dr Nobody-Else", "target_participants": 431}
FOLDER = "1004567_RGT_mCTA_sample-1"


@pytest.fixture(scope="module")
def tariffs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tariffs")
    write_tiny_edition(folder, files={"site_multipliers": [*MULTIPLIERS, ("RP4", "Ormond", "England", "1.2", "made_up", "made up")]})
    write_organisations(folder, [*ORGANISATIONS, ("RP4", "ods", "Ormond", "England", "acute - specialist", "London", "open", "1994-04-01", "", "", "made up")])
    return folder


def order(*sites: Mapping[str, Any], own: Mapping[str, Any] | None = None, iras_id: str = "1004567") -> StudyContracts:
    study = STUDY | {"format": "ncvr-study/1", "sites": list(sites), "study": STUDY["study"] | {"iras_id": iras_id}}
    return StudyContracts(study=Study.model_validate(study), details=Details.model_validate({"common": DETAILS, "sites": own or {}}))


def folders(tariffs: Path, **more: Any) -> SiteFolders:
    return SiteFolders(template="mCTA", templates=TEMPLATES, tariffs=tariffs, on=ON, **{"salt": lambda: "7" * 32} | more)


def made(tariffs: Path, *wanted: StudyContracts, **more: Any) -> dict[str, bytes]:
    return dict(folders(tariffs, **more).files(wanted))


def inside(files: Mapping[str, bytes], folder: str) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if name.startswith(f"{folder}/")}


def every_byte(content: bytes) -> Iterator[bytes]:
    """The file, and if it is packed, every part of it unpacked."""
    yield content
    if content.startswith(b"PK"):
        yield from (member.content for member in read_package(content).members.values())


def rows_of(files: Mapping[str, bytes]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files["index.csv"].decode())))


def test_a_site_gets_contract_receipt_prices_explanation_verification_and_hashes(tariffs: Path) -> None:
    names = {name.removeprefix(f"{FOLDER}/") for name in inside(made(tariffs, order(RGT, RIVAL)), FOLDER)}
    document = f"{FOLDER}_ILLUSTRATIVE"
    workbook = "1004567_RGT_workbook_ILLUSTRATIVE.xlsx"
    assert names == {f"{document}.docx", f"{document}.receipt.json", workbook, "prices.json", "explanation.html", "verification.html", "SHA256SUMS"}


def test_the_hashes_are_those_of_every_other_file_in_the_folder(tariffs: Path) -> None:
    files = inside(made(tariffs, order(RGT)), FOLDER)
    lines = [line.split("  ") for line in files.pop(f"{FOLDER}/SHA256SUMS").decode().splitlines()]
    sums = {name: digest for digest, name in lines}
    assert sums == {name.partition("/")[2]: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def test_a_folder_is_the_same_to_the_byte_whatever_the_other_sites_are(tariffs: Path) -> None:
    """Two worlds that differ in everything about the rivals: their number, names, people, targets and details."""
    other = {"RA9": {"site": {"signing_party": "Rival Signatory", "address": "Rival Road"}, "bank": {"account_number": "99999999"}}}
    alone = inside(made(tariffs, order(RGT)), FOLDER)
    with_rival = inside(made(tariffs, order(RGT, RIVAL, own=other)), FOLDER)
    with_others = inside(made(tariffs, order(OTHER_RIVAL, RGT, RIVAL)), FOLDER)
    assert alone == with_rival == with_others


def test_no_byte_of_a_folder_holds_a_word_of_another_site(tariffs: Path) -> None:
    own = {"RA9": {"principal_investigator": "Prof Hopper-Rival", "site": {"signing_party": "Rival Signatory", "address": "Rival Road"}}}
    own["RA9"] |= {"bank": {"account_number": "99999999"}}
    files = made(tariffs, order(RGT, RIVAL, own=own))
    canaries = [b"RA9", b"Torbay", b"Hopper-Rival", b"Rival Signatory", b"Rival Road", b"99999999"]
    rival = inside(files, "1004567_RA9_mCTA_sample-1")
    assert all(any(canary in part for content in rival.values() for part in every_byte(content)) for canary in canaries)  # they do stand in their own
    for name, content in inside(files, FOLDER).items():
        for part in every_byte(content):
            assert not [canary for canary in canaries if canary in part], name


def test_the_same_order_gives_the_same_bytes(tariffs: Path) -> None:
    assert zip_of(made(tariffs, order(RGT, RIVAL))) == zip_of(made(tariffs, order(RGT, RIVAL)))


def test_the_index_says_of_every_site_what_the_sender_needs_to_know(tariffs: Path) -> None:
    files = made(tariffs, order(RGT, RIVAL, own={"RA9": {"site": {"signing_party": "=cmd"}}}))
    rows = rows_of(files)
    prices = json.loads(files[f"{FOLDER}/prices.json"])["prices"][0]
    first = rows[0]
    assert [row["site"] for row in rows] == ["RGT", "RA9"]
    assert (first["multiplier"], first["fingerprint"]) == (prices["multiplier"], prices["fingerprint"])
    assert [first["per_participant_A"], first["per_participant_B"]] == [arm["per_participant"] for arm in prices["arms"]]
    assert (first["template"], first["template_status"], first["verdict"], first["receipt"]) == ("mCTA/sample-1", "sample", "unmodified", "unsigned")
    assert (first["edition_status"], first["standing"]) == ("illustrative, unlocked", "illustrative")
    assert "signature for the Sponsor" in first["still_blank"]
    assert "date signed by the Principal Investigator" in first["still_blank"]
    assert first["who_signs"] == "Sponsor: Rosalind Hart, Director; Site: Head of Research"
    assert f"{first['folder']}/{first['contract']}" in files
    page = files["index.html"].decode()
    assert all(told in page for told in ("Cambridge", "Torbay", "unmodified, illustrative", "signature for the Sponsor", "Head of Research"))
    assert "<script" not in page


def test_the_readme_says_what_may_be_sent_and_that_the_figures_are_illustrative(tariffs: Path) -> None:
    text = made(tariffs, order(RGT))["README.txt"].decode()
    assert "It holds nothing of any other site" in text
    assert "not for signing" in text
    assert "not the national text" in text
    assert "check_receipt.py" not in text


def test_every_page_can_be_followed_without_seeing_it(tariffs: Path) -> None:
    pages = {name: content.decode() for name, content in made(tariffs, order(RGT)).items() if name.endswith(".html")}
    assert len(pages) == 3
    for page in pages.values():
        Outline(page).check()
        assert "<script" not in page


def test_signed_folders_come_with_the_public_key_and_the_checker_beside_them(tariffs: Path, tmp_path: Path) -> None:
    pen: Signer = signer(tmp_path)
    files = made(tariffs, order(RGT), signer=pen)
    receipt = json.loads(files[f"{FOLDER}/{FOLDER}_ILLUSTRATIVE.receipt.json"])
    assert receipt["signed_by"]["key"] == pen.key.id
    assert json.loads(files["keys.json"])["keys"][0]["id"] == pen.key.id
    assert b"PRIVATE" not in b"".join(files.values())
    assert rows_of(files)[0]["receipt"] == "valid signature"
    assert {"check_receipt.py"} <= files.keys()


def test_several_studies_go_into_one_set_with_one_index(tariffs: Path) -> None:
    files = made(tariffs, order(RGT, RIVAL), order(RGT, iras_id="1007654"))
    rows = rows_of(files)
    assert [(row["iras_id"], row["site"]) for row in rows] == [("1004567", "RGT"), ("1004567", "RA9"), ("1007654", "RGT")]
    assert "1007654_RGT_mCTA_sample-1/prices.json" in files


def test_one_study_given_twice_is_refused(tariffs: Path) -> None:
    with pytest.raises(InputError, match="two of the studies have one IRAS ID"):
        made(tariffs, order(RGT), order(RIVAL))


def test_problems_of_all_sites_and_studies_are_said_at_once(tariffs: Path) -> None:
    jersey = {"site": {"nation": "Jersey"}}
    with pytest.raises(InputError) as refused:
        made(tariffs, order(RGT, RIVAL, own={"RA9": jersey}), order(RGT, iras_id="1007654", own={"RGT": jersey}))
    assert {finding.place.partition(":")[0] for finding in refused.value.findings} == {"RA9", "RGT"}
    with pytest.raises(InputError) as unpriced:
        made(tariffs, order({"ods_code": "X9X9X"}), order({"ods_code": "X9X9X"}, iras_id="1007654"))
    assert len(unpriced.value.findings) == 1  # said once, although two studies have it


def test_progress_is_told_site_by_site(tariffs: Path) -> None:
    told: list[tuple[int, int, str]] = []

    def progress(done: int, of: int, row: IndexRow) -> None:
        told.append((done, of, row.site))

    made(tariffs, order(RGT, RIVAL), order(RGT, iras_id="1007654"), progress=progress)
    assert told == [(1, 3, "RGT"), (2, 3, "RA9"), (3, 3, "RGT")]


def failing() -> Iterator[tuple[str, bytes]]:
    yield "a/one.txt", b"one"
    raise NcvrError.of([Finding("a", "cannot go on", "Mend it")])


def test_a_set_that_cannot_be_finished_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(NcvrError, match="cannot go on"):
        write_streamed(tmp_path / "out.zip", zip_stream(failing()))
    with pytest.raises(NcvrError, match="cannot go on"):
        write_tree(tmp_path / "out", failing(), force=False)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_one_of_the_files_already_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "two.txt").write_text("mine")
    files = [("one.txt", b"1"), ("two.txt", b"2")]
    with pytest.raises(InputError, match="exists already"):
        write_tree(tmp_path / "out", files, force=False)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["two.txt"]
    write_tree(tmp_path / "out", files, force=True)
    assert (tmp_path / "out" / "two.txt").read_bytes() == b"2"


def test_a_streamed_zip_is_an_ordinary_zip() -> None:
    content = b"".join(zip_stream([("a.txt", b"x" * 1000), ("b.docx", b"PK")]))
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert archive.read("a.txt") == b"x" * 1000
        assert [entry.flag_bits & 8 for entry in archive.infolist()] == [0, 0]  # sizes stand before the data, where every program looks for them
