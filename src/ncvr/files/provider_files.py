"""The settings of an identity provider, and the secret it knows this service by, each in a file of its own."""

import os
import stat
from pathlib import Path

from ncvr.domain.identity_provider import ProviderSettings
from ncvr.errors import InputError
from ncvr.files.json_files import parse_json, read_json_bytes, validated

_FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_provider(path: Path) -> ProviderSettings:
    """The settings. Raises InputError with everything that is wrong with them."""
    found, findings = validated(ProviderSettings, parse_json(read_json_bytes(path), str(path)), str(path))
    if found is None:
        raise InputError.of(findings)
    return found


def read_client_secret(path: Path) -> str:
    """The secret, without the end of its line. Raises InputError if it is missing, empty or for others to read."""
    try:
        if os.name == "posix" and path.stat().st_mode & _FOR_OTHERS:
            raise InputError("other people on this machine can read this secret", str(path), "Make it yours alone (chmod 600)")
        secret = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("the provider's secret cannot be read", str(path), "Write it there, readable by the service alone") from error
    if not secret:
        raise InputError("the provider's secret is empty", str(path), "Write it there, readable by the service alone")
    return secret
