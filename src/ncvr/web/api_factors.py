"""One's own second factors, in a browser session: seen, added, taken away, and new recovery codes."""

from typing import Any

from fastapi import Request, Response
from typing_extensions import TypedDict

from ncvr.services import own_factors, passkeys
from ncvr.services.second_factor import confirm_app
from ncvr.store.sessions import Session
from ncvr.web.access import Door, Visit, json_answer
from ncvr.web.api_session import AppRecord, Code, Credential, RecoveryRecord, full_session, passkey_site
from ncvr.web.problems import Refused
from ncvr.web.routing import Routes

routes = Routes("Session")


class FactorRecord(TypedDict):
    """``kind``: ``totp`` (an authenticator app) or ``passkey``."""

    id: str
    kind: str
    name: str


class FactorsRecord(TypedDict):
    """``recovery_codes``: how many are left."""

    factors: list[FactorRecord]
    recovery_codes: int


@routes.add("GET", "/session/factors", "session.own", answer=FactorsRecord)
def list_factors(visit: Door) -> Response:
    """Your second factors, and how many recovery codes are left."""
    full_session(visit)
    with visit.look() as act:
        own = own_factors.own_factors(act)
    listed = [FactorRecord(id=factor.id, kind=factor.kind, name=factor.name) for factor in own.factors]
    return json_answer(FactorsRecord(factors=listed, recovery_codes=own.recovery_codes)).response()


@routes.add("POST", "/session/factors/app", "session.own", answer=AppRecord, status=201)
def offer_further_app(visit: Door) -> Response:
    """A secret for a further authenticator app, shown once. It counts once a code of it was shown."""
    young_session(visit)
    with visit.office.act(visit.person, visit.correlation_id) as act:
        act.allowed("session.own")
        offered = own_factors.offer_further_app(act)
    return json_answer(AppRecord(secret=offered.secret, uri=offered.uri), status=201).response()


@routes.add("POST", "/session/factors/app/confirm", "session.own", answer=RecoveryRecord, body=Code, example={"code": "123456"}, status=201)
def confirm_further_app(visit: Door) -> Response:
    """The first code of the app; new recovery codes are shown, once."""
    young_session(visit)
    code = visit.body(Code).code
    with visit.office.act(visit.person, visit.correlation_id) as act:
        act.allowed("session.own")
        codes = confirm_app(act, code)
    return _codes(codes, "this code is not one of the app you were just given")


@routes.add("POST", "/session/factors/passkey/options", "session.own", answer=dict[str, Any], status=201)
def offer_further_passkey(visit: Door, request: Request) -> Response:
    """What to hand to the browser's ``navigator.credentials.create``."""
    session = young_session(visit)
    with visit.office.act(visit.person, visit.correlation_id) as act:
        act.allowed("session.own")
        options = passkeys.offer_passkey(act, session, passkey_site(request))
    return json_answer(options, status=201).response()


@routes.add("POST", "/session/factors/passkey/made", "session.own", answer=RecoveryRecord, body=Credential, example={"credential": {}}, status=201)
def keep_further_passkey(visit: Door, request: Request) -> Response:
    """The passkey that the browser made; new recovery codes are shown, once."""
    session = young_session(visit)
    credential = visit.body(Credential).credential
    with visit.office.act(visit.person, visit.correlation_id) as act:
        act.allowed("session.own")
        codes = passkeys.keep_passkey(act, session, credential, passkey_site(request))
    return _codes(codes, "this passkey was not made here, or is known already, or you waited too long")


@routes.add("POST", "/session/factors/recovery-codes", "session.own", answer=RecoveryRecord, status=201)
def renew_recovery_codes(visit: Door) -> Response:
    """New recovery codes, shown once; those before are void."""
    young_session(visit)
    with visit.office.act(visit.person, visit.correlation_id) as act:
        act.allowed("session.own")
        codes = own_factors.renew_recovery_codes(act)
    return _codes(codes, "")


@routes.add("DELETE", "/session/factors/{factor_id}", "session.own", status=204)
def remove_factor(visit: Door, factor_id: str) -> Response:
    """Take away one of your second factors; the last one only where none is asked of you."""
    young_session(visit)
    with visit.office.act(visit.person, visit.correlation_id) as act:
        act.allowed("session.own")
        own_factors.remove_factor(act, factor_id)
    return Response(status_code=204)


def _codes(codes: list[str] | None, says: str) -> Response:
    if codes is None:
        raise Refused(401, "not-signed-in", says, "Start again", "session")
    return json_answer(RecoveryRecord(recovery_codes=codes), status=201).response()


def young_session(visit: Visit) -> Session:
    """The browser session of whoever asks, if they signed in a short while ago. Raises Refused (401)."""
    session = full_session(visit)
    if not own_factors.is_young(visit.office, session):
        raise Refused(401, "not-signed-in", "you signed in a while ago, and this could be somebody else", "Sign out, sign in again and do it then", "session")
    return session
