"""Authenticator apps and recovery codes: offered, confirmed by a first code, shown at sign-in, taken away."""

import base64
import hmac
import logging
from dataclasses import dataclass, field
from pathlib import Path

from ncvr.domain.ledger import Change
from ncvr.domain.signing_in import RECOVERY_CODES
from ncvr.errors import Finding, InputError, StoreError
from ncvr.files.factor_key import FactorKey, former_file, key_of, make_factor_key, read_factor_key, replace_factor_key
from ncvr.services.front_door import sha256_hex
from ncvr.services.office import Act, Office
from ncvr.store import second_factors
from ncvr.store.second_factors import SecondFactor

STEP_SECONDS = 30  # as every app has it
_DIGITS = 6
_STEPS_ASIDE = 1  # a telephone's clock may be half a minute off
ISSUER = "NCVR"
_log = logging.getLogger("ncvr.services")


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedApp:
    """What the app is given: the secret as text to type, and the address that a QR code holds."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewedKey:
    """How many secrets were sealed anew, and where the key before it is kept."""

    secrets: int
    former: Path


def offer_app(act: Act, email: str) -> OfferedApp:
    """A new secret for an authenticator app. It counts once a first code of it was shown."""
    from pyotp import TOTP

    secret = base64.b32encode(act.office.chance.octets(20)).decode("ascii")
    factor_id, actor = act.identifier(), act.person.actor
    sealed = _key(act).sealed(secret, _place(actor, factor_id), act.office.chance.octets(12))
    factor = SecondFactor(id=factor_id, actor=actor, kind="totp", name="authenticator app", secret=sealed, credential=None, counter=0)
    second_factors.add(act.connection, factor, act.now, confirmed=False)
    return OfferedApp(secret=secret, uri=TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER))


def _place(actor: str, factor_id: str) -> str:
    """Where a secret belongs, and opens: in another person's row, or another factor's, it does not."""
    return f"{actor}/{factor_id}"


def _key(act: Act) -> FactorKey:
    """The key that new secrets are sealed with; made with the first and never again, or the secrets before it would be lost."""
    path, office = act.office.factor_key_file, act.office
    try:
        if not path.exists() and not second_factors.apps(act.connection):
            return make_factor_key(path, office.chance.octets(32))
        return read_factor_key(path)
    except InputError as error:
        raise _cannot(error) from error


def _cannot(error: InputError) -> StoreError:
    """What is wrong with the key is for the log; who signs in hears what to do."""
    _log.error("second factors: %s", error.findings[0])
    remedy = "Use a recovery code or a passkey, and tell whoever runs this service"
    return StoreError("codes of authenticator apps cannot be checked now", "second factor", remedy)


def check_key(office: Office) -> list[Finding]:
    """Whether the secrets that are kept can be opened here, for readiness."""
    with office.store.reading() as connection:
        kept = {key_of(factor.secret) for factor in second_factors.apps(connection)}
    try:
        if all(read_factor_key(office.factor_key_file, key_id).id == key_id for key_id in kept):
            return []
    except InputError as error:
        _log.error("second factors: %s", error.findings[0])
    return [Finding("second factors", "the key that authenticator apps were enrolled with is not here", "Restore its file, named by NCVR_FACTOR_KEY")]


def confirm_app(act: Act, code: str) -> list[str] | None:
    """The recovery codes, shown once, if the code is one of the app offered last; else None and nothing changes."""
    offered = second_factors.unconfirmed(act.connection, act.person.actor)
    if offered is None or not _is_of(act, offered, code):
        return None
    second_factors.confirm(act.connection, offered.id, act.now)
    act.record(Change(operation="factor.add", object=f"person/{act.person.actor}", field="totp", new=offered.id))
    return new_recovery_codes(act)


def new_recovery_codes(act: Act) -> list[str]:
    """Ten codes for the day the telephone is lost, shown once; those given before are void."""
    codes = [_recovery_code(act) for _ in range(RECOVERY_CODES)]
    second_factors.replace_recovery_codes(act.connection, act.person.actor, [sha256_hex(code) for code in codes], act.now)
    act.record(Change(operation="factor.recovery_codes", object=f"person/{act.person.actor}", field="recovery codes", new=str(len(codes))))
    return codes


def _recovery_code(act: Act) -> str:
    """128 bits in groups of four letters and digits: so many that the plain hash that is kept of it gives nothing away."""
    letters = base64.b32encode(act.office.chance.octets(16)).decode("ascii").rstrip("=").lower()
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def is_app_code(code: str) -> bool:
    """Whether it is as long as the six digits of an app, which can be guessed; a recovery code cannot."""
    return len("".join(code.split())) == _DIGITS


def shown_second_factor(act: Act, code: str) -> str | None:
    """What was shown, if it is right and was not used before: "totp" or "recovery code"; else None."""
    code = "".join(code.split()).lower()
    actor = act.person.actor
    if second_factors.use_recovery_code(act.connection, actor, sha256_hex(code), act.now):
        left = second_factors.recovery_codes_left(act.connection, actor)
        act.record(Change(operation="factor.recovery_code_used", object=f"person/{actor}", field="recovery codes", old=str(left + 1), new=str(left)))
        return "recovery code"
    apps = [factor for factor in second_factors.confirmed(act.connection, actor) if factor.kind == "totp"]
    return "totp" if any(_is_of(act, factor, code) for factor in apps) else None


def _is_of(act: Act, factor: SecondFactor, code: str) -> bool:
    """Whether it is a code of this app for about now; then neither it nor an earlier one is right again."""
    from pyotp import TOTP

    app, now = TOTP(_opened(act, factor)), int(act.office.clock.now().timestamp()) // STEP_SECONDS
    code = "".join(code.split())
    right = [step for step in range(now - _STEPS_ASIDE, now + _STEPS_ASIDE + 1) if hmac.compare_digest(app.generate_otp(step).encode(), code.encode())]
    return bool(right) and second_factors.advance(act.connection, factor.id, right[-1])


def _opened(act: Act, factor: SecondFactor) -> str:
    try:
        return _unsealed(act.office, factor)
    except InputError as error:
        raise _cannot(error) from error


def _unsealed(office: Office, factor: SecondFactor) -> str:
    return read_factor_key(office.factor_key_file, key_of(factor.secret)).opened(factor.secret, _place(factor.actor, factor.id))


def renew_key(act: Act) -> RenewedKey:
    """Make a new key, and seal every secret anew with it. Raises InputError, and changes nothing, where one does not open."""
    path, office, apps = act.office.factor_key_file, act.office, second_factors.apps(act.connection)
    if not apps and not path.exists():
        raise InputError("there is no key to renew yet", str(path), "Nothing to do: it is made when somebody adds the first authenticator app")
    former = read_factor_key(path)
    opened = [(factor, _unsealed(office, factor)) for factor in apps]
    # The file first: whatever happens from here on, secrets of the former key open too.
    key = replace_factor_key(path, office.chance.octets(32))
    for factor, secret in opened:
        second_factors.keep_secret(act.connection, factor.id, key.sealed(secret, _place(factor.actor, factor.id), office.chance.octets(12)))
    act.record(Change(operation="factor.new_key", object="second factors", field="key", old=former.id, new=key.id))
    return RenewedKey(secrets=len(opened), former=former_file(path, former.id))


def take_away_factors(act: Act, actor: str, reason: str) -> int:
    """Take away every second factor of a person whose telephone is lost; they enrol anew at the next sign-in."""
    count = second_factors.remove(act.connection, actor, act.now)
    second_factors.replace_recovery_codes(act.connection, actor, [], act.now)
    act.record(Change(operation="factor.remove", object=f"person/{actor}", field="second factors", old=str(count), new="0", reason=reason))
    return count
