"""Rules of signing in, in one place: how long a session lasts, who needs a second factor, and what slows guessing down.

Guessing is counted for an account and an address together, for an address, and for an account. Only the first two make
anybody wait, and neither lasts: whoever attacks from fifty addresses makes those fifty wait, never the owner at another
one, never a device the owner has used before, and never a session that is open already.

The six digits of an app are another matter: there are a million of them, so whoever knows the password would find them
from enough addresses. For them the account waits too, wherever they come from. Nobody brings that about without the
password, and the owner goes on with a device used before, a recovery code or a passkey.
"""

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Address, ip_address
from typing import Literal

from ncvr.domain.people import Role

Stage = Literal["due", "enrol", "full"]
Scope = Literal["read", "act"]
SCOPES: tuple[Scope, ...] = ("read", "act")

# A session ends when nothing happened for half an hour, and after a working day.
SESSION_IDLE = timedelta(minutes=30)
SESSION_LONGEST = timedelta(hours=12)
# What a right password alone opens: time enough to find the telephone.
WAITING_LONGEST = timedelta(minutes=10)
DEVICE_REMEMBERED = timedelta(days=180)
LINK_LASTS = timedelta(hours=24)

SHORTEST_PASSWORD, ADVISED_PASSWORD, LONGEST_PASSWORD = 8, 15, 256
RECOVERY_CODES = 10


def needs_second_factor(role: Role, organisation_asks: bool) -> bool:
    """A national administrator always; everybody else as their organisation has it."""
    return role == "national_administrator" or organisation_asks


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttle:
    """After ``free`` failures each next one doubles the wait, up to ``longest``; every ``ease`` without one forgives one.

    >>> [Throttle(free=2, first=timedelta(seconds=5), longest=timedelta(seconds=60), ease=timedelta(1)).wait(n).seconds for n in range(8)]
    [0, 0, 5, 10, 20, 40, 60, 60]
    """

    free: int
    first: timedelta
    longest: timedelta
    ease: timedelta

    def wait(self, failures: int) -> timedelta:
        """How long after the last of so many failures the next attempt is looked at."""
        if failures < self.free:
            return timedelta(0)
        doublings: int = 2 ** min(failures - self.free, 16)
        return min(self.longest, self.first * doublings)

    def eased(self, failures: int, since_last: timedelta) -> int:
        """The failures that still count."""
        return max(0, failures - since_last // self.ease)


PAIR = Throttle(free=5, first=timedelta(seconds=2), longest=timedelta(minutes=15), ease=timedelta(minutes=10))
# While somebody attacks the account from many addresses each of them has fewer tries; the owner's first two stay free.
PAIR_UNDER_ATTACK = Throttle(free=2, first=timedelta(seconds=30), longest=timedelta(hours=1), ease=timedelta(minutes=10))
# A hospital shares one address: a mistyped password a minute is its ordinary morning.
ADDRESS = Throttle(free=50, first=timedelta(seconds=1), longest=timedelta(minutes=15), ease=timedelta(minutes=1))
DEVICE = Throttle(free=10, first=timedelta(seconds=2), longest=timedelta(seconds=60), ease=timedelta(minutes=1))
ACCOUNT = Throttle(free=100, first=timedelta(0), longest=timedelta(0), ease=timedelta(minutes=10))
# Under twenty in the first hour and one in each hour after, of a million: a year of it finds one in forty.
ACCOUNT_CODES = Throttle(free=10, first=timedelta(seconds=30), longest=timedelta(hours=1), ease=timedelta(hours=1))
WRONG_CODES = 5  # end a session that waits for one


def address_group(address: str) -> str:
    """What counts as one address: IPv4 whole, IPv6 by the 64 bits that one customer is given; any other text as it is.

    >>> address_group("192.0.2.7"), address_group("2001:db8:1:2:3:4:5:6"), address_group("::ffff:192.0.2.7")
    ('192.0.2.7', '2001:db8:1:2::/64', '192.0.2.7')
    """
    try:
        found = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(found, IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return f"{ip_address(int(found) >> 64 << 64)}/64"
