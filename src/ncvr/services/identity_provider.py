"""Speaking with an identity provider: where it is, what it is asked, and whether what it signed is true.

Its keys are fetched anew for every answer: one that the provider has withdrawn is refused from then on, and a new one
needs nothing done here.

Anybody may begin to sign in, and a provider may take the call and never answer. So one request at a time asks what the
provider is, a few take what it answered, and whoever comes meanwhile, or soon after it failed, hears at once that it
does not answer: the threads that would wait are those that serve everybody else.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING, Any

from ncvr.domain.identity_provider import PLACE, SIGNATURES, ProviderSettings, is_safe_address
from ncvr.errors import InputError, NcvrError, NotRecognised, ProviderSilent
from ncvr.files.provider_files import read_client_secret

if TYPE_CHECKING:
    from ssl import SSLContext

    from authlib.integrations.httpx_client import OAuth2Client  # type: ignore[import-untyped]

_SECONDS_TO_ANSWER = 10
_CLOCKS_DIFFER = 60  # seconds
_DESCRIPTION_LASTS = timedelta(minutes=10)
_FAILURE_LASTS = timedelta(seconds=30)  # from when it was asked, so longer than it may take to answer
_AT_ONCE = 8  # of the forty threads that answer requests
_ADDRESSES = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_log = logging.getLogger("ncvr.services")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What one sign-in is known by: ``state`` to the browser, ``nonce`` in what is signed, ``verifier`` to nobody but us."""

    state: str
    nonce: str
    verifier: str = field(repr=False)


@dataclass(slots=True)
class IdentityProvider:
    """The provider of these settings. ``folder`` is where its settings stand; the secret's file may be named from there."""

    settings: ProviderSettings
    folder: Path
    _described: dict[str, Any] = field(default_factory=dict)
    _described_at: datetime | None = None
    _failed_at: datetime | None = None
    _trusted: "SSLContext | None" = None
    _asking: Lock = field(default_factory=Lock)
    _answering: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(_AT_ONCE))

    def sign_in_address(self, asked: Asked, now: datetime) -> str:
        """Where the browser goes to sign in. Raises ProviderSilent if the provider does not answer as it should."""
        described = self.description(now)
        address: str
        with self._client() as client:
            address, _ = client.create_authorization_url(
                described["authorization_endpoint"], state=asked.state, nonce=asked.nonce, code_verifier=asked.verifier
            )
        return address

    def says_issuer(self, now: datetime) -> bool:
        """Whether the provider names itself in every answer it sends the browser back with (RFC 9207)."""
        return self.description(now).get("authorization_response_iss_parameter_supported") is True

    @contextmanager
    def taking_an_answer(self) -> Iterator[None]:
        """Room to ask the provider about an answer. Raises ProviderSilent, before anything is used up, while too many are at it."""
        if not self._answering.acquire(blocking=False):
            raise _silent()
        try:
            yield
        finally:
            self._answering.release()

    def claims(self, code: str, asked: Asked, now: datetime) -> dict[str, Any]:
        """What the provider signed about whoever signed in. Raises NotRecognised unless all of it is as it must be."""
        described = self.description(now)
        with self._client() as client:
            token = _fetched(lambda: client.fetch_token(described["token_endpoint"], grant_type="authorization_code", code=code, code_verifier=asked.verifier))
            keys = _read(client, described["jwks_uri"])
            signed = self._signed(token, keys, asked.nonce, now)
            if self.settings.claims.email in signed or "userinfo_endpoint" not in described:
                return signed
            told = _read(client, described["userinfo_endpoint"], with_token=True)
        return {**told, **signed} if isinstance(told, dict) and told.get("sub") == signed["sub"] else signed

    def description(self, now: datetime) -> dict[str, Any]:
        """What the provider publishes of itself (discovery), kept for ten minutes.

        While somebody asks anew, the others go on with what it was. Raises ProviderSilent if it does not answer, or did not lately.
        """
        if _is_recent(self._described_at, now, _DESCRIPTION_LASTS):
            return self._described
        if _is_recent(self._failed_at, now, _FAILURE_LASTS):
            raise _silent()
        if not self._asking.acquire(blocking=False):
            if self._described_at is None:
                raise _silent()
            return self._described
        try:
            self._described, self._described_at = self._fetched_description(), now
        except NcvrError as error:
            self._failed_at = now
            raise _silent() from error
        finally:
            self._asking.release()
        return self._described

    def _fetched_description(self) -> dict[str, Any]:
        from authlib.oidc.discovery import get_well_known_url  # type: ignore[import-untyped]

        address = get_well_known_url(self.settings.issuer, external=True)
        with self._client() as client:
            found = _read(client, address)
        if not isinstance(found, dict) or found.get("issuer") != self.settings.issuer:
            raise _refused("its description names another issuer")
        if not all(isinstance(found.get(name), str) and is_safe_address(found[name]) for name in _ADDRESSES):
            raise _refused("its description names no safe addresses")
        return found

    def _signed(self, token: Mapping[str, Any], keys: Any, nonce: str, now: datetime) -> dict[str, Any]:
        from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        settings = self.settings
        must = {"iss": {"essential": True, "value": settings.issuer}, "aud": {"essential": True, "value": settings.client_id}}
        known = {"nonce": nonce, "client_id": settings.client_id, "access_token": token.get("access_token")}
        try:
            decoded = jwt.decode(str(token.get("id_token", "")), KeySet.import_key_set(keys), algorithms=list(SIGNATURES))
            signed = CodeIDToken(decoded.claims, decoded.header, must, known)
            signed.validate(now=int(now.timestamp()), leeway=_CLOCKS_DIFFER)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise _untrue(error) from error
        if not isinstance(signed["sub"], str) or not signed["sub"]:
            raise _untrue(ValueError("sub"))
        return dict(signed)

    def _client(self) -> "OAuth2Client":
        from authlib.integrations.httpx_client import OAuth2Client
        from httpx2 import create_ssl_context

        if self._trusted is None:
            self._trusted = create_ssl_context()  # reading all authorities takes longer than asking the provider
        return OAuth2Client(
            client_id=self.settings.client_id,
            client_secret=self._secret(),
            redirect_uri=self.settings.redirect_uri,
            scope="openid email",
            code_challenge_method="S256",
            verify=self._trusted,
            leeway=0,
            timeout=_SECONDS_TO_ANSWER,
        )

    def _secret(self) -> str:
        """The secret, read when it is needed. What is wrong with its file is for the log, not for who signs in."""
        try:
            return read_client_secret(self.folder / self.settings.client_secret_file)
        except InputError as error:
            raise _refused(str(error.findings[0])) from error


def _read(client: "OAuth2Client", address: str, *, with_token: bool = False) -> Any:
    return _fetched(lambda: client.request("GET", address, withhold_token=not with_token).raise_for_status().json())


def _fetched(fetch: Callable[[], Any]) -> Any:
    """What the provider answered. Raises NotRecognised if it did not, or refused."""
    from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]
    from httpx2 import HTTPError, InvalidURL

    try:
        return fetch()
    except (AuthlibBaseError, HTTPError, InvalidURL, ValueError) as error:
        raise _refused(f"{type(error).__name__}: {error}") from error


def _is_recent(at: datetime | None, now: datetime, lasts: timedelta) -> bool:
    return at is not None and timedelta(0) <= now - at < lasts


def _silent() -> ProviderSilent:
    return ProviderSilent("it does not answer now", PLACE, "Try again in a minute, or sign in with your password")


def _refused(reason: str) -> NotRecognised:
    _log.warning("the identity provider cannot be used: %s", reason)
    return NotRecognised("it does not answer, or does not accept this sign-in", PLACE, "Start again; if it stays, sign in with your password")


def _untrue(error: Exception) -> NotRecognised:
    _log.warning("what the identity provider signed is not accepted: %s: %s", type(error).__name__, error)
    return NotRecognised("what it said of you is not accepted here", PLACE, "Start again; if it stays, sign in with your password")
