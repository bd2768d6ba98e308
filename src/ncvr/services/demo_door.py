"""The demo's door: one of its people is chosen from a list, and is in. Only people the demo made, which only this machine is shown."""

from ncvr.services.office import Office
from ncvr.services.signing_in import Opened, Refused, open_full_session
from ncvr.store import accounts
from ncvr.store.accounts import ListedPerson


def demo_people(office: Office) -> list[ListedPerson]:
    """The people of the demo, in the order they were made; none in a database of one's own."""
    with office.store.reading() as connection:
        return accounts.demo_people(connection)


def sign_in_as(office: Office, email: str, correlation_id: str = "") -> Opened | Refused:
    """A full session for one of the demo's people, without a password. Refused for everybody else.

    A database with such people is served to this machine only (:func:`ncvr.services.opening.check_serving`).
    """
    if email not in {person.email for person in demo_people(office)}:
        return Refused()
    with office.store.reading() as connection:
        account = accounts.by_email(connection, email)
    if account is None or account.blocked:
        return Refused()
    with office.act(account.person, correlation_id) as act:
        return open_full_session(act, "chosen from the list of the demo")
