"""``ncvr person``: from a link to a password to being forgotten, on a database of one's own."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ncvr.services import signing_in
from ncvr.services.front_door import visitor_by_session, visitor_by_token
from ncvr.services.identity import OPERATOR
from ncvr.services.opening import open_office
from ncvr.services.own_account import known_account, set_password_by_link
from ncvr.services.second_factor import offer_app
from ncvr.services.signing_in import Opened, Refused
from ncvr.store import ledger_entries, provider_identities
from tests.accounts import HOME, PASSWORD
from tests.cli.running import run

EMAIL = "ann@example.org"


@pytest.fixture(autouse=True)
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("NCVR_DATABASE_FILE", str(tmp_path / "ncvr.db"))
    monkeypatch.delenv("NCVR_DATABASE_URL", raising=False)
    assert run(capsys, "db", "upgrade").code == 0
    added = run(capsys, "user", "add", EMAIL, "--role", "company_representative", "--organisation", "ACME", "--company", "Acme Pharma", "--name", "Ann")
    assert added.code == 0, added.err


def sign_in() -> Opened | Refused:
    return signing_in.sign_in(open_office(), email=EMAIL, password=PASSWORD, address=HOME)


def with_password(capsys: pytest.CaptureFixture[str]) -> None:
    printed = run(capsys, "person", "password", EMAIL)
    assert printed.code == 0
    set_password_by_link(open_office(), printed.out.strip().removeprefix("/password?link="), PASSWORD)


def test_a_link_is_printed_alone_and_sets_the_password(capsys: pytest.CaptureFixture[str]) -> None:
    printed = run(capsys, "person", "password", EMAIL)
    assert printed.out.startswith("/password?link=")
    assert len(printed.out.strip()) == len("/password?link=") + 64
    assert "once, for 24 hours" in printed.err
    set_password_by_link(open_office(), printed.out.strip().removeprefix("/password?link="), PASSWORD)
    opened = sign_in()
    assert isinstance(opened, Opened)
    assert opened.stage == "enrol"


def test_a_second_factor_is_switched_off_for_an_organisation_and_on_again(capsys: pytest.CaptureFixture[str]) -> None:
    with_password(capsys)
    for asked, stage in (("off", "full"), ("on", "enrol")):
        assert run(capsys, "person", "second-factor", "ACME", asked).code == 0
        opened = sign_in()
        assert isinstance(opened, Opened)
        assert opened.stage == stage
    assert run(capsys, "person", "lost-phone", EMAIL).out.startswith("0 second factors of ann@example.org taken away")


def test_an_address_is_one_person_in_capitals_or_not_whatever_asks_for_it(capsys: pytest.CaptureFixture[str]) -> None:
    again = run(capsys, "user", "add", "Ann@Example.ORG", "--role", "national_administrator", "--name", "Another Ann")
    assert (again.code, again.err) == (
        2, "error: email: Ann@Example.ORG is known already. One address is one person, in capitals or not; give the other role to another address.\n",
    )  # fmt: skip
    with_password(capsys)
    run(capsys, "person", "second-factor", "ACME", "off")
    first = signing_in.sign_in(open_office(), email="ANN@example.org", password=PASSWORD, address=HOME)
    assert isinstance(first, Opened)
    for number in range(6):
        assert signing_in.sign_in(open_office(), email="aNN@example.org", password=f"wrong {number}", address="203.0.113.9", device=first.device) == Refused()
    assert run(capsys, "token", "new", "ANN@EXAMPLE.ORG").code == 0
    assert run(capsys, "token", "revoke", "Ann@Example.Org").out.startswith("1 token of")
    assert run(capsys, "person", "sign-out", "ANN@EXAMPLE.ORG").out.startswith("1 session of")


@pytest.mark.parametrize(
    "email",
    [
        "ann",
        "@example.org",
        "ann@",
        "ann@b@example.org",
        "ann lee@example.org",
        "ann@example.org ",
        "ann\n@example.org",
        "ann\u200b@example.org",
        "a" * 243 + "@example.org",
    ],
)
def test_what_is_no_address_is_nobodys(capsys: pytest.CaptureFixture[str], email: str) -> None:
    ran = run(capsys, "user", "add", email, "--role", "auditor")
    assert ran.code == 2
    assert "is not an e-mail address. Write it as name@example.org: one @, no spaces or control characters, at most 254 characters" in ran.err
    assert run(capsys, "user", "add", "a" * 242 + "@example.org", "--role", "auditor").code == 0


@pytest.mark.parametrize("role", ["network_coordinator", "national_administrator", "auditor"])
def test_a_national_role_is_at_no_organisation(capsys: pytest.CaptureFixture[str], role: str) -> None:
    ran = run(capsys, "user", "add", "bo@example.org", "--role", role, "--organisation", "RGT")
    assert (ran.code, ran.out) == (2, "")
    assert f"--organisation: a person in the role {role} has no organisation. Leave it out" in ran.err


def test_a_person_is_signed_out_blocked_and_let_in_again(capsys: pytest.CaptureFixture[str]) -> None:
    with_password(capsys)
    run(capsys, "person", "second-factor", "ACME", "off")
    first, token = sign_in(), run(capsys, "token", "new", EMAIL, "--scope", "read", "--name", "reports").out.strip()
    assert isinstance(first, Opened)
    known = visitor_by_token(open_office(), token)
    assert known is not None
    assert known.scope == "read"
    assert run(capsys, "person", "sign-out", EMAIL).out == "1 session of ann@example.org ended.\n"
    assert visitor_by_session(open_office(), first.token) is None
    assert run(capsys, "person", "block", EMAIL).out == "ann@example.org is kept out. Sessions and tokens that ended: 1.\n"
    assert visitor_by_token(open_office(), token) is None
    assert sign_in() == Refused()
    assert run(capsys, "person", "unblock", EMAIL).code == 0
    assert isinstance(sign_in(), Opened)


def test_secrets_are_sealed_with_a_new_key_and_the_former_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("NCVR_FACTOR_KEY", str(tmp_path / "keys" / "factors.key"))
    refused = run(capsys, "person", "new-key")
    assert (refused.code, "there is no key to renew yet" in refused.err, "first authenticator app" in refused.err) == (2, True, True)
    office = open_office()
    with office.act(OPERATOR, "enrol") as act:
        offer_app(replace(act, person=known_account(act, EMAIL).person), EMAIL)
    done = run(capsys, "person", "new-key")
    assert (done.code, done.out) == (0, f"1 secret sealed with the new key in {office.factor_key_file}.\n")
    (former,) = office.factor_key_file.parent.glob(f"{office.factor_key_file.name}.*")
    assert str(former) in done.err


def test_who_somebody_is_at_the_identity_provider_is_forgotten(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "person", "unlink", EMAIL).code == 2  # linked to nobody
    office = open_office()
    with office.act(OPERATOR, "link") as act:
        assert provider_identities.link(act.connection, "https://login.example", "ann-there", known_account(act, EMAIL).person.actor, act.now)
    done = run(capsys, "person", "unlink", EMAIL)
    assert (done.code, "nobody at the identity provider any more" in done.out) == (0, True)
    with office.look(OPERATOR) as act:
        assert provider_identities.actor_of(act.connection, "https://login.example", "ann-there") is None
        assert "identity.unlink" in {entry.operation for entry in ledger_entries.entries(act.connection)}


def test_settings_of_a_provider_that_will_not_do_are_all_said_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings: dict[str, object] = {
        "format": "ncvr-provider/1",
        "name": "Example",
        "issuer": "http://login.example",
        "client_id": "ncvr",
        "client_secret_file": "x",
    }
    settings |= {"redirect_uri": "https://ncvr.example/elsewhere", "domains": [], "secret": "in the open"}
    (tmp_path / "provider.json").write_text(json.dumps(settings))
    monkeypatch.setenv("NCVR_PROVIDER", str(tmp_path / "provider.json"))
    said = run(capsys, "person", "export", EMAIL)
    assert said.code == 2
    for words in ("issuer: this is not an issuer", "redirect_uri: the provider could not send people back here", "domains", "secret: this field is not known"):
        assert words in said.err


def test_a_person_is_exported_and_forgotten_and_the_ledger_is_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with_password(capsys)
    assert run(capsys, "person", "export", EMAIL, "-o", tmp_path / "ann.json").code == 0
    record = json.loads((tmp_path / "ann.json").read_text("utf-8"))
    assert (record["format"], record["person"]["name"]) == ("ncvr-person/1", "Ann")
    assert record["acts"][-1]["operation"] == "password.set"
    forgotten = run(capsys, "person", "forget", EMAIL, "--reason", "asked to be")
    assert forgotten.code == 0
    assert record["person"]["actor"] in forgotten.out
    assert run(capsys, "ledger", "verify").code == 0
    assert run(capsys, "person", "export", EMAIL).code == 2


@pytest.mark.parametrize("words", [("password",), ("block",), ("unblock",), ("sign-out",), ("lost-phone",), ("export",), ("forget", "--reason", "x")])
def test_an_unknown_address_is_named_with_what_to_do(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    ran = run(capsys, "person", words[0], "nobody@example.org", *words[1:])
    assert (ran.code, ran.out) == (2, "")
    assert "nobody has the address nobody@example.org. Check the address; ncvr user add adds a person." in ran.err
