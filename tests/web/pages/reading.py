"""Reading pages as one person: what the page says, its forms with everything hidden in them, and what comes of sending one."""

from dataclasses import dataclass
from typing import Any

from lxml import html

from tests.web.visiting import Web


@dataclass
class Sheet:
    """A page as it came back."""

    status: int
    address: str
    tree: Any

    @property
    def text(self) -> str:
        """What a person reads in the page's own part, blanks joined."""
        main = self.tree.xpath("//main")[0]
        return " ".join(" ".join(main.itertext()).split())

    @property
    def heading(self) -> str:
        return " ".join(self.tree.xpath("//h1")[0].text_content().split())

    @property
    def links(self) -> dict[str, str]:
        """The words of each link of the page's own part, and where it leads."""
        return {" ".join(link.text_content().split()): link.get("href") for link in self.tree.xpath("//main//a[@href]")}

    def form(self, action: str) -> dict[str, Any]:
        """The fields of a form as a browser would send them untouched."""
        sent: dict[str, Any] = {}
        for name, value in self.tree.xpath(f"//main//form[@action='{action}']")[0].form_values():
            sent[name] = [*sent[name], value] if isinstance(sent.get(name), list) else [sent[name], value] if name in sent else value
        return sent


@dataclass
class Reader:
    """One person at the pages."""

    web: Web
    who: str

    def ask(self, method: str, address: str, data: Any = None, files: Any = None) -> Sheet:
        words = {"Authorization": f"Bearer {self.web.town.tokens[self.who]}"}
        answer = self.web.client.request(method, address, data=data, files=files, headers=words)
        return Sheet(answer.status_code, str(answer.url.path), html.fromstring(answer.text))

    def see(self, address: str) -> Sheet:
        return self.ask("GET", address)

    def open(self, address: str) -> Sheet:
        """A page that must be there."""
        sheet = self.see(address)
        assert sheet.status == 200, sheet.text
        return sheet

    def send(self, address: str, *, page: str | None = None, **typed: Any) -> Sheet:
        """Open the page with the form, fill it in and send it; the page one is led to comes back."""
        form = self.open(page or address).form(address)
        return self.ask("POST", address, form | typed)


def reader(web: Web, who: str) -> Reader:
    return Reader(web, who)
