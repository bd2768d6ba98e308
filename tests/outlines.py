"""What a reader that cannot see a page goes by: its language, its headings in order, its header cells, its pictures."""

import re
from html.parser import HTMLParser
from itertools import pairwise


class Outline(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.levels: list[int] = []
        self.scopes: list[str | None] = []
        self.language: str | None = None
        self.titled = False
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if re.fullmatch(r"h[1-6]", tag):
            self.levels.append(int(tag[1]))
        elif tag == "th":
            self.scopes.append(dict(attributes).get("scope"))
        elif tag == "html":
            self.language = dict(attributes).get("lang")
        elif tag == "title":
            self.titled = True

    def check(self) -> None:
        """A language, a title, one first heading, no level left out, and every header cell says what it heads."""
        assert self.language == "en-GB"
        assert self.titled
        assert self.levels[:1] == [1]
        assert self.levels.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(self.levels))
        assert set(self.scopes) <= {"col", "row"}
