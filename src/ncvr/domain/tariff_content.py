"""What an edition says, as one JSON value: the value its hash is taken over."""

from ncvr.domain.canonical import sha256_of
from ncvr.domain.tariff import CatalogueActivity, TariffEdition, Uplift
from ncvr.money import as_written


def content_sha256(edition: TariffEdition) -> str:
    """``sha256:...`` over the edition's resolved content."""
    return sha256_of(edition_content(edition))


def edition_content(edition: TariffEdition) -> dict[str, object]:
    """Everything an edition says, figures as text exactly as written and rows by their key.

    Left out on purpose: ``based_on`` and the places of rows, since a table says the same whether it is written in full,
    as changes to another edition, or in another order of lines; and the lock, which speaks about the hash. The status is
    in: an edition that becomes ``checked`` is another content, so it is checked first and locked afterwards.
    """
    return {
        "format": "ncvr-edition/1",
        "edition": edition.edition,
        "title": edition.title,
        "status": edition.status,
        "published_on": edition.published_on.isoformat(),
        "in_force_from": edition.in_force_from.isoformat(),
        "currency": "GBP",
        "rounding": {"unit": "1" if edition.rounding.places == 0 else "0.01", "mode": "half_up"},
        "uplifts": {cost_class: _uplift(uplift) for cost_class, uplift in edition.uplifts.items()},
        "setup_and_closedown": {cost_class: _uplift(uplift) for cost_class, uplift in edition.setup_uplifts.items()},
        "amendment_pricing": edition.amendment_pricing,
        "sources": [{"title": source.title, "publisher": source.publisher, "date": source.date, "licence": source.licence} for source in edition.sources],
        **_figures(edition),
    }


def _figures(edition: TariffEdition) -> dict[str, object]:
    return {
        "staff_rates": {
            rate.role: {"title": rate.title, "hourly_rate": as_written(rate.hourly_rate), "source": rate.source} for rate in edition.staff_rates.values()
        },
        "staff_rate_derivation": {
            f"{step.role}/{step.step}": {"value": as_written(step.value), "unit": step.unit, "source": step.source} for step in edition.derivation
        },
        "items": {
            item.code: {
                "description": item.description,
                "department": item.department,
                "class": item.cost_class,
                "unit_cost": as_written(item.unit_cost),
                "source": item.source,
            }
            for item in edition.items.values()
        },
        "activities": {activity.code: _activity(activity) for activity in edition.activities.values()},
        "site_multipliers": {
            site.ods_code: {"name": site.name, "nation": site.nation, "multiplier": as_written(site.value), "basis": site.basis, "source": site.source}
            for site in edition.multipliers.values()
        },
    }


def _uplift(uplift: Uplift) -> dict[str, str]:
    return {"indirect": as_written(uplift.indirect), "capacity": as_written(uplift.capacity), "source": uplift.source}


def _activity(activity: CatalogueActivity) -> dict[str, object]:
    return {
        "name": activity.name,
        "type": activity.type,
        "department": activity.department,
        "resources": [
            {"role": line.role, "minutes": None if line.minutes is None else as_written(line.minutes), "item": line.item, "quantity": line.quantity}
            for line in activity.resources
        ],
        "source": activity.source,
    }
