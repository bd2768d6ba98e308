# ruff: noqa: E501 - what stands in a module stands here as it is
"""Each guard taken out in turn, of identity, access, the moves and the ledger: a test must notice (R18).

``python -m tests.guard_mutants [WORD]``. A copy of the sources is changed in one place and the tests that should notice are
run against it, as many copies at once as there are cores. Prints every guard that nobody missed, and ends with 1 if there is one.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import TypeVar

ROOT = Path(__file__).parent.parent
SIGNING_IN, SIGN_IN, PASSKEYS = "tests/services/test_signing_in.py", "tests/web/test_sign_in.py", "tests/web/test_passkeys.py"
DEMO, DATA, HEAVY, WALK = (
    "tests/web/test_demo_door.py",
    "tests/services/test_personal_data.py",
    "tests/web/test_heavy_jobs.py",
    "tests/web/test_permission_walk.py",
)
PROVIDER, SEALED, KEY_FILE, OWN_FACTORS, PLACES = (
    "tests/web/test_provider_sign_in.py",
    "tests/services/test_sealed_secrets.py",
    "tests/files/test_factor_key.py",
    "tests/web/test_own_factors.py",
    "tests/web/test_own_places.py",
)
PROVIDER_FILES, LOCK, KEYS, TEMPLATES = (
    "tests/files/test_provider_files.py",
    "tests/files/test_edition_lock.py",
    "tests/files/test_signing_keys.py",
    "tests/services/test_official_templates.py",
)
OWN_SESSIONS, PACES, ACCESSES, STOLEN = (
    "tests/web/test_own_sessions.py",
    "tests/web/test_paces.py",
    "tests/web/test_accesses.py",
    "tests/services/test_breached_passwords.py",
)
COMMENTS, SITES_COMMENT, LEDGER, RULES, REVIEWING, COSTING, CONVENTIONS = (
    "tests/domain/test_site_comments.py",
    "tests/web/test_site_comments.py",
    "tests/domain/test_ledger.py",
    "tests/store/test_ledger_rules.py",
    "tests/services/test_reviewing.py",
    "tests/services/test_costing.py",
    "tests/web/test_conventions.py",
)
WORLDS, IDEMPOTENCY = "tests/web/test_two_worlds.py", "tests/web/test_idempotency.py"
HOSTILE, JOURNAL, QUIET, CHILD, ADHERENCE = (
    "tests/web/test_hostile_requests.py",
    "tests/web/test_access_journal.py",
    "tests/web/test_quiet_log.py",
    "tests/files/test_apart.py",
    "tests/services/test_adherence.py",
)
SAVING, SCHEMA, PEOPLE, UPGRADES, SILENT = (
    "tests/store/test_saving.py",
    "tests/store/test_schema.py",
    "tests/cli/test_person_command.py",
    "tests/durability/test_upgrades.py",
    "tests/web/test_silent_provider.py",
)
# The modules whose tables of moves name a guard in each row, and the tests that know each move.
MOVES = {"domain/review.py": "tests/domain/test_review.py", "domain/site_costing.py": "tests/domain/test_site_costing.py"}

Result = TypeVar("Result")


@dataclass(frozen=True)
class Mutant:
    """One place of one module, what stands there, and what stands there without the guard."""

    module: str
    guard: str
    without: str
    tests: str

    def __str__(self) -> str:
        return f"{self.module}: {self.guard.strip()!r} -> {self.without.strip()!r}"


MUTANTS = [
    Mutant("services/front_door.py", 'session.stage != "full":', "False:", SIGNING_IN),
    Mutant("services/front_door.py", "idle < SESSION_IDLE and ", "", SIGNING_IN),
    Mutant("services/front_door.py", " and age < SESSION_LONGEST", "", SIGNING_IN),
    Mutant("services/front_door.py", "return age < WAITING_LONGEST", "return True", SIGNING_IN),
    Mutant("services/front_door.py", 'return self.scope == "act" or method in _SAFE_METHODS', "return True", SIGN_IN),
    Mutant("store/sessions.py", "sessions.c.ended_at.is_(None), people.c.blocked_at.is_(None)", "people.c.blocked_at.is_(None)", SIGNING_IN),
    Mutant("store/sessions.py", "sessions.c.ended_at.is_(None), people.c.blocked_at.is_(None)", "sessions.c.ended_at.is_(None)", SIGNING_IN),
    Mutant("store/people.py", ", people.c.blocked_at.is_(None))", ")", SIGNING_IN),
    Mutant("store/people.py", ' tokens.c.expires_at > bindparam("now"),', "", SIGNING_IN),
    Mutant("store/people.py", " tokens.c.revoked_at.is_(None),", "", CONVENTIONS),
    Mutant("store/people.py", "return func.lower(people.c.email) == func.lower(email)", "return people.c.email == email", SCHEMA),
    Mutant("store/sessions.py", "has_address(email), known_devices", "people.c.email == email, known_devices", PEOPLE),
    Mutant("store/migrations/versions/v0008_one_address_one_person.py", "CREATE UNIQUE INDEX", "CREATE INDEX", SCHEMA),
    Mutant("store/migrations/versions/v0008_one_address_one_person.py", "if alike:", "if False:", UPGRADES),
    Mutant("services/identity.py", "    _check_address(email)\n", "", PEOPLE),
    Mutant("services/identity.py", "if role in _NATIONAL and organisation:", "if False:", PEOPLE),
    Mutant("services/signing_in.py", "or now.blocked ", "", SIGNING_IN),
    Mutant("services/signing_in.py", "not office.passwords.matches(kept, password) or", "", SIGNING_IN),
    Mutant("services/signing_in.py", "if not sessions.end(act.connection, session.sha256, act.now) or shown is None:", "if shown is None:", SIGNING_IN),
    Mutant("services/signing_in.py", "return sha256 if known else None", "return None", SIGNING_IN),
    Mutant("services/signing_in.py", "return sha256 if known else None", "return sha256 if device else None", SIGNING_IN),
    Mutant("services/signing_in.py", "if second_factors.confirmed(act.connection, account.person.actor):", "if False:", SIGNING_IN),
    Mutant("domain/signing_in.py", 'role == "national_administrator" or organisation_asks', "organisation_asks", SIGNING_IN),
    Mutant("services/throttling.py", "if max(waits) > NO_WAIT:", "if False:", SIGNING_IN),
    Mutant("services/throttling.py", 'if kind == "pair" and attacked else', "if False else", SIGNING_IN),
    Mutant("services/throttling.py", '0 if kind in ("pair", "device") else', "", SIGNING_IN),
    Mutant("services/throttling.py", '"address": _name(key, self.what, "address", address),', "", SIGNING_IN),
    Mutant("services/throttling.py", 'account = ACCOUNT_CODES if self.what == "code" else ACCOUNT', "account = ACCOUNT", SIGNING_IN),
    Mutant("services/signing_in.py", "key, office.clock.now()) < WRONG_CODES:", "key, office.clock.now()) < 1000:", SIGNING_IN),
    Mutant("services/signing_in.py", 'what="code" if is_app_code(code) else "recovery code"', 'what="code"', SIGNING_IN),
    Mutant("services/signing_in.py", "address=address, device=known)\n        wait", "address=address)\n        wait", SIGNING_IN),
    Mutant("services/passwords.py", 'if judged["score"] >= _GUESSABLE_BELOW:', "if True:", SIGNING_IN),
    Mutant("services/passwords.py", "if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:", "if False:", SIGNING_IN),
    Mutant("services/passwords.py", "hasher.hash(password)\n                return False", "return False", SIGNING_IN),
    Mutant("store/second_factors.py", "second_factors.c.id == factor_id, second_factors.c.counter < counter", "second_factors.c.id == factor_id,", SIGNING_IN),
    Mutant("store/second_factors.py", "recovery_codes.c.actor == actor, recovery_codes.c.used_at.is_(None))\n    return", "recovery_codes.c.actor == actor)\n    return", SIGNING_IN),
    Mutant("store/second_factors.py", "recovery_codes.c.sha256 == sha256, recovery_codes.c.actor == actor,", "recovery_codes.c.sha256 == sha256,", SIGNING_IN),
    Mutant("store/accounts.py", "unused = (one_time_links.c.sha256 == sha256, one_time_links.c.used_at.is_(None),", "unused = (one_time_links.c.sha256 == sha256,", SIGNING_IN),
    Mutant("services/own_account.py", "ended = sessions.end_all(act.connection, act.person.actor, act.now, but=keep)", "ended = 0", SIGNING_IN),
    Mutant("services/own_account.py", "if not office.passwords.matches(account.password_hash, old):", "if False:", SIGNING_IN),
    Mutant("services/own_account.py", "if now is None or now.blocked or now.password_hash != account.password_hash:", "if now is None or now.blocked:", SIGNING_IN),
    Mutant("services/own_account.py", "if now is None or now.blocked or now", "if now is None or now", SIGNING_IN),
    Mutant("services/own_account.py", "if now is None or now.blocked:", "if now is None:", SIGNING_IN),
    Mutant("services/passkeys.py", 'if session is None or session.stage != "enrol":', "if session is None:", PASSKEYS),
    Mutant("store/sessions.py", "update(sessions).where(*waiting).values(challenge=None)", "update(sessions).where(*waiting).values(challenge=challenge)", PASSKEYS),
    Mutant("services/passkeys.py", "expected_origin=site.origin,\n            credential_public_key", "expected_origin=['https://ncvr.example.rival.example', site.origin],\n            credential_public_key", PASSKEYS),
    Mutant("services/passkeys.py", "credential_current_sign_count=factor.counter", "credential_current_sign_count=0", PASSKEYS),
    Mutant("services/demo_door.py", "if email not in {person.email for person in demo_people(office)}:", "if False:", DEMO),
    Mutant("web/api_session.py", "if is_loopback(client_address(request)) else signing_in.Refused()", "", DEMO),
    Mutant("web/api_session.py", "if is_loopback(client_address(request)) else []", "", DEMO),
    Mutant("web/api_session.py", "    if token:\n        signing_in.sign_out", "    if False:\n        signing_in.sign_out", SIGN_IN),
    Mutant("web/same_origin.py", "and not comes_from_here(headers):", "and False:", SIGN_IN),
    Mutant("web/same_origin.py", '(b"same-origin", b"none")', '(b"same-origin", b"none", b"same-site")', SIGN_IN),
    Mutant("web/same_origin.py", 'return b"cookie" not in headers', "return True", SIGN_IN),
    Mutant("web/same_origin.py", 'urlsplit(origin).netloc == headers.get(b"host", b"") != b""', 'urlsplit(origin).netloc.startswith(headers.get(b"host", b"").partition(b":")[0])', SIGN_IN),
    Mutant("web/recognising.py", 'if "authorization" not in headers:', 'if "authorization" not in headers or cookie(headers, SESSION_COOKIE):', SIGN_IN),
    Mutant("web/access.py", "            if self.known is None:\n                raise _unknown()\n            yield", "            yield", CONVENTIONS),
    Mutant("web/recognising.py", 'response.headers["Clear-Site-Data"] = CLEARED', "pass", SIGN_IN),
    Mutant("web/api_own_sessions.py", "    young_session(visit)\n    with", "    full_session(visit)\n    with", OWN_SESSIONS),
    Mutant("web/api_own_sessions.py", "session = young_session(visit)", "session = full_session(visit)", OWN_SESSIONS),
    Mutant("web/pages/own_sessions.py", "if current is None or not is_young(page.visit.office, current):", "if current is None:", OWN_SESSIONS),
    Mutant("services/own_sessions.py", ", but=current.sha256)", ")", OWN_SESSIONS),
    Mutant("services/own_sessions.py", " and is_open(each, now)", "", OWN_SESSIONS),
    Mutant("store/sessions.py", "query.where(sessions.c.actor == actor, ", "query.where(", OWN_SESSIONS),
    Mutant("web/paces.py", "if times >= self._most:", "if False:", PACES),
    Mutant("web/access.py", "if person is not None and self.paces is not None:", "if False:", PACES),
    Mutant("domain/permissions.py", ' or permission == "accesses.read"', "", ACCESSES),
    Mutant("store/accesses.py", "yield accesses.c.actor == wanted.actor", "yield accesses.c.actor == accesses.c.actor", ACCESSES),
    Mutant("services/passwords.py", "return [_STOLEN] if _is_stolen(password, breached) else []", "return []", STOLEN),
    Mutant("web/recognising.py", "secure=True, httponly=True", "secure=True, httponly=False", SIGN_IN),
    Mutant("web/recognising.py", 'samesite="lax"', 'samesite="none"', SIGN_IN),
    Mutant("web/security_headers.py", "return SecurityHeaders(super().build_middleware_stack())", "return super().build_middleware_stack()", SIGN_IN),
    Mutant("web/app.py", "route.function if route.permission in OPEN or route.looks_first else recognised(route.function)", "route.function", SIGN_IN),
    Mutant("web/heavy_jobs.py", "if actor in self._busy:", "if False:", HEAVY),
    Mutant("web/heavy_jobs.py", "self._busy.discard(actor)", "pass", HEAVY),
    Mutant("store/personal_data.py", "values(email=None, name=None, blocked_at=at)", "values(email=None, blocked_at=at)", DATA),
    Mutant("store/personal_data.py", 'values(secret="", credential=None, name="", removed_at=at)', "values(removed_at=at)", DATA),
    Mutant("store/connections.py", '"secure_delete=ON"', '"secure_delete=OFF"', DATA),
    Mutant("domain/permissions.py", "if standing_here is None:\n        raise not_found(place)", "if standing_here is None:\n        standing_here = 'auditor'", WALK),
    Mutant("domain/permissions.py", "if standing_here not in STUDY_OPERATIONS.get(operation, frozenset()):", "if False:", WALK),
    Mutant("domain/permissions.py", "if person.role not in GENERAL_OPERATIONS.get(operation, frozenset()):", "if False:", WALK),
    Mutant("domain/people.py", '"site" if at in study.shared_sites else', '"site" if True else', WALK),
    Mutant("domain/people.py", '"commenting_site" if at in study.commenting_sites else None', '"commenting_site"', WALK),
    Mutant("domain/permissions.py", "frozenset(STANDINGS) - _COMMENTING", "frozenset(STANDINGS)", COMMENTS),
    Mutant("domain/site_comments.py", "started_by is not None and study.lead_site == started_by and", "started_by is not None and", COMMENTS),
    Mutant("domain/site_comments.py", ' and study.ncvr_class == "early"', "", COMMENTS),
    Mutant("domain/site_comments.py", "or review.version != 1 ", "", COMMENTS),
    Mutant("domain/site_comments.py", " or review.state not in UNDER_REVIEW:", ":", COMMENTS),
    Mutant("domain/site_comments.py", '"sites": own, ', "", COMMENTS),
    Mutant("domain/site_comments.py", ', "pass_through": []', "", COMMENTS),
    Mutant("domain/site_comments.py", ', "waivers": []', "", COMMENTS),
    Mutant("services/site_comments.py", "if act.person.organisation not in commenting_sites(review):", "if False:", SITES_COMMENT),
    Mutant("services/site_comments.py", 'if by == "commenting_site":', "if False:", SITES_COMMENT),
    Mutant("services/reviewing.py", 'if by == "commenting_site":', "if False:", SITES_COMMENT),
    Mutant("store/queries.py", 'queries.c.by == "commenting_site", ', "", SITES_COMMENT),
    Mutant("store/queries.py", ", queries.c.organisation == organisation)", ")", SITES_COMMENT),
    Mutant("store/studies.py", 'f" {person.organisation} "', '" "', SITES_COMMENT),
    Mutant("store/studies.py", "select(studies.c.iras_id).where(_takes_part(person, on))", "select(studies.c.iras_id).where(may_see(person, on))", SITES_COMMENT),
    Mutant("web/api_studies.py", 'by in ("site", "commenting_site")', 'by == "site"', SITES_COMMENT),
    Mutant("domain/people.py", 'return "network" if study.escalated else None', 'return "network"', WALK),
    Mutant("domain/people.py", 'return "reviewer" if at == study.lead_site else None', 'return "reviewer"', WALK),
    Mutant("store/studies.py", "grants.c.from_on <= _DAY, or_(", "or_(", WALK),
    Mutant("services/costing.py", "costing.site.ods_code != act.person.organisation or", "", COSTING),
    Mutant("services/identity_provider.py", '"iss": {"essential": True, "value": settings.issuer}, ', "", PROVIDER),
    Mutant("services/identity_provider.py", ', "aud": {"essential": True, "value": settings.client_id}', "", PROVIDER),
    Mutant("services/identity_provider.py", '"nonce": nonce, ', "", PROVIDER),
    Mutant("services/identity_provider.py", "signed.validate(now=int(now.timestamp()), leeway=_CLOCKS_DIFFER)", "pass", PROVIDER),
    Mutant("services/identity_provider.py", 'or found.get("issuer") != self.settings.issuer', "", PROVIDER),
    Mutant("services/identity_provider.py", "and is_safe_address(found[name])", "", PROVIDER),
    Mutant("services/identity_provider.py", ' and told.get("sub") == signed["sub"]', "", PROVIDER),
    Mutant("services/identity_provider.py", 'nonce=asked.nonce, code_verifier=asked.verifier', "nonce=asked.nonce", PROVIDER),
    Mutant("services/identity_provider.py", "if not self._asking.acquire(blocking=False):", "if not self._asking.acquire():", SILENT),
    Mutant("services/identity_provider.py", "if _is_recent(self._failed_at, now, _FAILURE_LASTS):", "if False:", SILENT),
    Mutant("services/identity_provider.py", "if not self._answering.acquire(blocking=False):", "if not self._answering.acquire():", SILENT),
    Mutant("services/provider_sign_in.py", " or not hmac.compare_digest(asked.state.encode(), state.encode())", "", PROVIDER),
    Mutant("services/provider_sign_in.py", "if not timedelta(0) <= now - datetime.fromtimestamp(ticket.issued, UTC) <= WAITING_LONGEST:", "if False:", PROVIDER),
    Mutant("services/provider_sign_in.py", "if answered.issuer != provider.settings.issuer and (answered.issuer or provider.says_issuer(now)):", "if False:", PROVIDER),
    Mutant("services/provider_sign_in.py", "(answered.issuer or provider.says_issuer(now))", "answered.issuer", PROVIDER),
    Mutant("services/provider_sign_in.py", "if not provider_identities.use_answer(connection, sha256_hex(ticket), instant(now)):", "if False:", PROVIDER),
    Mutant("services/provider_sign_in.py", "if account is None or account.blocked:", "if account is None:", PROVIDER),
    Mutant("services/provider_sign_in.py", 'if not provider.settings.speaks_for(account.email or ""):', "if False:", PROVIDER),
    Mutant("services/provider_sign_in.py", "if provider_identities.actor_of(act.connection, issuer, subject) != actor:", "if False:", PROVIDER),
    Mutant("services/signing_in.py", '"full" if all_shown else _stage(act, account)', '"full"', PROVIDER),
    Mutant("domain/identity_provider.py", " or verified is not True:", ":", PROVIDER),
    Mutant("domain/identity_provider.py", "verified is not True:", "not verified:", PROVIDER),
    Mutant("domain/identity_provider.py", "if not self.speaks_for(email):", "if False:", PROVIDER),
    Mutant("domain/identity_provider.py", 'return claims.get("acr") in self.trusted_second_factor.acr or not named.isdisjoint(self.trusted_second_factor.amr)', 'return "acr" in claims', PROVIDER),
    Mutant("domain/identity_provider.py", 'if not is_safe_address(value) or "?" in value or "#" in value:', "if False:", PROVIDER_FILES),
    Mutant("domain/identity_provider.py", " or host == value or host.count(\"/\") != 2 or \"?\" in value or \"#\" in value:", ":", PROVIDER_FILES),
    Mutant("files/provider_files.py", 'os.name == "posix" and path.stat().st_mode & _FOR_OTHERS', "False", PROVIDER_FILES),
    Mutant("web/pages/page.py", 'return address if plain and address.isprintable() and "\\\\" not in address else "/"', "return address", PROVIDER),
    Mutant("web/access.py", "await run_in_threadpool(known, visit)", "pass", HOSTILE),
    Mutant("web/access.py", "if depth > _DEEPEST:", "if False:", HOSTILE),
    Mutant("web/access.py", ' and "\\0" in record', " and False", HOSTILE),
    Mutant("web/access.py", " and not self.open_to_all:", ":", HOSTILE),
    Mutant("web/app.py", ", redirect_slashes=False", "", HOSTILE),
    Mutant("web/envelope.py", '_CONTROL.search(scope["path"]) or ', "", HOSTILE),
    Mutant("web/envelope.py", ' or b"%00" in scope["query_string"]', "", HOSTILE),
    Mutant("web/envelope.py", 'scope["method"] if scope["method"] in _METHODS else "OTHER"', 'scope["method"]', HOSTILE),
    Mutant("domain/permissions.py", '"study.read", ', "", JOURNAL),
    Mutant("domain/permissions.py", '"sites.list", ', "", JOURNAL),
    Mutant("services/access_journal.py", "if oldest >= late:", "if True:", JOURNAL),
    Mutant("services/costing.py", 'read_costing(act, found[1], found[2], "price.edit")', "costings.of_site(act.connection, found[1], found[2])", ADHERENCE),
    Mutant("web/serving.py", "type(error).__qualname__ if _is_of_database(error) else ", "", QUIET),
    Mutant("files/apart.py", " if name in _INHERITED", "", CHILD),
    Mutant("files/apart.py", "ctypes.CDLL(None).unshare(_NEW_USER | _NEW_NETWORK) == 0", "True", CHILD),
    Mutant("files/factor_key.py", " or not _ID.fullmatch(key_id)", "", KEY_FILE),
    Mutant("files/factor_key.py", "place.encode()", 'b""', KEY_FILE),
    Mutant("files/factor_key.py", "if key_of(text) != self.id:", "if False:", KEY_FILE),
    Mutant("files/factor_key.py", 'os.name == "posix" and path.stat().st_mode & _FOR_OTHERS', "False", KEY_FILE),
    Mutant("files/factor_key.py", "os.O_EXCL, 0o600)", "os.O_EXCL, 0o644)", KEY_FILE),
    Mutant("services/second_factor.py", "secret=sealed,", "secret=secret,", SEALED),
    Mutant("services/second_factor.py", " and not second_factors.apps(act.connection):", ":", SEALED),
    Mutant("services/own_factors.py", " and now - datetime.fromisoformat(session.created_at) < WAITING_LONGEST", "", OWN_FACTORS),
    Mutant("services/own_factors.py", "if factor_id not in {factor.id for factor in own}:", "if False:", OWN_FACTORS),
    Mutant("services/own_factors.py", "if len(own) == 1 and needs_second_factor(", "if False and needs_second_factor(", OWN_FACTORS),
    Mutant("services/passkeys.py", "or second_factors.is_known(act.connection, str(factor.credential)):", "or False:", OWN_FACTORS),
    Mutant("web/api_session.py", " or session.person != visit.person:", ":", OWN_FACTORS),
    Mutant("domain/approval.py", "if len(people) < 2:", "if len(people) < 1:", LOCK),
    Mutant("domain/approval.py", "{_letters(name): name for", "{name: name for", LOCK),
    Mutant("files/edition_lock.py", "return _approval(folder, edition, entry)", "return []", LOCK),
    Mutant("files/signing_keys.py", "if key.approved and ", "if ", KEYS),
    Mutant("services/templates.py", 'if approved_by else ()', "if len(approved_by) > 1 else tuple(approved_by)", TEMPLATES),
    Mutant("web/own_places.py", "return self._folders.sub(_named, text)", "return text", PLACES),
    Mutant("domain/moves.py", "if by not in move.by:", "if False:", MOVES["domain/review.py"]),
    Mutant("domain/moves.py", "if state not in move.before:", "if False:", MOVES["domain/review.py"]),
    Mutant("domain/moves.py", "    if found:\n        raise", "    if False:\n        raise", MOVES["domain/review.py"]),
    Mutant("domain/review.py", "    if editor is None:\n", "    if False:\n", MOVES["domain/review.py"]),
    Mutant("domain/review.py", "if editor != by:", "if False:", MOVES["domain/review.py"]),
    Mutant("services/reviewing.py", 'if by == "reviewer" and (study.study, study.lead_site)', 'if False and (study.study, study.lead_site)', REVIEWING),
    Mutant("services/reviewing.py", 'if by == "reviewer" and _codes(study)', 'if False and _codes(study)', REVIEWING),
    Mutant("services/revisions.py", "if found == expected:", "if True:", CONVENTIONS),
    Mutant("store/studies.py", ", studies.c.revision == before)", ")", SAVING),
    Mutant("store/costings.py", ", costings.c.revision == before)", ")", SAVING),
    Mutant("web/api_adherence.py", '"records", "ledger_head"):', "):", WORLDS),
    Mutant("web/access.py", "headers.pop(_ALLOWED, [])", "headers.pop(_ALLOWED, [])[:0]", IDEMPOTENCY),
    Mutant("services/office.py", "self.asked.add((operation, iras_id))", "pass", IDEMPOTENCY),
    Mutant("domain/site_numbers.py", "return number // APART or number", "return number", WORLDS),
    Mutant("domain/site_numbers.py", "+ (second + step) % APART)", "+ step)", WORLDS),
    Mutant("store/costings.py", "order_by(_IS_OVER, costings.c.number.desc())", "order_by(costings.c.number.desc())", COSTING),
    Mutant("store/costings.py", " if row.site_key == site.key or row.ods_code == site.ods_code]", "]", WORLDS),
    Mutant("store/escalations.py", " if row.organisation == organisation]", "]", WORLDS),
    Mutant("domain/ledger.py", "if entry.number != head.number + 1:", "if False:", LEDGER),
    Mutant("domain/ledger.py", "if entry.previous_hash != head.hash:", "if False:", LEDGER),
    Mutant("domain/ledger.py", "if entry.at < head.at:", "if False:", LEDGER),
    Mutant("domain/ledger.py", "_salt(entry.salt) is not None and ", "", LEDGER),
    Mutant("domain/ledger.py", " and entry_hash(entry) == entry.hash", "", LEDGER),
    Mutant("domain/ledger.py", "head, hashes = EMPTY, set()", "head, hashes = EMPTY, {START}", LEDGER),
    Mutant("domain/ledger.py", "if not _is_hash(text):", "if False:", LEDGER),
    Mutant("domain/ledger.py", "elif text == START:", "elif False:", LEDGER),
    Mutant("domain/ledger.py", "return tuple(dict.fromkeys(given))", "return tuple(given)", LEDGER),
    Mutant("domain/adherence_period.py", "if found is not None and int(found[1]) not in _YEARS:", "if False:", "tests/web/test_adherence.py"),
    Mutant("domain/ledger.py", "if anchor not in hashes:", "if False:", LEDGER),
    Mutant("domain/ledger.py", "if instant(at + CLOCK_STEP) < head.at:", "if False:", LEDGER),
    Mutant("store/rules.py", "return _OK if first in metadata.tables and first not in APPEND_ONLY else _DENY", "return _OK", RULES),
    Mutant("store/rules.py", "return _OK if first in REMOVABLE else _DENY", "return _OK", RULES),
    Mutant("store/rules.py", "return _OK if first in _READABLE_PRAGMAS and second is None else _DENY", "return _OK", RULES),
    Mutant("store/rules.py", "    return _DENY\n\n\ndef sqlite_rules", "    return _OK\n\n\ndef sqlite_rules", RULES),
]  # fmt: skip


def move_guards() -> Iterator[Mutant]:
    """Each guard of each row of the tables of moves."""
    for module, tests in MOVES.items():
        for row in re.findall(r"^    (_row\(.*\)),$", (ROOT / "src" / "ncvr" / module).read_text("utf-8"), re.MULTILINE):
            for guard in re.findall(r", (_[a-z_]+)\b", row):
                yield Mutant(module, row, row.replace(f", {guard}", "", 1), tests)


def all_mutants() -> list[Mutant]:
    return [*MUTANTS, *move_guards()]


def copied(folder: Path) -> Path:
    """The sources and tests, to be changed; what is only read is linked."""
    folder.mkdir()
    for name in ("src", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "mutation_bank", "benchmarks"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    for name in ("tariffs", "contract_templates", "README.md"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def is_noticed(mutant: Mutant, folder: Path) -> bool:
    """Whether the tests fail without the guard."""
    path = folder / "src" / "ncvr" / mutant.module
    whole = path.read_text("utf-8")
    if mutant.guard not in whole:
        raise SystemExit(f"{mutant.module} has no {mutant.guard!r} any more: say what the guard is now")
    path.write_text(whole.replace(mutant.guard, mutant.without), "utf-8")
    try:
        return run_tests(mutant.tests, folder).returncode == 1
    finally:
        path.write_text(whole, "utf-8")


def run_tests(tests: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """pytest's run in this copy: it ends with 0 if all pass, with 1 if one fails."""
    words = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-k", "not postgresql", tests]
    environment = os.environ | {"PYTHONPATH": str(folder / "src"), "PYTHONDONTWRITEBYTECODE": "1", "NCVR_SEED": "7"}
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def main(word: str = "") -> int:
    chosen = [mutant for mutant in all_mutants() if word in str(mutant)]
    folders: SimpleQueue[Path] = SimpleQueue()

    def lent(work: Callable[[Path], Result]) -> Result:
        folder = folders.get()
        try:
            return work(folder)
        finally:
            folders.put(folder)

    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for number in range(os.cpu_count() or 1):
            folders.put(copied(Path(name) / str(number)))
        tests = sorted({mutant.tests for mutant in chosen})
        for path, ran in zip(tests, pool.map(lambda path: lent(partial(run_tests, path)), tests), strict=True):
            if ran.returncode != 0:
                raise SystemExit(f"{path} fails with every guard in place, so it would notice nothing:\n{ran.stdout[-3000:]}")
        missed = 0
        for number, (mutant, noticed) in enumerate(zip(chosen, pool.map(lambda mutant: lent(partial(is_noticed, mutant)), chosen), strict=True), 1):
            print(f"{number}/{len(chosen)} {'noticed' if noticed else 'NOBODY NOTICES'}: {mutant}", flush=True)
            missed += not noticed
    print(f"{len(chosen) - missed} of {len(chosen)} guards are missed when they are gone.")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
