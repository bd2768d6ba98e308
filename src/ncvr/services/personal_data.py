"""A person's rights over what is kept of them: to have it all, and to have it blanked."""

from typing import Any

from ncvr.domain.ledger import Change
from ncvr.services.office import Act
from ncvr.services.own_account import known_account
from ncvr.store import personal_data

FORMAT = "ncvr-person/1"


def export_person(act: Act, email: str) -> dict[str, Any]:
    """Everything kept of the person of this address. Raises InputError for an unknown one.

    The ledger's entries are listed too: they hold the opaque actor, no name.
    """
    actor = known_account(act, email).person.actor
    return {
        "format": FORMAT,
        "person": personal_data.person_row(act.connection, actor),
        "signing_in": personal_data.told(act.connection, actor),
        "acts": personal_data.acts(act.connection, actor),
        "reads": personal_data.reads(act.connection, actor),
    }


def forget_person(act: Act, email: str, reason: str) -> str:
    """Blank name, address, password, second factors, sessions, devices and tokens; returns the opaque actor that stays.

    What the person did stays in the ledger under that actor, and the chain still verifies.
    """
    actor = known_account(act, email).person.actor
    personal_data.blank(act.connection, actor, act.now)
    act.record(Change(operation="person.forget", object=f"person/{actor}", field="name, address, signing in", new="blanked", reason=reason))
    return actor
