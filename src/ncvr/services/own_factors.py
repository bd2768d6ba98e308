"""A person's own second factors, seen and changed in a browser session that is young: who finds one open changes nothing."""

from dataclasses import dataclass
from datetime import datetime

from ncvr.domain.ledger import Change
from ncvr.domain.permissions import not_found
from ncvr.domain.signing_in import WAITING_LONGEST, needs_second_factor
from ncvr.errors import MoveNotAllowed
from ncvr.services.front_door import is_open
from ncvr.services.office import Act, Office
from ncvr.services.second_factor import OfferedApp, new_recovery_codes, offer_app
from ncvr.store import accounts, second_factors
from ncvr.store.second_factors import SecondFactor
from ncvr.store.sessions import Session

_PLACE = "second factors"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFactors:
    """What a person can show at sign-in."""

    factors: list[SecondFactor]
    recovery_codes: int


def is_young(office: Office, session: Session) -> bool:
    """Whether the person signed in a short while ago, so that it is still them."""
    now = office.clock.now()
    return session.stage == "full" and is_open(session, now) and now - datetime.fromisoformat(session.created_at) < WAITING_LONGEST


def own_factors(act: Act) -> OwnFactors:
    act.allowed("session.own")
    left = second_factors.recovery_codes_left(act.connection, act.person.actor)
    return OwnFactors(factors=second_factors.confirmed(act.connection, act.person.actor), recovery_codes=left)


def offer_further_app(act: Act) -> OfferedApp:
    """A secret for an authenticator app, which counts once a first code of it was shown."""
    account = accounts.one(act.connection, act.person.actor)
    return offer_app(act, (account.email if account is not None else None) or act.person.actor)


def renew_recovery_codes(act: Act) -> list[str]:
    """New recovery codes, shown once; those before are void. Raises MoveNotAllowed for somebody without a second factor to recover from."""
    if not second_factors.confirmed(act.connection, act.person.actor):
        raise MoveNotAllowed("there is no second factor that could get lost", _PLACE, "Add an authenticator app or a passkey first")
    return new_recovery_codes(act)


def remove_factor(act: Act, factor_id: str) -> None:
    """Take away one's own factor. Raises NotFound for what is not one's own, MoveNotAllowed for the last one of somebody who must have one."""
    actor = act.person.actor
    own = second_factors.confirmed(act.connection, actor)
    if factor_id not in {factor.id for factor in own}:
        raise not_found(f"second factor {factor_id}")
    account = accounts.one(act.connection, actor)
    if len(own) == 1 and needs_second_factor(act.person.role, account is None or account.organisation_asks):
        raise MoveNotAllowed("this is your last second factor, and you must have one", _PLACE, "Add another one first")
    second_factors.remove(act.connection, actor, act.now, factor_id)
    if len(own) == 1:
        second_factors.replace_recovery_codes(act.connection, actor, [], act.now)
    act.record(Change(operation="factor.remove", object=f"person/{actor}", field="second factors", old=str(len(own)), new=str(len(own) - 1)))
