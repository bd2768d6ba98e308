"""People who sign in: a town whose passwords are hashed at the least cost, with helpers that do what a browser does."""

from dataclasses import dataclass, field, replace

from pyotp import TOTP

from ncvr.services.enrolling import confirm_first_app, offer_first_app
from ncvr.services.front_door import Visitor, visitor_by_session
from ncvr.services.identity import OPERATOR
from ncvr.services.own_account import ask_second_factor, password_link, set_password_by_link
from ncvr.services.passwords import Passwords
from ncvr.services.second_factor import STEP_SECONDS
from ncvr.services.signing_in import Opened, Refused, show_second_factor, sign_in
from tests.offices import Town

PASSWORD = "seventeen otters juggle quietly"
HOME = "192.0.2.1"


@dataclass
class CountedPasswords:
    """Counts how often a password was hashed or compared: the work that takes the time."""

    looked_at: int = 0


@dataclass
class House:
    """A town, and who opens its doors."""

    town: Town
    secrets: dict[str, str] = field(default_factory=dict)

    def give_password(self, who: str, password: str = PASSWORD) -> None:
        with self.town.office.act(OPERATOR, "link") as act:
            secret = password_link(act, email_of(who))
        set_password_by_link(self.town.office, secret, password)

    def switch(self, organisation: str, asked: bool) -> None:
        with self.town.office.act(OPERATOR, "switch") as act:
            ask_second_factor(act, organisation, asked)

    def knock(self, who: str, password: str = PASSWORD, *, address: str = HOME, device: str | None = None) -> Opened | Refused:
        return sign_in(self.town.office, email=email_of(who), password=password, address=address, device=device)

    def password_only(self, who: str, password: str = PASSWORD, *, address: str = HOME) -> Opened:
        opened = self.knock(who, password, address=address)
        assert isinstance(opened, Opened), opened
        return opened

    def enrol(self, who: str) -> tuple[Opened, list[str]]:
        """The first sign-in of somebody who needs a second factor."""
        waiting = self.password_only(who)
        assert waiting.stage == "enrol"
        offered = offer_first_app(self.town.office, waiting.token)
        assert offered is not None
        self.secrets[who] = offered.secret
        confirmed = confirm_first_app(self.town.office, waiting.token, self.code(who))
        assert not isinstance(confirmed, Refused)
        return confirmed

    def code(self, who: str, *, steps: int = 0) -> str:
        return TOTP(self.secrets[who]).generate_otp(int(self.town.clock().timestamp()) // STEP_SECONDS + steps)

    def show(self, opened: Opened, code: str, *, address: str = HOME, device: str | None = None) -> Opened | Refused:
        return show_second_factor(self.town.office, token=opened.token, code=code, address=address, device=device)

    def visitor(self, opened: Opened) -> Visitor | None:
        return visitor_by_session(self.town.office, opened.token)


def email_of(who: str) -> str:
    return f"{who}@example.org"


def house(town: Town) -> House:
    """Passwords at a cost for tests: what is shown here does not depend on it."""
    return House(replace(town, office=replace(town.office, passwords=Passwords(memory=64, rounds=1, lanes=1))))
