"""One visit of a page: who, the form that was sent, and the page that goes back with its frame around it."""

import gzip
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote, urlencode, urlsplit

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse, Response

from ncvr.domain.people import Person
from ncvr.errors import Finding, NcvrError, ReferenceDataError
from ncvr.services.office import Act
from ncvr.services.signing_in import Opened
from ncvr.store import accounts
from ncvr.store.connections import Connection
from ncvr.web.access import Door, Visit
from ncvr.web.own_places import OwnPlaces
from ncvr.web.pages.table import Table
from ncvr.web.pages.templates import environment
from ncvr.web.pages.words import ROLE_WORDS, SAID
from ncvr.web.problems import Refused, problem_of

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_HTML = "text/html; charset=utf-8"
# A form of one activity has a field a visit; nothing of ours has more.
_MOST_FIELDS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A place to go: in the navigation, or on the way here (breadcrumb)."""

    text: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """Who is signed in, as the header says it."""

    person: Person
    name: str
    role: str
    place: str


@dataclass(slots=True, kw_only=True)
class Page:
    """What a page's function works with. It reads or acts through the same services as the API, in one transaction."""

    visit: Visit
    request: Request
    form: FormData
    _open: Act | None = None  # while a transaction is: what the frame needs is read in it, and takes no second connection

    @property
    def person(self) -> Person:
        return self.visit.person

    @contextmanager
    def look(self) -> Iterator[Act]:
        """One reading transaction."""
        with self.visit.look() as act, self._during(act):
            yield act

    @contextmanager
    def act(self) -> Iterator[Act]:
        """One transaction that changes something."""
        with self.visit.office.act(self.person, self.visit.correlation_id) as act, self._during(act):
            yield act

    @contextmanager
    def _during(self, act: Act) -> Iterator[None]:
        self._open = act
        try:
            yield
        finally:
            self._open = None

    def field(self, name: str) -> str:
        """What was typed in a field of the form, without the blanks around it; nothing if it was not sent."""
        value = self.form.get(name, "")
        return value.strip() if isinstance(value, str) else ""

    def ticked(self, name: str) -> list[str]:
        """The values of every ticked box of a name."""
        return [value for value in self.form.getlist(name) if isinstance(value, str)]

    def upload(self, name: str) -> bytes:
        """The file that was chosen; empty if none was."""
        value = self.form.get(name)
        return value.file.read() if isinstance(value, UploadFile) else b""

    @property
    def revision(self) -> int:
        """The revision the person saw when they decided: a hidden field of every form that changes something. Raises Refused (428)."""
        value = self.field("revision")
        if not value.isdecimal() or len(value) > 10:
            says = "the form does not say what it was decided on"
            raise Refused(428, "precondition-required", says, "Open the page again and decide there", "revision")
        return int(value)

    def asked(self, name: str) -> str:
        """A word of the address (``?name=``), without the blanks around it."""
        return self.request.query_params.get(name, "").strip()

    def show(self, template: str, *, tables: Sequence[Table] = (), problems: Sequence[Finding] = (), status: int | None = None, **values: Any) -> Response:
        """The page, in its frame; or one of its tables as CSV, if the address asks for that (``?csv=NAME``).

        ``problems`` are shown first, each leading to the field its place names; the page then answers 422.
        """
        asked = dict(self.request.query_params)
        wanted = asked.pop("csv", None)
        own_places: OwnPlaces = self.request.app.state.own_places
        problems = own_places.findings(problems)
        sorted_tables = {table.name: table.for_request(asked) for table in tables}
        if wanted is not None and wanted in sorted_tables:
            return _csv(sorted_tables[wanted], own_places)
        frame = {"me": self.me(), "path": self.request.url.path, "said": SAID.get(self.asked("said"), ""), "problems": problems, "tables": sorted_tables}
        content = environment().get_template(template).render(**frame, **values)
        return self._sent(own_places.hidden_in_page(content).encode("utf-8"), status or (422 if problems else 200))

    def _sent(self, content: bytes, status: int) -> Response:
        """Packed where the browser takes it, but never a page that repeats words of its address: its length would tell what else is on it."""
        packs = "gzip" in self.request.headers.get("accept-encoding", "") and not self.request.url.query and self.request.method == "GET"
        if not packs:
            return Response(content, status, media_type=_HTML)
        return Response(gzip.compress(content, 5, mtime=0), status, {"Content-Encoding": "gzip"}, _HTML)

    def refused(self, error: NcvrError, template: str, **values: Any) -> Response:
        """The same page again, with what stands in the way and everything that was typed."""
        return self.show(template, problems=error.findings, status=problem_of(error)[0], **values)

    def go(self, to: str, *, said: str = "") -> Response:
        """After something was done: on to another page, which says so. (A reload then does nothing twice.)"""
        assert not said or said in SAID, said
        address, mark, place = to.partition("#")
        words = f"{'&' if '?' in address else '?'}{urlencode({'said': said})}" if said else ""
        return RedirectResponse(address + words + mark + place, 303)

    def me(self) -> Me | None:
        """Who is signed in; None at the door."""
        known = self.visit.known
        if known is None:
            return None
        if self._open is not None:
            return self._me(self._open.connection, known)
        with self.visit.office.store.reading() as connection:
            return self._me(connection, known)

    def _me(self, connection: Connection, known: Person) -> Me:
        account = accounts.one(connection, known.actor)
        place = accounts.company_name(connection, known.organisation) or self._listed_name(known.organisation)
        return Me(person=known, name=(account.name if account else None) or "Name removed", role=ROLE_WORDS[known.role], place=place)

    def _listed_name(self, organisation: str) -> str:
        """The organisation's name; or its code, where the list cannot be read: a page that says so needs its frame too."""
        try:
            listed = self.visit.office.tariffs.organisations().get(organisation)
        except ReferenceDataError:
            return organisation
        return organisation if listed is None else listed.name


def _csv(table: Table, own_places: OwnPlaces) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{table.name}.csv"'}
    return Response(own_places.hidden_in_page(table.csv().decode("utf-8")), headers=headers, media_type="text/csv; charset=utf-8")


def own_address(address: str) -> str:
    """Where to go on to after signing in: a page of ours, or the first one. Never another site.

    >>> own_address("/studies?q=leeds"), own_address("//elsewhere.example/"), own_address("https://elsewhere.example")
    ('/studies?q=leeds', '/', '/')
    """
    parts = urlsplit(address)
    plain = address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return address if plain and address.isprintable() and "\\" not in address else "/"


def next_step(opened: Opened, then: str) -> str:
    """Where somebody goes on to who signed in: the page they wanted, by way of the second factor if one is due or to be chosen."""
    then = own_address(then)
    step = {"full": "", "due": "/sign-in/code", "enrol": "/sign-in/second-factor"}[opened.stage]
    return f"{step}?then={quote(then, safe='')}" if step else then


def to_sign_in(request: Request) -> Response:
    """Somebody unknown is asked to sign in, and comes back to the page they wanted."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse("/sign-in" if wanted == "/" else f"/sign-in?then={quote(wanted, safe='')}", 303)


async def _page(visit: Door, request: Request) -> AsyncIterator[Page]:
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    form = await request.form(max_files=2, max_fields=_MOST_FIELDS) if sent in _FORMS else FormData()
    page = Page(visit=visit, request=request, form=form)
    request.scope["ncvr.page"] = page
    try:
        yield page
    finally:
        await form.close()


Seen = Annotated[Page, Depends(_page)]
