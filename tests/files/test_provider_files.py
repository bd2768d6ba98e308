"""The settings of an identity provider and the secret beside them: wrong ones are said, and a secret for all to read is refused."""

import json
from pathlib import Path

import pytest

from ncvr.domain.identity_provider import CALLBACK
from ncvr.errors import InputError
from ncvr.files.provider_files import read_client_secret, read_provider

SETTINGS = {
    "format": "ncvr-provider/1", "name": "Example login", "issuer": "https://login.example/tenant", "client_id": "ncvr", "client_secret_file": "secret",
    "redirect_uri": f"https://ncvr.example{CALLBACK}", "domains": ["example.org"],
}  # fmt: skip


def written(folder: Path, **changed: object) -> Path:
    path = folder / "provider.json"
    path.write_text(json.dumps(SETTINGS | changed))
    return path


def test_settings_are_read(tmp_path: Path) -> None:
    found = read_provider(written(tmp_path, trusted_second_factor={"acr": ["mfa"]}))
    assert (found.issuer, found.domains, found.claims.email) == (SETTINGS["issuer"], ("example.org",), "email")
    assert found.has_shown_second_factor({"acr": "mfa"})
    assert not found.has_shown_second_factor({"acr": None, "amr": ["mfa"]})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[("issuer", value) for value in ("http://login.example", "login.example", "https://login.example?x", "https://me@login.example", "https://")],
        *[("redirect_uri", f"{value}{CALLBACK}") for value in ("http://ncvr.example", "https://ncvr.example/x", "", "https://ncvr.example?x=")],
        *[("redirect_uri", value) for value in (f"https://ncvr.example{CALLBACK}?x", "https://ncvr.example/")],
        *[("domains", value) for value in ([], ["@example.org"], ["Example.org"], ["org"], ["*.example.org"])],
        *[("format", "ncvr-provider/2"), ("client_id", ""), ("secret", "in the open"), ("trusted_second_factor", {"acr": "mfa"})],
    ],
)
def test_settings_that_will_not_do_are_refused_where_they_are_wrong(tmp_path: Path, field: str, value: object) -> None:
    with pytest.raises(InputError) as raised:
        read_provider(written(tmp_path, **{field: value}))
    assert f"provider.json: {field}" in raised.value.findings[0].place


def test_a_secret_is_read_without_the_end_of_its_line_and_refused_when_others_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    for content, says in ((None, "cannot be read"), ("  \n", "is empty")):
        if content is not None:
            path.write_text(content)
            path.chmod(0o600)
        with pytest.raises(InputError, match=says):
            read_client_secret(path)
    path.write_text("between us\n")
    assert read_client_secret(path) == "between us"
    path.chmod(0o640)
    with pytest.raises(InputError, match="other people on this machine can read this secret"):
        read_client_secret(path)
