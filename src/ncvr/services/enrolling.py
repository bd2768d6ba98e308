"""The first second factor of somebody whose password was right and who has none yet."""

from ncvr.services.office import Office
from ncvr.services.second_factor import OfferedApp, confirm_app, offer_app
from ncvr.services.signing_in import Opened, Refused, let_in, waiting_session
from ncvr.store import accounts


def offer_first_app(office: Office, token: str, correlation_id: str = "") -> OfferedApp | None:
    """What the app is given; None unless the session of this cookie waits for it."""
    waiting = waiting_session(office, token, "enrol")
    if waiting is None:
        return None
    with office.act(waiting.person, correlation_id) as act:
        account = accounts.one(act.connection, waiting.person.actor)
        return offer_app(act, (account.email if account is not None else None) or waiting.person.actor)


def confirm_first_app(office: Office, token: str, code: str, correlation_id: str = "") -> tuple[Opened, list[str]] | Refused:
    """A full session and the recovery codes, shown once, if the code is right."""
    waiting = waiting_session(office, token, "enrol")
    if waiting is None:
        return Refused()
    with office.act(waiting.person, correlation_id) as act:
        codes = confirm_app(act, code)
        opened = let_in(act, waiting, "totp") if codes is not None else Refused()
        return (opened, codes) if isinstance(opened, Opened) and codes is not None else Refused()
