"""Passkeys as second factor: the browser signs a challenge for this site only, so there is nothing to type and nothing to phish."""

import json
from dataclasses import dataclass
from typing import Any

from ncvr.domain.ledger import Change
from ncvr.services.front_door import open_session
from ncvr.services.office import Act, Office
from ncvr.services.second_factor import ISSUER, new_recovery_codes
from ncvr.services.signing_in import Opened, Refused, let_in
from ncvr.store import accounts, second_factors, sessions
from ncvr.store.second_factors import SecondFactor
from ncvr.store.sessions import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where the browser is: a passkey made for one site answers no other. ``host`` has no port, ``origin`` has."""

    host: str
    origin: str


def passkey_options(office: Office, token: str, site: Site) -> dict[str, Any] | None:
    """What the browser is asked for: to make a passkey while none is chosen yet, to use one while one is due. None if neither waits."""
    session = _waiting(office, token)
    if session is None:
        return None
    with office.act(session.person, "") as act:
        if session.stage == "enrol":
            return offer_passkey(act, session, site)
        challenge = _new_challenge(act, session)
        return _to_use(act, site, challenge)


def offer_passkey(act: Act, session: Session, site: Site) -> dict[str, Any]:
    """What the browser is asked for, to make a passkey in this session."""
    return _to_make(act, site, _new_challenge(act, session))


def _new_challenge(act: Act, session: Session) -> bytes:
    challenge = act.office.chance.octets(32)
    sessions.set_challenge(act.connection, session.sha256, challenge.hex())
    return challenge


def _waiting(office: Office, token: str) -> Session | None:
    session = open_session(office, token)
    return session if session is not None and session.stage in ("enrol", "due") else None


def _to_make(act: Act, site: Site, challenge: bytes) -> dict[str, Any]:
    from webauthn import generate_registration_options, options_to_json

    account = accounts.one(act.connection, act.person.actor)
    name = (account.email if account is not None else None) or act.person.actor
    options = generate_registration_options(rp_id=site.host, rp_name=ISSUER, user_name=name, user_id=act.person.actor.encode(), challenge=challenge)
    record: dict[str, Any] = json.loads(options_to_json(options))
    return record


def _to_use(act: Act, site: Site, challenge: bytes) -> dict[str, Any]:
    from webauthn import base64url_to_bytes, generate_authentication_options, options_to_json
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    known = [factor.credential for factor in second_factors.confirmed(act.connection, act.person.actor) if factor.credential is not None]
    allowed = [PublicKeyCredentialDescriptor(id=base64url_to_bytes(credential)) for credential in known]
    options = generate_authentication_options(rp_id=site.host, challenge=challenge, allow_credentials=allowed)
    record: dict[str, Any] = json.loads(options_to_json(options))
    return record


def make_passkey(office: Office, token: str, credential: dict[str, Any], site: Site, correlation_id: str = "") -> tuple[Opened, list[str]] | Refused:
    """A full session and the recovery codes, shown once, if the browser made a passkey for this challenge and this site."""
    session = _waiting(office, token)
    if session is None or session.stage != "enrol":
        return Refused()
    with office.act(session.person, correlation_id) as act:
        codes = keep_passkey(act, session, credential, site)
        opened = let_in(act, session, "passkey") if codes is not None else Refused()
        return (opened, codes) if isinstance(opened, Opened) and codes is not None else Refused()


def keep_passkey(act: Act, session: Session, credential: dict[str, Any], site: Site) -> list[str] | None:
    """The recovery codes, shown once, if the browser made a new passkey for this session's challenge; else None and nothing changes."""
    factor = _made(act, session, credential, site)
    if factor is None or second_factors.is_known(act.connection, str(factor.credential)):
        return None
    second_factors.add(act.connection, factor, act.now, confirmed=True)
    act.record(Change(operation="factor.add", object=f"person/{act.person.actor}", field="passkey", new=factor.id))
    return new_recovery_codes(act)


def _made(act: Act, session: Session, credential: dict[str, Any], site: Site) -> SecondFactor | None:
    from webauthn import verify_registration_response
    from webauthn.helpers import bytes_to_base64url
    from webauthn.helpers.exceptions import WebAuthnException

    challenge = _taken_challenge(act, session)
    if challenge is None:
        return None
    try:
        made = verify_registration_response(credential=credential, expected_challenge=challenge, expected_rp_id=site.host, expected_origin=site.origin)
    except WebAuthnException:
        return None
    return SecondFactor(
        id=act.identifier(),
        actor=act.person.actor,
        kind="passkey",
        name="passkey",
        secret=bytes_to_base64url(made.credential_public_key),
        credential=bytes_to_base64url(made.credential_id),
        counter=made.sign_count,
    )


def show_passkey(office: Office, token: str, credential: dict[str, Any], site: Site, correlation_id: str = "") -> Opened | Refused:
    """A full session, if the browser signed this challenge with a passkey of the person, for this site."""
    session = _waiting(office, token)
    if session is None or session.stage != "due":
        return Refused()
    with office.act(session.person, correlation_id) as act:
        return let_in(act, session, "passkey") if _signed(act, session, credential, site) else Refused()


def _signed(act: Act, session: Session, credential: dict[str, Any], site: Site) -> bool:
    from webauthn import base64url_to_bytes, verify_authentication_response
    from webauthn.helpers.exceptions import WebAuthnException

    challenge = _taken_challenge(act, session)
    known = {factor.credential: factor for factor in second_factors.confirmed(act.connection, act.person.actor) if factor.kind == "passkey"}
    factor = known.get(str(credential.get("id")))
    if challenge is None or factor is None:
        return False
    try:
        shown = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=base64url_to_bytes(factor.secret),
            credential_current_sign_count=factor.counter,
        )
    except WebAuthnException:
        return False
    second_factors.note_signature(act.connection, factor.id, shown.new_sign_count)
    return True


def _taken_challenge(act: Act, session: Session) -> bytes | None:
    """The challenge this session waits with; it is good for one answer, right or wrong."""
    taken = session.challenge is not None and sessions.take_challenge(act.connection, session.sha256, session.challenge)
    return bytes.fromhex(session.challenge) if taken and session.challenge is not None else None
