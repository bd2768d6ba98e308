"""Site costings, every price they ever had, and the variations of their contracts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, insert, literal_column, select, update

from ncvr.domain.canonical import canonical_json
from ncvr.domain.kept_edition import edition_as_kept, edition_kept
from ncvr.domain.site_costing import UNCONTRACTED, KeptPrice, SiteCosting
from ncvr.domain.site_numbers import next_of_site, site_number
from ncvr.domain.study import Site
from ncvr.domain.tariff import TariffEdition
from ncvr.errors import ChangedMeanwhile
from ncvr.store.questions import Question
from ncvr.store.schema import cursor_key_in
from ncvr.store.tables import costings, editions, prices, studies, variations

_OVER = ("withdrawn", "declined", "superseded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation:
    """A contract varied to a version; ``record`` is the JSON text of its payables."""

    number: int
    version: int
    edition_sha256: str
    record: str
    varied_at: str


def add(connection: Connection, costing: SiteCosting, at: str) -> None:
    """A new costing with its first price; the edition that made it must be kept already (:func:`keep_edition`)."""
    row = {"id": costing.id, "iras_id": costing.iras_id, "number": costing.number} | _columns(costing)
    connection.execute(insert(costings), row)
    add_price(connection, costing, at)


def next_number(connection: Connection, iras_id: str, site: Site) -> int:
    """The number of the site's next costing: higher than all it has had, and the same whatever the study's other sites have."""
    rows = connection.execute(select(costings.c.number, costings.c.site_key, costings.c.ods_code).where(costings.c.iras_id == iras_id)).all()
    own = [row.number for row in rows if row.site_key == site.key or row.ods_code == site.ods_code]
    key = cursor_key_in(connection)
    return site_number(next_of_site(own), key, f"costing {iras_id} {site.key}", {row.number for row in rows})


def add_price(connection: Connection, costing: SiteCosting, at: str) -> None:
    """Keep the costing's present price beside its earlier ones."""
    row = {name: getattr(costing.price, name) for name in ("number", "edition", "edition_sha256", "multiplier", "fingerprint", "total", "record")}
    more = {"costing_id": costing.id, "pricing_date": costing.price.pricing_date.isoformat(), "ods_code": costing.site.ods_code, "priced_at": at}
    connection.execute(insert(prices), row | more)


def save(connection: Connection, costing: SiteCosting, *, before: int) -> None:
    """Write the costing if it still has the revision it was read with. Raises ChangedMeanwhile if somebody was faster."""
    changed = connection.execute(update(costings).where(costings.c.id == costing.id, costings.c.revision == before).values(**_columns(costing)))
    if changed.rowcount != 1:
        raise ChangedMeanwhile("somebody else changed it first", costing.place, "Read it again, and decide on what it says now")


def _columns(costing: SiteCosting) -> dict[str, Any]:
    return {
        "version": costing.version,
        "site_key": costing.site.key,
        "ods_code": costing.site.ods_code,
        "site": canonical_json(costing.site.model_dump(mode="json", exclude_defaults=True)).decode("utf-8"),
        "state": costing.state,
        "revision": costing.revision,
        "price_number": costing.price.number,
        "former_code": costing.former_code,
        "shared_at": costing.shared_at,
        "accepted_by": costing.accepted_by,
        "signed_on": None if costing.signed_on is None else costing.signed_on.isoformat(),
        "template": costing.template,
        "reason_code": costing.reason_code,
        "reason": costing.reason,
    }


def _with_price() -> Select[Any]:
    present = (prices.c.costing_id == costings.c.id) & (prices.c.number == costings.c.price_number)
    kept = [prices.c[name] for name in ("pricing_date", "edition", "edition_sha256", "multiplier", "fingerprint", "total", "record")]
    return select(costings, *kept).join(prices, present)


_HERE = (costings.c.iras_id == bindparam("iras_id")) & ((costings.c.site_key == bindparam("site")) | (costings.c.ods_code == bindparam("site")))
# The limit stands in the words: where it is a parameter, SQLite thinks the question through anew each time it is asked.
# One that was reassigned may have a lower number than what the site had before, and is the one in work.
_IS_OVER: ColumnElement[bool] = literal_column(f"costings.state IN {_OVER}")
_OF_SITE = _with_price().where(_HERE).order_by(_IS_OVER, costings.c.number.desc()).limit(literal_column("1"))
_OF_SITE_TO_READ, _OF_SITE_TO_CHANGE = Question(_OF_SITE), _OF_SITE.with_for_update(of=costings)


def of_site(connection: Connection, iras_id: str, site: str, *, for_update: bool = False) -> SiteCosting | None:
    """The newest costing of a site, by its key or organisation code."""
    if for_update:
        row: Any = connection.execute(_OF_SITE_TO_CHANGE, {"iras_id": iras_id, "site": site}).first()
    else:
        row = _OF_SITE_TO_READ.row(connection, iras_id=iras_id, site=site)
    return None if row is None else _costing(row)


def one(connection: Connection, costing_id: str) -> SiteCosting | None:
    row = connection.execute(_with_price().where(costings.c.id == costing_id)).first()
    return None if row is None else _costing(row)


def of_study(connection: Connection, iras_id: str) -> list[SiteCosting]:
    """Every costing of the study by site, also those that are over: the site's newest comes last."""
    by_site = (costings.c.ods_code, _IS_OVER.desc(), costings.c.number)
    return [_costing(row) for row in connection.execute(_with_price().where(costings.c.iras_id == iras_id).order_by(*by_site))]


def every(connection: Connection) -> Iterator[SiteCosting]:
    """Every costing of every study, with its present price."""
    for row in connection.execute(_with_price().order_by(costings.c.iras_id, costings.c.number), execution_options={"yield_per": 500}):
        yield _costing(row)


def live_at(connection: Connection, iras_id: str, site_key: str) -> bool:
    """Whether the site has a costing that is not over."""
    where = (costings.c.iras_id == iras_id, costings.c.site_key == site_key, costings.c.state.not_in(_OVER))
    return connection.execute(select(costings.c.id).where(*where)).first() is not None


def repriceable_from_other_editions(connection: Connection, edition: str) -> list[SiteCosting]:
    """Every un-contracted costing of every study that was priced from another edition, in a fixed order.

    Their studies are locked first, as by everybody who changes a costing: who waits for the costing alone would be shown
    it as it is now beside the price that it had before.
    """
    states = [state for state in UNCONTRACTED if state != "escalated"]
    overtaken = _with_price().where(costings.c.state.in_(states), prices.c.edition != edition)
    theirs = studies.c.iras_id.in_(overtaken.with_only_columns(costings.c.iras_id))
    connection.execute(select(studies.c.iras_id).where(theirs).order_by(studies.c.iras_id).with_for_update())
    return [_costing(row) for row in connection.execute(overtaken.order_by(costings.c.iras_id, costings.c.ods_code, costings.c.number))]


def earlier_prices(connection: Connection, costing: SiteCosting) -> list[KeptPrice]:
    """Every price the costing ever had, oldest first."""
    rows = connection.execute(select(prices).where(prices.c.costing_id == costing.id).order_by(prices.c.number))
    return [_price(row, row.number) for row in rows]


@lru_cache(maxsize=10_000)
def _site(text: str) -> Site:
    """A site as it was kept. The same is read over and over, and to check it takes longer than to fetch it."""
    return Site.model_validate_json(text)


def _costing(row: Any) -> SiteCosting:
    return SiteCosting(
        id=row.id,
        iras_id=row.iras_id,
        number=row.number,
        version=row.version,
        site=_site(row.site),
        state=row.state,
        revision=row.revision,
        price=_price(row, row.price_number),
        former_code=row.former_code,
        shared_at=row.shared_at,
        accepted_by=row.accepted_by,
        signed_on=None if row.signed_on is None else date.fromisoformat(row.signed_on),
        template=row.template,
        reason_code=row.reason_code,
        reason=row.reason,
    )


def _price(row: Any, number: int) -> KeptPrice:
    return KeptPrice(
        number=number,
        pricing_date=date.fromisoformat(row.pricing_date),
        edition=row.edition,
        edition_sha256=row.edition_sha256,
        multiplier=row.multiplier,
        fingerprint=row.fingerprint,
        total=row.total,
        record=bytes(row.record),
    )


def keep_edition(connection: Connection, edition: TariffEdition) -> None:
    """Keep all an edition says, once, so that what it priced can be computed again when its folder is gone."""
    if connection.execute(select(editions.c.sha256).where(editions.c.sha256 == edition.sha256)).first() is None:
        connection.execute(insert(editions).values(sha256=edition.sha256, edition=edition.edition, content=edition_as_kept(edition)))


def kept(connection: Connection, edition_sha256: str) -> TariffEdition:
    """The edition that was kept under this hash, checked against it."""
    return edition_kept(connection.execute(select(editions.c.content).where(editions.c.sha256 == edition_sha256)).scalar_one())


def add_variation(connection: Connection, costing_id: str, variation: Variation) -> None:
    row = {name: getattr(variation, name) for name in Variation.__slots__}
    connection.execute(insert(variations), row | {"costing_id": costing_id})


def variations_of(connection: Connection, costing_id: str) -> list[Variation]:
    rows = connection.execute(select(variations).where(variations.c.costing_id == costing_id).order_by(variations.c.number))
    return [Variation(**{name: row._mapping[name] for name in Variation.__slots__}) for row in rows]
