"""An identity provider that takes every call and answers none: who signs in there hears so, and everybody else is served."""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from ncvr.domain.identity_provider import CALLBACK, ProviderSettings
from ncvr.errors import NotRecognised, ProviderSilent
from ncvr.services import identity_provider, provider_sign_in
from ncvr.services.identity_provider import IdentityProvider
from ncvr.services.provider_sign_in import Answered, asked_with
from ncvr.store.schema import cursor_key
from ncvr.web.app import PREFIX, create_app
from tests.offices import Town

HERE = "https://ncvr.example"
START = f"{PREFIX}/session/oidc"
SECONDS = 2.0


@dataclass
class Silence:
    """Takes calls on a real socket and never answers."""

    provider: IdentityProvider
    calls: list[socket.socket]


@pytest.fixture
def silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Silence]:
    monkeypatch.setattr(identity_provider, "_SECONDS_TO_ANSWER", SECONDS)
    secret = tmp_path / "secret"
    secret.write_text("known to the two")
    secret.chmod(0o600)
    calls: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0), backlog=200) as listening:
        issuer = f"http://127.0.0.1:{listening.getsockname()[1]}"
        record = {"format": "ncvr-provider/1", "name": "Silence", "issuer": issuer, "client_id": "ncvr", "client_secret_file": secret.name}
        settings = ProviderSettings.model_validate({**record, "redirect_uri": HERE + CALLBACK, "domains": ["example.org"]})

        def take() -> None:
            while True:
                try:
                    calls.append(listening.accept()[0])
                except OSError:
                    return

        taking = threading.Thread(target=take)
        taking.start()
        yield Silence(IdentityProvider(settings, tmp_path), calls)
        listening.shutdown(socket.SHUT_RDWR)
        taking.join()
    for call in calls:
        call.close()


def test_eighty_strangers_who_begin_to_sign_in_keep_nobody_else_waiting(here: Town, silence: Silence) -> None:
    app = create_app(replace(here.office, provider=silence.provider))
    with TestClient(app, base_url=HERE, raise_server_exceptions=False) as browser, ThreadPoolExecutor(80) as strangers:
        browser.get("/healthz")
        begun = time.monotonic()
        answers = [strangers.submit(browser.get, START) for _ in range(80)]
        while not silence.calls:
            time.sleep(0.01)
        assert browser.get("/healthz").status_code == 200
        assert time.monotonic() - begun < SECONDS
        assert {answer.result().status_code for answer in answers} == {503}
        assert len(silence.calls) == 1
        told = browser.get(START, headers={"Accept": "text/html"})
        assert told.status_code == 503
        assert "The identity provider does not answer" in told.text


def test_a_provider_that_did_not_answer_is_asked_again_after_half_a_minute(here: Town, silence: Silence) -> None:
    asked = asked_with(b"key", "ticket")
    for _ in range(3):
        with pytest.raises(ProviderSilent):
            silence.provider.sign_in_address(asked, here.clock.moment)
    assert len(silence.calls) == 1
    with pytest.raises(ProviderSilent):
        silence.provider.sign_in_address(asked, here.clock.moment + timedelta(seconds=30))
    assert len(silence.calls) == 2


def described(silence: Silence, town: Town) -> None:
    """As if it had answered a while ago what it is."""
    issuer = silence.provider.settings.issuer
    addresses = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    silence.provider._described = {"issuer": issuer, **{name: f"{issuer}/{name}" for name in addresses}}
    silence.provider._described_at = town.clock.moment


def test_while_one_asks_anew_the_others_go_on_with_what_the_provider_was(here: Town, silence: Silence) -> None:
    described(silence, here)
    later = here.clock.moment + timedelta(minutes=10)
    with ThreadPoolExecutor(1) as first:
        waiting = first.submit(silence.provider.description, later)
        while not silence.calls:
            time.sleep(0.01)
        assert silence.provider.description(later) == silence.provider._described
        assert isinstance(waiting.exception(), ProviderSilent)
    assert len(silence.calls) == 1


def test_of_many_who_come_back_a_few_wait_for_the_provider_and_the_others_keep_their_answer(here: Town, silence: Silence) -> None:
    described(silence, here)
    office = replace(here.office, provider=silence.provider)

    def come_back() -> Exception | None:
        _, ticket = provider_sign_in.start(office, silence.provider, "/")
        answered = Answered(state=asked_with(cursor_key(office.store), ticket).state, code="any")
        try:
            provider_sign_in.finish(office, silence.provider, ticket, answered)
        except (ProviderSilent, NotRecognised) as error:
            return error
        return None

    with ThreadPoolExecutor(30) as people:
        came = [type(answer.result()) for answer in [people.submit(come_back) for _ in range(30)]]
    assert (came.count(NotRecognised), came.count(ProviderSilent)) == (8, 22)
    with here.store.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM provider_answers").scalar() == 8
    with ExitStack() as room:  # all of it is given back
        for _ in range(8):
            room.enter_context(silence.provider.taking_an_answer())
