"""An edition kept beside the prices made from it, so that they re-compute when its folder is long gone."""

from functools import cache

from pydantic import TypeAdapter

from ncvr.domain.tariff import TariffEdition
from ncvr.domain.tariff_content import content_sha256
from ncvr.errors import ReferenceDataError


@cache
def _form() -> "TypeAdapter[TariffEdition]":
    return TypeAdapter(TariffEdition)


def edition_as_kept(edition: TariffEdition) -> str:
    """Everything the edition holds, figures as written, places of rows included, as JSON text."""
    return _form().dump_json(edition).decode("utf-8")


def edition_kept(text: str) -> TariffEdition:
    """The edition of :func:`edition_as_kept`. Raises ReferenceDataError if its content is not what its hash says."""
    edition = _form().validate_json(text)
    if content_sha256(edition) != edition.sha256:
        raise ReferenceDataError(f"the kept copy of {edition.edition} is not what its hash says", "editions", "Restore the database from a copy you trust")
    return edition
