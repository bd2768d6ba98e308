"""A real OpenID Connect provider for tests (npm ``oidc-provider``), installed once into a scratch folder and run for a test file."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import httpx2

from ncvr.domain.identity_provider import CALLBACK, ProviderSettings
from ncvr.services.identity_provider import IdentityProvider
from tests.needs import require
from tests.offices import CAST

FILES = Path(__file__).parent / "identity_provider"
HERE = "https://ncvr.example"
CLIENT, SECRET = "ncvr", "a secret that only the two know"
DOMAIN = "example.org"


def _installed() -> Path:
    """The provider with its libraries, as the lock file has them; installed once for everybody who tests on this machine."""
    node, npm = shutil.which("node"), shutil.which("npm")
    require("Node.js", node is not None and npm is not None, "Install nodejs and npm: sign-in is tested with a real identity provider")
    content = b"".join((FILES / name).read_bytes() for name in ("package-lock.json", "package.json"))
    folder = Path(tempfile.gettempdir()) / f"ncvr-identity-provider-{os.getuid()}-{hashlib.sha256(content).hexdigest()[:16]}"
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=folder.parent) as name:
            making = Path(name) / "made"
            shutil.copytree(FILES, making)
            subprocess.run([str(npm), "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=making, check=True, capture_output=True, timeout=240)
            try:
                making.rename(folder)
            except OSError:
                assert folder.exists()  # another test was faster
    assert folder.stat().st_uid == os.getuid()
    shutil.copy(FILES / "provider.mjs", folder)
    return folder


@dataclass
class Provider:
    """The provider that runs, and the settings with which this service knows it. ``alter`` makes it lie from then on."""

    issuer: str
    settings: ProviderSettings
    folder: Path

    def known(self, **changed: Any) -> IdentityProvider:
        """The provider as an office knows it; every call forgets what was learned of it before."""
        return IdentityProvider(ProviderSettings.model_validate({**self.settings.model_dump(), **changed}), self.folder)

    def alter(self, **how: Any) -> None:
        httpx2.post(f"{self.issuer}/control", json=how, verify=False).raise_for_status()

    def signed_in(self, address: str, account: str) -> str:
        """Where the provider sends the browser back to, once somebody has signed in there and agreed."""
        with httpx2.Client(follow_redirects=False, verify=False) as browser:
            answer = browser.get(address)
            for _ in range(12):
                if answer.is_redirect:
                    onward = str(answer.next_request.url if answer.next_request else "")
                    if not onward.startswith(self.issuer):
                        return onward
                    answer = browser.get(onward)
                    continue
                action, filled = _form(answer, account)
                answer = browser.post(action, data=filled)
        raise AssertionError(f"{answer.status_code}: {answer.text}")


def _form(answer: httpx2.Response, account: str) -> tuple[str, dict[str, str]]:
    """The form that the provider shows, filled in."""
    assert answer.status_code == 200, f"{answer.status_code}: {answer.text}"
    action, prompt = re.search(r'<form[^>]* action="([^"]+)"', answer.text), re.search(r'name="prompt" value="(\w+)"', answer.text)
    assert action is not None, answer.text
    assert prompt is not None, answer.text
    return unescape(action[1]), {"prompt": prompt[1], **({"login": account, "password": "any"} if prompt[1] == "login" else {})}


@dataclass
class Account:
    """Somebody at the provider."""

    email: str
    email_verified: Any = True
    more: dict[str, Any] = field(default_factory=dict)

    def claims(self) -> dict[str, Any]:
        return {"email": self.email, "email_verified": self.email_verified, **self.more}


ACCOUNTS = {who: Account(f"{who}@{DOMAIN}") for who in CAST} | {
    "unverified": Account(f"company@{DOMAIN}", False),
    "verified-in-words": Account(f"company@{DOMAIN}", "true"),
    "impostor": Account(f"company@{DOMAIN}"),
    "stranger": Account(f"stranger@{DOMAIN}"),
    "elsewhere": Account("somebody@elsewhere.example"),
}


@contextmanager
def running_provider(folder: Path, *, service: str = HERE, **known: Any) -> Iterator[Provider]:
    """The provider, for a service at this address."""
    place = _installed()
    redirect_uri = service + CALLBACK
    secret = folder / "provider-secret"
    secret.write_text(SECRET + "\n")
    secret.chmod(0o600)
    accounts = {name: account.claims() for name, account in ACCOUNTS.items()}
    settings = {"client_id": CLIENT, "client_secret": SECRET, "redirect_uri": redirect_uri, "accounts": accounts, **known}
    words = [str(shutil.which("node")), "provider.mjs", json.dumps(settings)]
    with subprocess.Popen(words, cwd=place, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        issuer = process.stdout.readline().strip()
        assert issuer.startswith("http://localhost:"), "the provider does not start"
        record: dict[str, Any] = {"format": "ncvr-provider/1", "name": "Example login", "issuer": issuer, "client_id": CLIENT}
        record |= {"client_secret_file": secret.name, "redirect_uri": redirect_uri, "domains": [DOMAIN]}
        yield Provider(issuer, ProviderSettings.model_validate(record), folder)
        process.stdin.close()
        process.wait(10)
