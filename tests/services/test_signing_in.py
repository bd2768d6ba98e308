"""Signing in, on both engines: who is let in, who waits, and that guessing hurts nobody but the guesser."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import event, text

from ncvr.domain.ledger import instant
from ncvr.domain.signing_in import SESSION_IDLE, SESSION_LONGEST, WAITING_LONGEST
from ncvr.errors import InputError
from ncvr.services import second_factor
from ncvr.services.front_door import sha256_hex, visitor_by_session, visitor_by_token
from ncvr.services.identity import OPERATOR, new_token
from ncvr.services.office import Act
from ncvr.services.own_account import block, change_password, end_sessions, password_link, set_password_by_link, unblock
from ncvr.services.passwords import Passwords
from ncvr.services.second_factor import take_away_factors
from ncvr.services.signing_in import Opened, Refused, clear_what_is_over, sign_in, sign_out
from ncvr.store import accounts, ledger_entries
from tests.accounts import HOME, PASSWORD, House, email_of, house
from tests.offices import Town

NO = Refused()


@pytest.fixture
def doors(both: Town) -> House:
    return house(both)


@pytest.fixture
def door(here: Town) -> House:
    return house(here)


def operations(doors: House) -> list[str]:
    with doors.town.store.reading() as connection:
        return [entry.operation for entry in ledger_entries.entries(connection)]


def test_a_password_alone_opens_a_full_session_where_the_organisation_asks_for_no_more(doors: House) -> None:
    doors.switch("ACME", False)
    doors.give_password("company")
    opened = doors.password_only("company")
    assert (opened.stage, opened.person) == ("full", doors.town.people["company"])
    visitor = doors.visitor(opened)
    assert visitor is not None
    assert (visitor.person, visitor.by, visitor.scope) == (doors.town.people["company"], "session", "act")
    assert operations(doors)[-1] == "session.open"


def test_unless_told_otherwise_an_organisation_asks_for_a_second_factor(doors: House) -> None:
    doors.give_password("company")
    waiting = doors.password_only("company")
    assert waiting.stage == "enrol"
    assert doors.visitor(waiting) is None


def test_a_national_administrator_needs_a_second_factor_whatever_is_switched(door: House) -> None:
    with door.town.store.writing() as connection:
        accounts.ask_second_factor(connection, "", False)
    door.give_password("national")
    assert door.password_only("national").stage == "enrol"
    door.give_password("auditor")
    assert door.password_only("auditor").stage == "full"  # so the switch itself was thrown


def test_a_second_factor_is_enrolled_once_and_then_shown_at_every_sign_in(doors: House) -> None:
    doors.give_password("national")
    first, codes = doors.enrol("national")
    assert doors.visitor(first) is not None
    assert len(set(codes)) == 10
    doors.town.clock.moment += timedelta(minutes=1)
    waiting = doors.password_only("national")
    assert waiting.stage == "due"
    assert doors.visitor(waiting) is None
    opened = doors.show(waiting, doors.code("national"))
    assert isinstance(opened, Opened)
    assert opened.token != waiting.token
    assert doors.visitor(opened) is not None
    assert doors.show(waiting, doors.code("national", steps=1)) == NO  # the waiting session is over


def test_a_code_is_right_once_and_only_about_now(doors: House) -> None:
    doors.give_password("national")
    doors.enrol("national")
    used = doors.code("national")
    assert doors.show(doors.password_only("national"), used) == NO
    doors.town.clock.moment += timedelta(minutes=5)
    assert doors.show(doors.password_only("national"), doors.code("national", steps=-2)) == NO
    assert doors.show(doors.password_only("national"), doors.code("national", steps=2)) == NO
    assert doors.show(doors.password_only("national"), "000000") == NO
    spaced = doors.code("national")[:3] + " " + doors.code("national")[3:]
    assert isinstance(doors.show(doors.password_only("national"), spaced), Opened)


def test_a_recovery_code_opens_once(doors: House) -> None:
    doors.give_password("national")
    _, codes = doors.enrol("national")
    assert isinstance(doors.show(doors.password_only("national"), codes[3].upper()), Opened)
    assert doors.show(doors.password_only("national"), codes[3]) == NO
    assert "factor.recovery_code_used" in operations(doors)


def test_the_recovery_codes_of_somebody_else_open_nothing(door: House) -> None:
    door.give_password("national")
    door.give_password("auditor")
    _, codes = door.enrol("national")
    door.enrol("auditor")
    assert door.show(door.password_only("auditor"), codes[0]) == NO


def test_a_lost_telephone_is_taken_away_and_another_enrolled(door: House) -> None:
    door.give_password("national")
    _, codes = door.enrol("national")
    with door.town.office.act(OPERATOR, "lost") as act:
        assert take_away_factors(act, door.town.people["national"].actor, "telephone lost") == 1
    waiting = door.password_only("national")
    assert waiting.stage == "enrol"
    assert door.show(waiting, codes[0]) == NO


def test_a_session_ends_when_nothing_happens_and_after_a_day(doors: House) -> None:
    doors.switch("ACME", False)
    doors.give_password("company")
    opened = doors.password_only("company")
    doors.town.clock.moment += SESSION_IDLE - timedelta(minutes=1)
    assert doors.visitor(opened) is not None
    doors.town.clock.moment += SESSION_IDLE - timedelta(minutes=1)
    assert doors.visitor(opened) is not None  # the visit before counted
    doors.town.clock.moment += SESSION_IDLE
    assert doors.visitor(opened) is None
    busy = doors.password_only("company")
    for _ in range(SESSION_LONGEST // timedelta(minutes=20)):
        assert doors.visitor(busy) is not None
        doors.town.clock.moment += timedelta(minutes=20)
    assert doors.visitor(busy) is None


def test_a_right_password_waits_ten_minutes_for_the_code_and_no_longer(door: House) -> None:
    door.give_password("national")
    door.enrol("national")
    waiting = door.password_only("national")
    door.town.clock.moment += WAITING_LONGEST
    assert door.show(waiting, door.code("national")) == NO


def test_what_is_ended_is_over_at_the_very_next_request(doors: House) -> None:
    doors.switch("ACME", False)
    doors.give_password("company")
    one, two, three = (doors.password_only("company") for _ in range(3))
    sign_out(doors.town.office, one.token)
    assert doors.visitor(one) is None
    assert doors.visitor(two) is not None
    with doors.town.office.act(OPERATOR, "end") as act:
        assert end_sessions(act, email_of("company")) == 2
    assert doors.visitor(two) is None
    assert doors.visitor(three) is None


def test_who_is_blocked_is_out_with_sessions_tokens_and_passwords_and_comes_back_anew(doors: House) -> None:
    doors.switch("ACME", False)
    doors.give_password("company")
    opened, token = doors.password_only("company"), doors.town.tokens["company"]
    assert visitor_by_token(doors.town.office, token) is not None
    with doors.town.office.act(OPERATOR, "block") as act:
        assert block(act, email_of("company")) == 2
        later = new_token(act, email_of("company"), 10)
    assert doors.visitor(opened) is None
    assert visitor_by_token(doors.town.office, token) is None
    assert visitor_by_token(doors.town.office, later) is None  # made since, and no use
    assert doors.knock("company") == NO
    with doors.town.office.act(OPERATOR, "unblock") as act:
        unblock(act, email_of("company"))
    assert doors.visitor(opened) is None
    assert visitor_by_token(doors.town.office, token) is None
    assert isinstance(doors.knock("company"), Opened)


def test_a_block_that_came_between_a_session_and_its_next_request_counts(doors: House) -> None:
    doors.switch("ACME", False)
    doors.give_password("company")
    opened, token = doors.password_only("company"), doors.town.tokens["company"]
    with doors.town.store.writing() as connection:
        accounts.set_blocked(connection, opened.person.actor, "2026-05-04")  # nothing else was ended
    assert doors.visitor(opened) is None
    assert visitor_by_token(doors.town.office, token) is None


def test_a_token_has_a_scope_and_an_end(doors: House) -> None:
    with doors.town.office.act(OPERATOR, "token") as act:
        token = new_token(act, email_of("company"), 7, scope="read", name="reports")
    visitor = visitor_by_token(doors.town.office, token)
    assert visitor is not None
    assert [method for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE") if visitor.may_ask(method)] == ["GET", "HEAD"]
    acting = visitor_by_token(doors.town.office, doors.town.tokens["company"])
    assert acting is not None
    assert acting.may_ask("POST")
    doors.town.clock.moment += timedelta(days=7)
    assert visitor_by_token(doors.town.office, token) is None


def test_neither_a_session_nor_a_link_nor_a_device_is_kept_as_it_is(doors: House) -> None:
    doors.give_password("national")
    opened, codes = doors.enrol("national")
    assert opened.device is not None
    with doors.town.store.reading() as connection:
        for table in ("sessions", "known_devices", "one_time_links", "recovery_codes", "accounts", "tokens", "sign_in_attempts"):
            rows = str(connection.execute(text(f"SELECT * FROM {table}")).all())
            assert rows != "[]", table
            for secret in (opened.token, opened.device, codes[0], PASSWORD, email_of("national"), doors.town.tokens["national"], HOME):
                assert secret not in rows, table


def test_a_password_is_kept_as_argon2id_and_hashed_anew_when_the_cost_changes(door: House) -> None:
    door.switch("ACME", False)
    door.give_password("company")
    actor = door.town.people["company"].actor

    def kept() -> str:
        with door.town.store.reading() as connection:
            account = accounts.one(connection, actor)
        assert account is not None
        assert account.password_hash is not None
        return account.password_hash

    assert kept().startswith("$argon2id$v=19$m=64,t=1,p=1$")
    object.__setattr__(door.town.office, "passwords", Passwords(memory=128, rounds=1, lanes=1))
    door.password_only("company")
    assert kept().startswith("$argon2id$v=19$m=128,t=1,p=1$")
    door.password_only("company")


def test_the_cost_that_ships_is_at_least_what_is_advised() -> None:
    cost = Passwords()
    assert (cost.memory, cost.rounds, cost.lanes) == (65_536, 3, 4)
    hashed = cost.hashed(PASSWORD)
    assert cost.matches(hashed, PASSWORD)
    assert not cost.matches(hashed, PASSWORD + " ")
    assert cost.memory * 4 * 1024 < 512 * 2**20  # four at once


def test_somebody_unknown_costs_the_same_work_as_a_wrong_password(doors: House, monkeypatch: pytest.MonkeyPatch) -> None:
    doors.give_password("company")
    work: list[str] = []
    event.listen(doors.town.store.engine, "before_cursor_execute", lambda *arguments: work.append(arguments[2]))
    whole = Passwords.matches

    def matches(self: Passwords, password_hash: str | None, password: str) -> bool:
        work.append("a password is looked at")
        return whole(self, password_hash, password)

    monkeypatch.setattr(Passwords, "matches", matches)
    done = {}
    for who in ("company", "nobody", "rival"):  # wrong, unknown, known but without a password
        work.clear()
        assert doors.knock(who, "wrong password") == NO
        done[who] = list(work)
    assert done["company"].count("a password is looked at") == 1
    assert len(done["company"]) >= 6
    assert done["nobody"] == done["company"]
    assert done["rival"] == done["company"]


def test_no_more_than_four_passwords_are_hashed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    import argon2

    at_once, most, lock = [0], [0], threading.Lock()
    whole = argon2.PasswordHasher.hash

    def hash_slowly(self: argon2.PasswordHasher, password: str) -> str:
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        threading.Event().wait(0.02)
        try:
            return whole(self, password)
        finally:
            with lock:
                at_once[0] -= 1

    monkeypatch.setattr(argon2.PasswordHasher, "hash", hash_slowly)
    passwords = Passwords(memory=64, rounds=1, lanes=1)
    threads = [threading.Thread(target=passwords.matches, args=(None, "x")) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 4


def test_guessing_at_one_address_slows_down_and_a_guess_too_soon_is_not_looked_at(doors: House) -> None:
    doors.switch("ACME", False)
    doors.give_password("company")
    assert [doors.knock("company", f"guess {number}") for number in range(5)] == [NO] * 5
    waits = []
    for number in range(8):
        refused = doors.knock("company", f"guess {number}")
        assert isinstance(refused, Refused)
        assert refused.wait > timedelta(0)
        assert isinstance(doors.knock("company"), Refused)  # too soon, also with the right password
        waits.append(round(refused.wait.total_seconds()))
        doors.town.clock.moment += refused.wait
        assert doors.knock("company", f"guess again {number}") == NO
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256]
    doors.town.clock.moment += timedelta(seconds=512)
    assert isinstance(doors.knock("company"), Opened)  # and then all is forgiven
    assert doors.knock("company", "one more") == NO


def test_a_rival_with_fifty_addresses_locks_nobody_out(doors: House) -> None:
    doors.switch("ACME", False)
    doors.give_password("company")
    signed_in = doors.password_only("company")
    assert signed_in.device is not None
    looked_at = 0
    for number in range(1000):
        doors.town.clock.moment += timedelta(milliseconds=250)
        refused = doors.knock("company", f"guess {number}", address=f"198.51.100.{number % 50}")
        assert isinstance(refused, Refused)
        looked_at += refused == NO
    assert 100 <= looked_at <= 300  # of a thousand
    assert doors.visitor(signed_in) is not None  # the live session goes on
    assert isinstance(doors.knock("company", address="198.51.100.7", device=signed_in.device), Opened)  # a known device, even at a hostile address
    assert doors.knock("company", "mistyped once", address="203.0.113.9") == NO
    owner = doors.knock("company", address="203.0.113.9")  # another place, another computer
    assert isinstance(owner, Opened)
    assert owner.failures >= 100  # and hears of it


def test_an_owner_who_mistypes_twice_under_attack_gets_in_within_a_minute(door: House) -> None:
    door.switch("ACME", False)
    door.give_password("company")
    for number in range(150):
        door.knock("company", f"guess {number}", address=f"198.51.100.{number % 50}")
    assert [door.knock("company", "mistyped", address="203.0.113.9") for _ in range(2)] == [NO, NO]
    refused = door.knock("company", address="203.0.113.9")
    assert isinstance(refused, Refused)
    assert timedelta(0) < refused.wait < timedelta(seconds=60)
    door.town.clock.moment += refused.wait
    assert isinstance(door.knock("company", address="203.0.113.9"), Opened)


def test_a_device_counts_for_the_person_who_was_signed_in_on_it_and_for_nobody_else(door: House) -> None:
    for organisation, who in (("ACME", "company"), ("RIVAL", "rival")):
        door.switch(organisation, False)
        door.give_password(who)
    hostile = door.password_only("rival").device
    for devices in ([f"made up {number}" for number in range(5)], [hostile] * 5):
        door.town.clock.moment += timedelta(days=2)
        assert [door.knock("company", "guess", device=device) for device in devices] == [NO] * 5
        slowed = door.knock("company", "guess", device="another one")
        assert isinstance(slowed, Refused)
        assert slowed.wait > timedelta(0)


def test_one_address_that_tries_many_accounts_waits(door: House) -> None:
    assert [sign_in(door.town.office, email=f"person{n}@example.org", password="x", address="2001:db8::1") for n in range(50)] == [NO] * 50
    slowed = sign_in(door.town.office, email="person51@example.org", password="x", address="2001:db8::2:1")
    assert isinstance(slowed, Refused)
    assert slowed.wait > timedelta(0)
    assert sign_in(door.town.office, email="person51@example.org", password="x", address="2001:db8:0:1::1") == NO


def test_guesses_at_the_same_moment_are_all_counted(doors: House) -> None:
    doors.give_password("company")
    said: list[Opened | Refused] = []
    threads = [threading.Thread(target=lambda n=n: said.append(doors.knock("company", f"guess {n}"))) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(refused == NO for refused in said) == 5
    assert len(said) == 12


def test_codes_are_slowed_down_too_for_whoever_knows_the_password(door: House) -> None:
    door.give_password("national")
    door.enrol("national")
    waiting = door.password_only("national")
    assert [door.show(waiting, f"{n:06d}") for n in range(4)] == [NO] * 4
    assert door.show(door.password_only("national"), "000004") == NO
    refused = door.show(waiting, door.code("national", steps=1))
    assert isinstance(refused, Refused)
    assert refused.wait > timedelta(0)
    assert isinstance(door.show(waiting, door.code("national", steps=1), address="203.0.113.9"), Opened)


def test_five_wrong_codes_end_the_session_that_waits_and_no_other(doors: House) -> None:
    doors.give_password("national")
    signed_in, _ = doors.enrol("national")
    doors.town.clock.moment += timedelta(minutes=1)
    waiting, another = doors.password_only("national"), doors.password_only("national")
    for number in range(5):
        assert doors.show(waiting, f"{number:06d}", address=f"198.51.100.{number}") == NO  # the guesser moves on each time
    assert doors.show(waiting, doors.code("national"), address="203.0.113.9") == NO  # it is over
    assert isinstance(doors.show(another, doors.code("national"), address="203.0.113.9"), Opened)
    assert doors.visitor(signed_in) is not None


def test_codes_shown_at_the_same_moment_are_all_counted(doors: House) -> None:
    doors.give_password("national")
    doors.enrol("national")
    doors.town.clock.moment += timedelta(minutes=1)
    waiting = doors.password_only("national")
    said: list[Opened | Refused] = []
    threads = [threading.Thread(target=lambda n=n: said.append(doors.show(waiting, f"{n:06d}", address=f"198.51.100.{n}"))) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == [NO] * 8
    assert doors.show(waiting, doors.code("national"), address="203.0.113.9") == NO


def test_whoever_knows_the_password_finds_no_code_from_any_number_of_addresses_and_the_owner_gets_in(door: House, monkeypatch: pytest.MonkeyPatch) -> None:
    door.give_password("national")
    signed_in, codes = door.enrol("national")
    looked_at: list[str] = []
    whole = second_factor.shown_second_factor

    def shown(act: Act, code: str) -> str | None:
        looked_at.append(code)
        return whole(act, code)

    monkeypatch.setattr("ncvr.services.signing_in.shown_second_factor", shown)

    def guess(number: int) -> Opened | Refused:
        address = f"2001:db8:{number:x}::1"
        waiting = door.password_only("national", address=address)
        return door.show(waiting, f"{number:06d}", address=address)

    for number in range(360):
        door.town.clock.moment += timedelta(seconds=10)
        assert isinstance(guess(number), Refused)
    assert 10 <= len(looked_at) < 60  # of 360 tried in an hour
    in_the_first_hour = len(looked_at)
    for number in range(360, 600):
        door.town.clock.moment += timedelta(minutes=6)
        assert isinstance(guess(number), Refused)
    assert len(looked_at) - in_the_first_hour <= 26  # of 240 tried in the day after
    # The owner, while it goes on: a known device at once, even after a mistake; elsewhere with a recovery code.
    begun = door.town.clock.moment
    waiting = door.password_only("national")
    assert door.show(waiting, "000000", address="2001:db8:1::1", device=signed_in.device) == NO
    assert isinstance(door.show(waiting, door.code("national"), address="2001:db8:1::1", device=signed_in.device), Opened)
    assert door.town.clock.moment - begun < timedelta(seconds=60)
    elsewhere = door.password_only("national", address="203.0.113.9")
    refused = door.show(elsewhere, door.code("national", steps=1), address="203.0.113.9")
    assert isinstance(refused, Refused)
    assert refused.wait > timedelta(0)
    made_up = door.show(elsewhere, door.code("national", steps=1), address="203.0.113.9", device="made up")
    assert isinstance(made_up, Refused)
    assert made_up.wait > timedelta(0)
    assert isinstance(door.show(elsewhere, codes[0], address="203.0.113.9"), Opened)


def test_old_counts_and_sessions_are_cleared_away(doors: House) -> None:
    doors.switch("ACME", False)
    doors.give_password("company")
    doors.password_only("company")
    doors.town.clock.moment += timedelta(days=100)
    fresh = doors.password_only("company")
    clear_what_is_over(doors.town.office)
    with doors.town.store.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM sessions")).scalar_one() == 1
        assert (
            connection.execute(text("SELECT count(*) FROM sign_in_attempts WHERE last_at < :day"), {"day": instant(doors.town.clock())[:10]}).scalar_one() == 0
        )
    assert doors.visitor(fresh) is not None


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("short", "5 characters"),
        ("x" * 257, "257 characters"),
        ("password123", "first that are guessed"),
        ("Acme Pharma1", "first that are guessed"),
        ("company2026", "first that are guessed"),
        ("Summer2026", "first that are guessed"),
        ("aaaaaaaaaaaaaaaa", "first that are guessed"),
    ],
)
def test_a_password_that_is_guessed_first_is_refused(door: House, password: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        door.give_password("company", password)


@pytest.mark.parametrize("password", [PASSWORD, "correct horse battery staple", "no capitals no digits here", "ゆっくり歩く三匹の猫たち", "q7$Lw9!xZp2"])
def test_a_password_needs_no_capitals_digits_or_signs(door: House, password: str) -> None:
    door.switch("ACME", False)
    door.give_password("company", password)
    assert isinstance(door.knock("company", password), Opened)


def test_a_link_sets_a_password_once_within_a_day_and_ends_every_session(doors: House) -> None:
    doors.switch("ACME", False)
    doors.give_password("company")
    opened = doors.password_only("company")
    with doors.town.office.act(OPERATOR, "links") as act:
        replaced, newest = password_link(act, email_of("company")), password_link(act, email_of("company"))
    with pytest.raises(InputError, match="link was used"):
        set_password_by_link(doors.town.office, replaced, "another seven quiet otters")
    set_password_by_link(doors.town.office, newest, "another seven quiet otters")
    assert doors.visitor(opened) is None
    assert doors.knock("company") == NO
    assert isinstance(doors.knock("company", "another seven quiet otters"), Opened)
    with pytest.raises(InputError, match="link was used"):
        set_password_by_link(doors.town.office, newest, PASSWORD)
    with doors.town.office.act(OPERATOR, "late") as act:
        late = password_link(act, email_of("company"))
    doors.town.clock.moment += timedelta(days=1)
    with pytest.raises(InputError, match="link was used"):
        set_password_by_link(doors.town.office, late, PASSWORD)


def test_of_two_who_use_a_link_at_once_one_hears_yes(doors: House) -> None:
    with doors.town.office.act(OPERATOR, "link") as act:
        sha256 = sha256_hex(password_link(act, email_of("company")))
    said: list[bool] = []

    def use() -> None:
        with doors.town.store.writing() as connection:
            said.append(accounts.use_link(connection, sha256, instant(doors.town.clock())))

    threads = [threading.Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == [False] * 5 + [True]


def test_changing_ones_password_needs_the_old_one_and_ends_the_other_sessions(doors: House) -> None:
    doors.switch("ACME", False)
    doors.give_password("company")
    here, elsewhere = doors.password_only("company"), doors.password_only("company")
    with doors.town.store.reading() as connection:
        account = accounts.one(connection, here.person.actor)
    assert account is not None
    office, new = doors.town.office, "another seven quiet otters"
    assert change_password(office, here.token, account, "not the old one", new, address=HOME) == timedelta(0)
    with pytest.raises(InputError, match="first that are guessed"):
        change_password(office, here.token, account, PASSWORD, "password1234", address=HOME)
    assert change_password(office, here.token, account, PASSWORD, new, address=HOME) is None
    assert visitor_by_session(office, here.token) is not None
    assert doors.visitor(elsewhere) is None
    assert isinstance(doors.knock("company", new), Opened)


def while_hashing(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """The next time a password is hashed, this happens meanwhile."""
    whole, waiting = Passwords.hashed, [happens]

    def hashed(self: Passwords, password: str) -> str:
        if waiting:
            waiting.pop()()
        return whole(self, password)

    monkeypatch.setattr(Passwords, "hashed", hashed)


@pytest.mark.parametrize("meanwhile", ["blocked", "set by link"])
def test_a_password_is_not_changed_where_its_person_was_kept_out_or_it_was_set_meanwhile(doors: House, monkeypatch: pytest.MonkeyPatch, meanwhile: str) -> None:
    doors.switch("ACME", False)
    doors.give_password("company")
    opened = doors.password_only("company")
    with doors.town.store.reading() as connection:
        account = accounts.one(connection, opened.person.actor)
    assert account is not None

    def keep_out() -> None:
        with doors.town.office.act(OPERATOR, "block") as act:
            block(act, email_of("company"))

    rescued = "a password that nobody has seen"
    while_hashing(monkeypatch, keep_out if meanwhile == "blocked" else lambda: doors.give_password("company", rescued))
    assert change_password(doors.town.office, opened.token, account, PASSWORD, "of whoever was at the keyboard", address=HOME) == timedelta(0)
    assert doors.visitor(opened) is None  # ended with the other password
    with doors.town.office.act(OPERATOR, "unblock") as act:
        unblock(act, email_of("company"))
    assert doors.knock("company", "of whoever was at the keyboard", address="203.0.113.9") == NO
    assert isinstance(doors.knock("company", PASSWORD if meanwhile == "blocked" else rescued, address="203.0.113.9"), Opened)


def test_a_link_sets_no_password_of_somebody_who_was_kept_out_meanwhile(door: House, monkeypatch: pytest.MonkeyPatch) -> None:
    door.give_password("company")
    with door.town.office.act(OPERATOR, "link") as act:
        secret = password_link(act, email_of("company"))

    def keep_out() -> None:
        with door.town.office.act(OPERATOR, "block") as act:
            block(act, email_of("company"))

    while_hashing(monkeypatch, keep_out)
    with pytest.raises(InputError, match="used, replaced or has ended"):
        set_password_by_link(door.town.office, secret, "of whoever had the link")
    with door.town.office.act(OPERATOR, "unblock") as act:
        unblock(act, email_of("company"))
    assert door.knock("company", "of whoever had the link") == NO
    assert isinstance(door.knock("company"), Opened)
