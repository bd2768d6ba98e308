"""Who read a price, downloaded a document or was refused: for auditors and national administrators."""

from typing import Annotated

from fastapi import Query, Response
from typing_extensions import TypedDict

from ncvr.domain.study import Day
from ncvr.services.access_record import access_record, read_accesses, wanted_accesses
from ncvr.store.accesses import Outcome, Place
from ncvr.store.schema import cursor_key_in
from ncvr.web.access import Door
from ncvr.web.cursors import MOST, cursor, place_of
from ncvr.web.records import Page
from ncvr.web.routing import Routes
from ncvr.web.tables import table_answer

routes = Routes("Reference")
Who = Annotated[str, Query(max_length=64, description="The opaque id of a person, as the record has it; no address")]
Of = Annotated[str, Query(max_length=64, description="The IRAS ID of a study")]
From = Annotated[Day | None, Query(description="The first day, in London")]
To = Annotated[Day | None, Query(description="The last day, in London")]
How = Annotated[Outcome, Query(description="What was read, or what was refused")]


class AccessRecord(TypedDict):
    """``times`` such requests, the first at ``at`` under ``correlation_id``. ``actor`` is opaque; null: whoever asked was not known."""

    at: str
    actor: str | None
    method: str
    path: str
    status: int
    times: int
    correlation_id: str


@routes.add("GET", "/accesses", "accesses.read", answer=Page[AccessRecord])
def list_accesses(
    visit: Door,
    person: Who = "",
    study: Of = "",
    since: From = None,
    until: To = None,
    outcome: How = "any",
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
    cursor_: Annotated[str | None, Query(alias="cursor")] = None,
) -> Response:
    """Who read a price or a document, or was refused, newest first, without any figure. This look is kept there too."""
    with visit.look() as act:
        act.allowed("accesses.read")
        wanted = wanted_accesses(person=person, study=study, since=since, until=until, outcome=outcome)
        key = cursor_key_in(act.connection)
        after = place_of(key, act.person, visit.path, cursor_)
        listed = list(read_accesses(act, wanted, after=Place(*after.split(" ")) if after else None, limit=limit + 1))
        following = cursor(key, act.person, visit.path, f"{listed[limit - 1].at} {listed[limit - 1].id}") if len(listed) > limit else None
        return table_answer(visit, [access_record(each) for each in listed[:limit]], following)
