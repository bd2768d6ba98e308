"""An organisation's identity provider (OpenID Connect): whom it may name, and what is believed of what it says.

It opens the same door as a password: only somebody who is known here already comes in. Whoever the provider names is tied
to that person once, by an address that the provider has verified, and is known by the provider's own name from then on.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from ncvr.domain.study import Record
from ncvr.errors import NotRecognised

CALLBACK = "/api/v1/session/oidc/callback"
PLACE = "identity provider"
# Signatures that only the provider can make. A shared secret, or none at all, is no proof of who signed.
SIGNATURES = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
_SAFE = re.compile(r"(?:https://[A-Za-z0-9.:\[\]-]+|http://(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]+)?)(?:[/?#]\S*)?")
_DOMAIN = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")


def is_safe_address(address: str) -> bool:
    """Whether what is sent there cannot be read on the way: https, or this machine.

    >>> is_safe_address("https://login.example"), is_safe_address("http://127.0.0.1:9000"), is_safe_address("http://login.example")
    (True, True, False)
    """
    return _SAFE.fullmatch(address) is not None


def _issuer(value: str) -> str:
    if not is_safe_address(value) or "?" in value or "#" in value:
        raise ValueError("this is not an issuer; write the https address of the provider's own description, without ? and #")
    return value


def _redirect_uri(value: str) -> str:
    host = value.removesuffix(CALLBACK)
    if not is_safe_address(value) or host == value or host.count("/") != 2 or "?" in value or "#" in value:
        raise ValueError(f"the provider could not send people back here; write this service's own https address followed by {CALLBACK}")
    return value


def _domain(value: str) -> str:
    if not _DOMAIN.fullmatch(value):
        raise ValueError("this is not a domain of e-mail addresses; write it in small letters and without @, such as trust.nhs.uk")
    return value


Text = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Values = Annotated[tuple[Text, ...], Field(strict=False)]


class Claims(Record):
    """Under which names the provider says an address, and that it has verified it."""

    email: Text = "email"
    email_verified: Text = "email_verified"


class TrustedSecondFactor(Record):
    """What the provider says (``acr``, ``amr``) when it has asked for a second factor itself, and is believed."""

    acr: Values = ()
    amr: Values = ()


class ProviderSettings(Record):
    """``ncvr-provider/1``. ``domains``: the provider speaks for people with an address in one of these, and for nobody else."""

    format: Literal["ncvr-provider/1"]
    name: Text
    issuer: Annotated[Text, AfterValidator(_issuer)]
    client_id: Text
    client_secret_file: Text
    redirect_uri: Annotated[Text, AfterValidator(_redirect_uri)]
    domains: Annotated[tuple[Annotated[str, AfterValidator(_domain)], ...], Field(min_length=1, strict=False)]
    claims: Claims = Claims()
    trusted_second_factor: TrustedSecondFactor = TrustedSecondFactor()

    def speaks_for(self, email: str) -> bool:
        """Whether the provider may name the person of this address."""
        return email.rpartition("@")[2].lower() in self.domains

    def has_shown_second_factor(self, claims: Mapping[str, Any]) -> bool:
        """Whether the provider says that a second factor was shown, and is believed in it."""
        methods = claims.get("amr", ())
        named = {method for method in methods if isinstance(method, str)} if isinstance(methods, list) else set()
        return claims.get("acr") in self.trusted_second_factor.acr or not named.isdisjoint(self.trusted_second_factor.amr)

    def verified_email(self, claims: Mapping[str, Any]) -> str:
        """The address that the provider has verified. Raises NotRecognised without one, or for one it may not name."""
        email, verified = claims.get(self.claims.email), claims.get(self.claims.email_verified)
        if not isinstance(email, str) or not email or verified is not True:
            raise NotRecognised("it does not say that it has verified your email address", PLACE, "Let it verify your address, or sign in with your password")
        if not self.speaks_for(email):
            raise not_for_you()
        return email


def not_for_you() -> NotRecognised:
    """The provider named somebody of another organisation's address."""
    return NotRecognised("it may not name people with your email address here", PLACE, "Sign in with your password")
