"""Passwords: kept as Argon2id, and refused when they are among the first that anybody guesses.

No rules about capitals and signs, no change by the calendar: length, and that it is not guessable, are what counts.
"""

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ncvr.domain.signing_in import ADVISED_PASSWORD, LONGEST_PASSWORD, SHORTEST_PASSWORD
from ncvr.errors import Finding, InputError, StoreError
from ncvr.files.breached_passwords import is_breached

# Of 4, where 3 is "safe against a stolen list of hashes on an ordinary computer".
_GUESSABLE_BELOW = 3
_WORDS = ("ncvr", "nhs", "trust", "hospital", "trial", "study", "research", "costing", "contract", "sponsor", "password")
_READ_BY_THE_LIST = 72  # signs; more make no password worse, only slower to judge
_PLACE = "password"
_STOLEN = Finding(_PLACE, "this password was stolen somewhere and is on lists that are tried", "Choose another one that you use nowhere else")
_log = logging.getLogger("ncvr.services")


@dataclass(frozen=True, slots=True, kw_only=True)
class Passwords:
    """How passwords are hashed: ``memory`` in KiB, ``rounds``, ``lanes``; at most ``at_once`` at a time, or memory runs out.

    The defaults are the library's (RFC 9106, low memory); the least anybody advises is 19 MiB, 2 rounds, 1 lane.
    """

    memory: int = 65_536
    rounds: int = 3
    lanes: int = 4
    at_once: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(4))

    def hashed(self, password: str) -> str:
        from argon2 import PasswordHasher

        with self.at_once:
            return PasswordHasher(time_cost=self.rounds, memory_cost=self.memory, parallelism=self.lanes).hash(password)

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether it is this password. Without a hash the same work is done for nothing, so that time tells nothing."""
        from argon2 import PasswordHasher
        from argon2.exceptions import VerifyMismatchError

        hasher = PasswordHasher(time_cost=self.rounds, memory_cost=self.memory, parallelism=self.lanes)
        with self.at_once:
            if password_hash is None:
                hasher.hash(password)
                return False
            try:
                return hasher.verify(password_hash, password)
            except VerifyMismatchError:
                return False

    def is_of_another_cost(self, password_hash: str) -> bool:
        from argon2 import PasswordHasher

        return PasswordHasher(time_cost=self.rounds, memory_cost=self.memory, parallelism=self.lanes).check_needs_rehash(password_hash)


def check_password(password: str, own_words: Iterable[str], breached: Path | None = None) -> list[Finding]:
    """What is wrong with a new password; ``own_words`` are the person's and the organisation's names, which are guessed first.

    ``breached`` is a list of stolen ones. Raises StoreError where it cannot be asked: a password is then not set.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        remedy = f"Choose one of {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters; {ADVISED_PASSWORD} or more is better, such as four unrelated words"
        return [Finding(_PLACE, f"the password has {len(password)} characters", remedy)]
    from zxcvbn import zxcvbn  # type: ignore[import-untyped]  # the list takes memory and a moment to load

    words = [*_WORDS, *(part for word in own_words for part in _parts(word))]
    judged = zxcvbn(password[:_READ_BY_THE_LIST], user_inputs=words)
    if judged["score"] >= _GUESSABLE_BELOW:
        return [_STOLEN] if _is_stolen(password, breached) else []
    return [
        Finding(_PLACE, "this password is among the first that are guessed", "Choose another, such as four unrelated words; names and dates are guessed soon")
    ]


def check_stolen_list(breached: Path | None) -> list[Finding]:
    """Whether the list of stolen passwords can be asked, for readiness. A notice: without it nobody sets a password, all else goes on."""
    try:
        _is_stolen("", breached)
    except StoreError:
        remedy = "Put the list back that NCVR_BREACHED_PASSWORDS names, as SHA-1 hashes, one a line, sorted; the log says what is wrong with it"
        return [Finding("passwords", "the list of stolen passwords cannot be asked, so no new password is taken", remedy, "notice")]
    return []


def _is_stolen(password: str, breached: Path | None) -> bool:
    if breached is None:
        return False
    try:
        return is_breached(breached, password)
    except InputError as error:
        _log.error("passwords: %s", error.findings[0])
        raise StoreError("new passwords cannot be checked now", _PLACE, "Try again later, and tell whoever runs this service") from error


def _parts(word: str) -> list[str]:
    """A name whole and in its words: "Leeds Teaching Hospitals" is guessed as "leeds" too."""
    pieces = "".join(sign if sign.isalnum() else " " for sign in word.lower()).split()
    return [word.lower(), *(piece for piece in pieces if len(piece) > 2)]
