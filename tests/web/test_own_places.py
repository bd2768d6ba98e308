"""No answer tells where the files of this machine lie: a canary stands in the path of every one of them (and is looked for)."""

import asyncio
import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ncvr.domain.details import SiteDetails
from ncvr.errors import Finding, InputError
from ncvr.files.signing_keys import record_new_key
from ncvr.services import site_contracts
from ncvr.services.opening import own_signer
from ncvr.store.connections import Store
from ncvr.web.app import ROUTES, create_app
from ncvr.web.own_places import OwnPlaces
from ncvr.web.pages.site_map import PAGES
from tests.signatures import TWO_PEOPLE
from tests.web.permission_town import Place, Said, World, asked, world
from tests.web.test_permission_walk import Cell, question
from tests.web.test_story import DETAILS

CANARY = "canary-7731"
ROOT = Path(__file__).parents[2]
SAMPLE = "mCTA/sample-1"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[World]:
    """A town all of whose files lie under the canary, with templates and a key that signs."""
    folder = tmp_path_factory.mktemp(CANARY)
    shutil.copytree(ROOT / "contract_templates", folder / "templates")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NCVR_KEYS", str(folder / "keys"))
        patch.setenv("NCVR_DATABASE_FILE", str(folder / "town" / "ncvr.db"))
        town = world(folder / "town", migrated_file)
        office = replace(town.town.office, signer=own_signer, factor_key_file=folder / "keys" / "factors.key")
        today = office.clock.today()
        with replace(office, store=Store(engine=office.store.engine)).act(town.town.people["company"], "details") as act:
            for place in town.places:
                if place.owner == "ACME" and place.state == "locked":
                    site_contracts.write_details(act, place.iras_id, place.site, SiteDetails.model_validate(DETAILS), 0)
        record_new_key(folder / "keys", owner="Acme", purpose="receipt", valid_from=today, valid_to=today, approved_by=TWO_PEOPLE)
        yield World(replace(town.town, office=office), town.places, town.askers)
        town.town.store.close()


def everything(made: World, states: Sequence[str] = ("locked",), who: Sequence[str] = ("company",)) -> dict[str, Said]:
    """Every route and page, asked by these people, of studies in these states."""
    app = create_app(made.town.office)
    askers = [asker for asker in made.askers if asker.name in who]
    places = [place for place in made.places if place.owner == "ACME" and place.state in states]

    async def ask_all() -> dict[str, Said]:
        said = {}
        for route in ROUTES:
            for cell in (Cell(route, asker, place, "RK9") for asker in askers for place in (places if "{iras_id}" in route.path else places[:1])):
                path, headers, body = question(cell)
                said[str(cell)] = await asked(app, route.method, path, headers, body)
        for asker in askers:
            said |= {path: await asked(app, "GET", path, asker.headers, b"") for path in addresses(places[-1])}
        said["/readyz"] = await asked(app, "GET", "/readyz", {}, b"")
        return said

    return asyncio.run(ask_all())


def addresses(place: Place) -> list[str]:
    words = {"iras_id": place.iras_id, "ods": "RK9", "number": "1", "edition": "2026-04-01-tiny"}
    pages = [route.path for route in PAGES if route.method == "GET"]
    for name, word in words.items():
        pages = [path.replace(f"{{{name}}}", word) for path in pages]
    return [path for path in pages if "{" not in path]


def telling(said: dict[str, Said]) -> list[str]:
    """The answers that hold the canary."""
    return [name for name, answer in said.items() if CANARY.encode() in answer.content + b"".join(b"".join(header) for header in answer.headers)]


def test_no_answer_holds_a_path_while_all_is_well(made: World) -> None:
    said = everything(made, ("draft", "locked"), ("company", "national"))
    assert len(said) >= 200
    assert telling(said) == []
    assert {answer.status for answer in said.values()} >= {200, 403, 404, 422}


def broken_rate(tariffs: Path, _templates: Path, _keys: Path) -> str:
    path = tariffs / "2026-04-01-tiny" / "staff_rates.csv"
    path.write_text(path.read_text().replace("104.00", "a lot").replace("100.00", "a lot"))
    return "2026-04-01-tiny/staff_rates.csv:"


def no_editions(tariffs: Path, _templates: Path, _keys: Path) -> str:
    for edition in list(tariffs.glob("2026*")):
        shutil.rmtree(edition)
    return "edition"


def unknown_file(tariffs: Path, _templates: Path, _keys: Path) -> str:
    (tariffs / "2026-04-01-tiny" / "staff_rate.csv").write_text("role\n")
    return "2026-04-01-tiny/staff_rate.csv:1"


def broken_organisations(tariffs: Path, _templates: Path, _keys: Path) -> str:
    (tariffs / "organisations.csv").write_bytes(b"\xff\xfe")
    return "organisations.csv:"


def broken_profile(_tariffs: Path, templates: Path, _keys: Path) -> str:
    (templates / SAMPLE / "profile.yaml").write_text("format: [")
    return f"{SAMPLE}/profile.yaml"


def changed_template(_tariffs: Path, templates: Path, _keys: Path) -> str:
    (templates / SAMPLE / "template.docx").write_bytes(b"PK")
    return SAMPLE


def broken_windows(_tariffs: Path, templates: Path, _keys: Path) -> str:
    (templates / "acceptance.csv").write_text("family\n")
    return "acceptance.csv:"


def broken_key_list(_tariffs: Path, _templates: Path, keys: Path) -> str:
    (keys / "keys.json").write_text("{")
    return "keys.json"


def open_private_key(_tariffs: Path, _templates: Path, keys: Path) -> str:
    next(keys.glob("*.pem")).chmod(0o644)
    return "can read this private key"


BREAKAGES = [
    broken_rate, no_editions, unknown_file, broken_organisations, broken_profile, changed_template, broken_windows, broken_key_list, open_private_key,
]  # fmt: skip


@pytest.mark.parametrize("breakage", BREAKAGES, ids=lambda breakage: breakage.__name__)
def test_no_answer_holds_a_path_when_files_of_ours_are_broken(
    made: World, breakage: Callable[[Path, Path, Path], str], caplog: pytest.LogCaptureFixture
) -> None:
    office, keys = made.town.office, made.town.office.factor_key_file.parent
    folders = (office.tariffs.folder, office.templates, keys)
    kept = [folder.parent / f"{folder.name}-kept" for folder in folders]
    for folder, copy in zip(folders, kept, strict=True):
        shutil.copytree(folder, copy)
    try:
        says = breakage(*folders)
        with caplog.at_level(logging.WARNING, logger="ncvr.places"):
            said = everything(made)
        assert telling(said) == []
        assert any(says.encode() in answer.content for answer in said.values()), "the control: nobody was told of what is broken"
        assert not [name for name, answer in said.items() if answer.status == 500]
        assert CANARY in caplog.text  # whoever runs the service finds the whole path
    finally:
        for folder, copy in zip(folders, kept, strict=True):
            shutil.rmtree(folder)
            copy.rename(folder)


def test_without_the_hiding_the_canary_is_found(made: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the same answers tell, once nothing is hidden."""
    monkeypatch.setattr(OwnPlaces, "hidden", lambda _self, text: text)
    shelf = made.town.office.templates / SAMPLE / "profile.yaml"
    kept = shelf.read_bytes()
    shelf.write_text("format: [")
    try:
        assert telling(everything(made)) != []
    finally:
        shelf.write_bytes(kept)


def test_a_folder_is_named_and_what_only_looks_like_one_stays(made: World) -> None:
    office = made.town.office
    places = OwnPlaces.of(office)
    tariffs = office.tariffs.folder
    assert places.hidden(f"{tariffs}/2026/rates.csv:5: wrong") == "2026/rates.csv:5: wrong"
    assert places.hidden(f"in {tariffs}") == f"in {tariffs.name}"
    for text in (f"/elsewhere{tariffs}/x", "/api/v1/studies", "See /openapi.json for what there is", "sites.RGT.dates", ""):
        assert places.hidden(text) == text


def test_an_error_keeps_what_it_is(made: World) -> None:
    folder = made.town.office.templates
    error = InputError.of([Finding(f"{folder}/a:1", "wrong", "Mend it"), Finding("body.x", "wrong", f"See {folder}/b", "notice")])
    seen = OwnPlaces.of(made.town.office).error(error)
    assert (type(seen), seen.place) == (InputError, "a:1")
    assert [finding.place for finding in seen.findings] == ["a:1", "body.x"]
    assert seen.findings[1].remedy == "See b"
    assert error.findings[0].place == f"{folder}/a:1"
