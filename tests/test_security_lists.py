"""The lists of SECURITY.md are those of the code: sizes, what is kept, what is cryptography and what connects to anywhere."""

import base64
import re
from datetime import timedelta
from pathlib import Path

import pytest

from ncvr.domain.signing_in import LINK_LASTS, SESSION_IDLE
from ncvr.files import docx_package, workbook_child, workbook_package
from ncvr.files.verification import confined
from ncvr.services import signing_in
from ncvr.services.office import Chance
from ncvr.services.passwords import Passwords
from ncvr.settings import requests_a_minute
from ncvr.store import access_tables, account_tables, adherence_tables
from ncvr.store.tables import metadata
from ncvr.web import access, envelope, heavy_jobs

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "SECURITY.md").read_text("utf-8")
SOURCES = {str(path.relative_to(ROOT / "src" / "ncvr")): path.read_text("utf-8") for path in (ROOT / "src" / "ncvr").rglob("*.py")}
MEGABYTE = 2**20


def section(heading: str) -> str:
    return PAGE.partition(f"### {heading}\n")[2].partition("\n### ")[0]


@pytest.mark.parametrize(
    "says",
    [
        f"{docx_package.FILE_LIMIT // MEGABYTE} MB | {docx_package.PACKAGE_LIMIT // MEGABYTE} MB, {docx_package.PART_LIMIT // MEGABYTE} MB a part",
        f"{docx_package.MEMBER_LIMIT:,} parts",
        f"{confined.SECONDS} s of computing, {confined.MEGABYTES} MB",
        f"with the contract {envelope.LARGEST_DOCUMENT // MEGABYTE} MB",
        f"{workbook_child.FILE_LIMIT // MEGABYTE} MB | {docx_package.PACKAGE_LIMIT // MEGABYTE} MB, {workbook_package.RATIO_LIMIT} times its size",
        f"{workbook_package.SHEET_LIMIT} sheets, {workbook_package.CELL_LIMIT:,} cells a sheet",
        f"{workbook_child.SECONDS} s of computing, {workbook_child.MEMORY_LIMIT // MEGABYTE} MB",
        f"JSON | {envelope.LARGEST_BODY // MEGABYTE} MB",
    ],
)
def test_the_sizes_of_files_are_those_that_are_enforced(says: str) -> None:
    assert says in section("Files that are taken")


def test_how_long_things_are_kept_and_how_often_they_may_be_asked_is_said_as_it_is() -> None:
    kept = section("What is kept, how it is guarded, how long")
    assert timedelta(days=1) == LINK_LASTS
    assert "links a day" in kept
    assert f"sessions' rows {signing_in._SESSIONS_KEPT.days} days, counts of guessing {signing_in._ATTEMPTS_KEPT.days} days" in kept
    assert f"repeated requests {access.KEPT_FOR // timedelta(hours=1)} hours" in kept
    assert f"{heavy_jobs.A_PERSONS_SHARE} an hour, and {heavy_jobs.AN_ORGANISATIONS_SHARE} an hour" in PAGE
    assert f"{requests_a_minute():,} requests a minute" in PAGE
    assert f"nothing was asked for {SESSION_IDLE // timedelta(minutes=1)} minutes" in PAGE


# Every table is at one of the levels of the list; one that is added must be put at its own.
LEVELS = {
    "secret": "accounts second_factors recovery_codes sessions known_devices one_time_links provider_answers sign_in_attempts tokens meta",
    "confidential": "studies study_versions queries costings prices details variations escalations events grants idempotency adherence_records",
    "personal": "people provider_identities",
    "the record": "ledger accesses",
    "public": "companies editions organisation_settings adherence_costings adherence_outcomes adherence_positions adherence_publications",
}


def test_every_table_has_a_level_of_protection_that_the_list_has() -> None:
    assert account_tables.sessions.metadata is access_tables.accesses.metadata is adherence_tables.adherence_records.metadata is metadata
    placed = [name for names in LEVELS.values() for name in names.split()]
    assert sorted(placed) == sorted(metadata.tables)
    levels = re.findall(r"^\| ([a-z' ]+) \|", section("What is kept, how it is guarded, how long"), flags=re.M)
    assert [level.removesuffix(" to a study's parties") for level in levels] == ["level", *LEVELS]
    logs = section("What is logged")
    assert set(re.findall(r"table `(\w+)`", logs)) == {"ledger", "accesses", "sign_in_attempts"}


# What the list of cryptography says of each module that does any; one that is added must be added there.
_CRYPTOGRAPHY = re.compile(r"^\s*(?:import|from) (cryptography|argon2|hmac|joserfc|authlib|webauthn|pyotp|secrets|random|jwt|nacl|ssl)\b", flags=re.M)
INVENTORY = {
    "services/passwords.py": ("argon2", "Argon2id"),
    "services/second_factor.py": ("hmac pyotp", "TOTP"),
    "services/passkeys.py": ("webauthn", "passkeys"),
    "services/identity_provider.py": ("joserfc", "an identity provider's word"),
    "services/provider_sign_in.py": ("hmac", "an identity provider's word"),
    "services/throttling.py": ("hmac", "names in the counts of guessing"),
    "services/site_contracts.py": ("hmac", "personal values in receipts"),
    "services/contracting.py": ("secrets", "system's generator"),
    "services/office.py": ("secrets", "system's generator"),
    "web/cursors.py": ("hmac", "cursors"),
    "domain/site_numbers.py": ("hmac", "numbers of costings and escalations"),
    "files/factor_key.py": ("cryptography", "AES-256-GCM"),
    "files/signing_keys.py": ("cryptography", "Ed25519"),
    "files/docx_receipt_checker.py": ("cryptography", "Ed25519"),
    "domain/signing_key.py": ("cryptography", "Ed25519"),
}


def test_every_module_that_does_cryptography_is_in_the_inventory() -> None:
    found = {name: set(_CRYPTOGRAPHY.findall(text)) for name, text in SOURCES.items() if _CRYPTOGRAPHY.search(text)}
    del found["services/identity_provider.py"]  # its libraries bring their own; what it takes is said
    expected = {name: set(libraries.split()) for name, (libraries, _) in INVENTORY.items() if name != "services/identity_provider.py"}
    assert found == expected
    listed = section("Cryptography")
    assert [says for _, says in INVENTORY.values() if says not in listed] == []


def test_hashes_are_sha_256_but_where_others_fixed_another() -> None:
    other = {
        name: found
        for name, text in SOURCES.items()
        if (found := set(re.findall(r"hashlib\.(?!sha256\b|file_digest\(file, \"sha256\"\))(\w+)\(|import (sha1|md5|sha512)", text)))
    }
    assert other == {"files/breached_passwords.py": {("sha1", "")}}


def test_what_must_not_be_guessed_has_128_bits_and_comes_from_the_system() -> None:
    chance = Chance()
    assert chance.octets.__module__ == "secrets" or chance.octets.__name__ == "token_bytes"
    assert len({chance.octets(32) for _ in range(100)}) == 100
    asked = [int(bits) for text in SOURCES.values() for bits in re.findall(r"chance\.octets\((\d+)\)", text)]
    assert {each for each in asked if each * 8 < 128} == {12}  # the nonce of AES-GCM, which is not secret
    assert "token_hex(16)" in SOURCES["services/contracting.py"]
    assert len(base64.b32encode(bytes(16)).rstrip(b"=")) == 26
    assert (Passwords().memory, Passwords().rounds, Passwords().lanes) == (65_536, 3, 4)
    assert "Argon2id, 64 MB, 3 rounds, 4 lanes" in section("Cryptography")


_NETWORK = re.compile(
    r"^\s*(?:import|from) (httpx2?|requests|aiohttp|socket|smtplib|ftplib|http\.client|urllib\.request|urllib3|authlib\.integrations)\b", flags=re.M
)


def test_only_the_identity_provider_is_asked_over_the_network() -> None:
    listens = "cli/serve.py"
    assert {name for name, text in SOURCES.items() if _NETWORK.search(text)} == {"services/identity_provider.py", listens}
    assert set(re.findall(r"\bsocket\.([a-z]\w*)", SOURCES[listens])) == {"create_server", "gaierror", "getaddrinfo", "socket"}
    assert not re.search(r"connect|send|\.socket\(", SOURCES[listens])  # it is called, and calls nobody
    connected = section("With whom it talks")
    for variable in ("NCVR_PROVIDER", "NCVR_DATABASE_URL", "NCVR_MIGRATION_URL", "NCVR_DATABASE_FILE"):
        assert f"`{variable}`" in connected
