"""Opening the office for work: the database of the settings, the shelves of tariffs and templates, and what must not be served."""

import ipaddress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ncvr import settings
from ncvr.errors import StoreError
from ncvr.services.office import Chance, Office
from ncvr.services.tariff_shelf import TariffShelf
from ncvr.store import people
from ncvr.store.connections import URL, Store, address, check_writers, open_store, sqlite_version
from ncvr.store.schema import newest_version, schema_version, upgrade

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ncvr.domain.signing_key import SigningKey
    from ncvr.files.signing_keys import Signer
    from ncvr.services.identity_provider import IdentityProvider


def upgrade_database(*, database: Path | None = None, chance: Chance | None = None) -> tuple[str | None, str]:
    """Bring the database of the settings (or this file) to the newest schema; returns the versions before and after.

    On PostgreSQL the tables are made by the role of ``NCVR_MIGRATION_URL``, and the role of ``NCVR_DATABASE_URL`` gets the
    rights of the service.
    """
    url, octets = address(database or settings.database_url() or settings.database_file()), (chance or Chance()).octets
    owner = owners_address(database=database)
    return upgrade(owner, octets, application_role=None if owner == url else url.username)


def owners_address(*, database: Path | None = None) -> URL:
    """The address with which the tables are made: that of ``NCVR_MIGRATION_URL`` on PostgreSQL, if it is given."""
    url, owner = address(database or settings.database_url() or settings.database_file()), settings.migration_url()
    return url if url.get_backend_name() == "sqlite" or owner is None else address(owner)


def open_office(*, database: Path | None = None, tariffs: Path | None = None, templates: Path | None = None) -> Office:
    """The office of the settings, or over this database file. Raises StoreError unless its schema is the newest."""
    url = address(database or settings.database_url() or settings.database_file())
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        raise StoreError("there is no database here", str(url.database), "Make one: ncvr db upgrade")
    store = open_store(url)
    with store.reading() as connection:
        version = schema_version(connection)
    if version != newest_version():
        store.close()
        raise StoreError(f"the database has schema {version or 'none'}, not {newest_version()}", "database", "Run: ncvr db upgrade")
    shelf = TariffShelf(tariffs or settings.tariffs_folder())
    return Office(
        store=store, tariffs=shelf, templates=templates or settings.templates_folder(), signer=own_signer, trusted=trusted_keys, provider=own_provider()
    )


def own_provider() -> "IdentityProvider | None":
    """The identity provider of the settings, if they name one. Raises InputError for a file that does not describe one."""
    path = settings.provider_file()
    if path is None:
        return None
    from ncvr.files.provider_files import read_provider
    from ncvr.services.identity_provider import IdentityProvider

    return IdentityProvider(read_provider(path), path.parent)


def trusted_keys() -> "Sequence[SigningKey]":
    """The public keys of the keys folder of the settings: one's own, and those that were put there for others."""
    folder = settings.keys_folder()
    if not folder.exists():
        return ()
    from ncvr.files.signing_keys import known_keys

    return known_keys(folder).keys


def own_signer(day: date) -> "Signer | None":
    """The newest valid key of the keys folder of the settings, which signs receipts; None if there is none."""
    folder = settings.keys_folder()
    if not folder.is_dir():
        return None
    from ncvr.files.signing_keys import signer_in_force

    return signer_in_force(folder, purpose="receipt", on=day)


def check_serving(store: Store, host: str, workers: int) -> str | None:
    """What must be said before serving here; None if nothing. Raises StoreError where it must not be served.

    A demo's people and secrets are known to everybody who made it, so they are served to this machine alone.
    """
    check_writers(store.engine.url, workers, sqlite_version())
    with store.reading() as connection:
        demo = people.count_demo_people(connection)
    if not demo:
        return None
    if not is_loopback(host):
        raise StoreError(f"the database holds {demo} people of the demo", "--host", "Serve it on 127.0.0.1, or make a database of your own: ncvr db upgrade")
    return f"the database holds {demo} people of the demo; it is served to this machine only"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address; a name other than localhost counts as reachable.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
