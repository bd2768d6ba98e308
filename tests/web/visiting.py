"""Asking the API as one person, in the words of the story."""

from dataclasses import dataclass
from typing import Any

from starlette.testclient import TestClient

from ncvr.web.app import PREFIX, create_app
from tests.offices import Town


@dataclass
class Visitor:
    """One person at the API. ``get`` and ``do`` expect success, ``ask`` gives whatever comes back."""

    client: TestClient
    token: str

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, **known: Any) -> Any:
        words = {"Authorization": f"Bearer {self.token}", **(headers or {})} if self.token else dict(headers or {})
        return self.client.request(method, PREFIX + path, json=body, headers=words, **known)

    def get(self, path: str, **known: Any) -> Any:
        answer = self.ask("GET", path, **known)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def tag(self, path: str) -> str:
        """The ETag of what is to be changed."""
        answer = self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return str(answer.headers["etag"])

    def post(self, path: str, body: Any = None, **known: Any) -> Any:
        """Make something new."""
        answer = self.ask("POST", path, body, **known)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def do(self, of: str, move: str, body: Any = None, method: str = "POST") -> Any:
        """Change something: read it, decide on what it says, and do it."""
        answer = self.ask(method, f"{of}/{move}" if move else of, body, {"If-Match": self.tag(of)})
        assert answer.status_code in (200, 201), answer.text
        return answer.json()


@dataclass
class Web:
    town: Town
    client: TestClient

    def as_(self, who: str) -> Visitor:
        return Visitor(self.client, self.town.tokens[who])

    def nobody(self) -> Visitor:
        return Visitor(self.client, "")


def web(town: Town) -> Web:
    return Web(town, TestClient(create_app(town.office), raise_server_exceptions=False))
