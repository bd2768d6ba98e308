"""``ncvr key``: made, listed, revoked; the secret is never said."""

import json
from pathlib import Path

import pytest

from ncvr import settings
from tests.cli.running import run

APPROVED = ("--approved-by", "Ada Example", "--approved-by", "Grace Example")


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NCVR_KEYS", str(tmp_path / "keys"))
    return tmp_path / "keys"


def new(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    made = run(capsys, "key", "new", "--owner", "Example Pharma Ltd", *APPROVED, *words)
    assert made.code == 0, made.err
    return made.out.partition(":")[0]


def test_a_new_key_is_said_with_its_days_and_without_its_secret(capsys: pytest.CaptureFixture[str], keys: Path) -> None:
    made = run(capsys, "key", "new", "--owner", "Example Pharma Ltd", *APPROVED, "--valid-from", "2026-01-01", "--valid-to", "2026-12-31")
    assert "receipt key of Example Pharma Ltd, valid from 2026-01-01 to 2026-12-31" in made.out
    secret = next(keys.glob("*.private-key.pem")).read_text().splitlines()[1]
    assert secret not in made.out + made.err


def test_without_days_a_key_is_valid_from_today_for_two_years(capsys: pytest.CaptureFixture[str]) -> None:
    new(capsys)
    listed = json.loads(run(capsys, "key", "list", "--format", "json").out)
    assert listed["keys"][0]["valid_from"] == settings.today().isoformat()


def test_the_list_says_how_each_key_stands(capsys: pytest.CaptureFixture[str]) -> None:
    assert "no key yet" in run(capsys, "key", "list").out
    new(capsys)
    new(capsys, "--valid-from", "2020-01-01", "--valid-to", "2020-12-31")
    new(capsys, "--valid-from", "2090-01-01")
    revoked = new(capsys, "--purpose", "publication")
    assert run(capsys, "key", "revoke", revoked).code == 0
    lines = run(capsys, "key", "list").out.splitlines()
    assert [line.split("  ")[-1] for line in lines] == ["Today", "valid", "expired", "not yet valid", f"revoked on {settings.today()}"]


def test_a_revocation_of_an_unknown_key_is_refused_with_those_known(capsys: pytest.CaptureFixture[str]) -> None:
    key = new(capsys)
    refused = run(capsys, "key", "revoke", "0" * 16)
    assert refused.code == 2
    assert key in refused.err


def test_a_list_is_not_written_over_another_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    new(capsys)
    out = tmp_path / "keys.json"
    assert run(capsys, "key", "list", "--format", "json", "-o", out).code == 0
    assert run(capsys, "key", "list", "--format", "json", "-o", out).code == 2


@pytest.mark.parametrize("names", [[], ["Ada"], ["Ada", "ADA "]], ids=str)
def test_one_person_alone_makes_no_key(capsys: pytest.CaptureFixture[str], names: list[str]) -> None:
    words = [word for name in names for word in ("--approved-by", name)]
    refused = run(capsys, "key", "new", "--owner", "Example Pharma Ltd", *words)
    assert (refused.code, refused.out) == (2, "")
    assert "a signing key is approved by two different persons" in refused.err
    assert "no key yet" in run(capsys, "key", "list").out


def test_one_person_revokes_a_key_because_that_must_be_quick(capsys: pytest.CaptureFixture[str]) -> None:
    made = run(capsys, "key", "new", "--owner", "Example Pharma Ltd", *APPROVED)
    assert "approved by Ada Example and Grace Example" in made.out
    assert run(capsys, "key", "revoke", made.out.partition(":")[0]).code == 0
