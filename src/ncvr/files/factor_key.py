"""The key under which secrets of authenticator apps are kept, in a file apart: who has the database alone has none of them.

Each secret is sealed for its place (AES-GCM with the place as associated data): put elsewhere, it does not open.
"""

import base64
import binascii
import contextlib
import hashlib
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ncvr.errors import InputError
from ncvr.files.writing import wait_for_disk

_LENGTH, _NONCE = 32, 12
_FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_FORM = "v1"
_ID = re.compile("[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class FactorKey:
    """The key; it is in no text made of it. ``id`` tells which key a secret was sealed with."""

    _key: bytes = field(repr=False)

    @property
    def id(self) -> str:
        return hashlib.sha256(b"ncvr-factor-key\0" + self._key).hexdigest()[:12]

    def sealed(self, secret: str, place: str, nonce: bytes) -> str:
        """The secret as it is kept at this place. The nonce is never used twice."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        content = nonce + AESGCM(self._key).encrypt(nonce, secret.encode(), place.encode())
        return f"{_FORM}.{self.id}.{base64.b64encode(content).decode()}"

    def opened(self, text: str, place: str) -> str:
        """The secret that was sealed for this place. Raises InputError for anything else."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if key_of(text) != self.id:
            raise InputError(f"a secret was sealed with the key {key_of(text) or 'unknown'}, not {self.id}", place, "Restore the file with that key")
        try:
            content = base64.b64decode(text.rpartition(".")[2], validate=True)
            return AESGCM(self._key).decrypt(content[:_NONCE], content[_NONCE:], place.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise InputError("a sealed secret was altered, or belongs elsewhere", place, "Let the person enrol anew: ncvr person lost-phone EMAIL") from error


def key_of(text: str) -> str | None:
    """The id of the key that a secret was sealed with; None for what is not sealed."""
    form, _, rest = text.partition(".")
    return rest.partition(".")[0] if form == _FORM else None


def read_factor_key(path: Path, key_id: str | None = None) -> FactorKey:
    """The key in a file; or the one of this id, which lies beside it once another took its place.

    Raises InputError for one that is missing, is no key, or is for others to read.
    """
    key = _read(path)
    return key if key_id is None or key_id == key.id or not _ID.fullmatch(key_id) else _read(former_file(path, key_id))


def former_file(path: Path, key_id: str) -> Path:
    """Where a key lies once another took its place: backups made before need it."""
    return path.with_name(f"{path.name}.{key_id}")


def _read(path: Path) -> FactorKey:
    try:
        if os.name == "posix" and path.stat().st_mode & _FOR_OTHERS:
            raise InputError("other people on this machine can read this key", str(path), "Make it yours alone (chmod 600)")
        content = base64.b64decode(path.read_bytes().strip(), validate=True)
    except (OSError, binascii.Error) as error:
        raise InputError("the key of second factors cannot be read", str(path), "Restore the file from its copy") from error
    if len(content) != _LENGTH:
        raise InputError("this is not a key of second factors", str(path), "Restore the file from its copy")
    return FactorKey(content)


def make_factor_key(path: Path, key: bytes) -> FactorKey:
    """Write a new key, for its owner's eyes alone and never over another; of two made at once, the first counts."""
    with _written(path, key) as whole, contextlib.suppress(FileExistsError):
        os.link(whole, path)
    return _read(path)


def replace_factor_key(path: Path, key: bytes) -> FactorKey:
    """Put a new key in the place of another, which is kept beside it. At every moment there is one."""
    former = _read(path)
    with _written(path, key) as whole:
        with contextlib.suppress(FileExistsError):  # it is there from a time before, with the same content
            os.link(path, former_file(path, former.id))
        whole.replace(path)
    return _read(path)


@contextlib.contextmanager
def _written(path: Path, key: bytes) -> Iterator[Path]:
    """The key whole in a file of another name, beside where the caller puts it; on the disk when this ends."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as name:
            whole = Path(name) / "key"
            with os.fdopen(os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(base64.b64encode(key) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            yield whole
        wait_for_disk(path.parent)
    except OSError as error:
        raise InputError(f"the key of second factors cannot be written ({error.strerror})", str(path), "Name a file that can be, in NCVR_FACTOR_KEY") from error
