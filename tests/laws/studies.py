"""Random editions and studies for the laws: wide decimals, big amounts, every kind of payable."""

from typing import Any

from hypothesis import strategies as st

from ncvr.domain.tariff import CostClass

ROLES = ["consultant", "research_nurse", "pharmacist"]
CODES = ["ECG", "CT", "FEE"]
SITES = ["RGT", "RP4", "RK9"]


def decimal_text(whole: int, places: int, *, least: int = 0) -> st.SearchStrategy[str]:
    """A plain decimal up to ``whole``, with up to ``places`` decimals, of at least ``least`` in its last place."""
    return st.integers(0, places).flatmap(lambda used: st.integers(least, whole * 10**used).map(lambda units: _decimal(units, used)))


def _decimal(units: int, places: int) -> str:
    return f"{units // 10**places}.{units % 10**places:0{places}d}" if places else str(units)


def tariffs() -> st.SearchStrategy[dict[str, Any]]:
    """Keyword arguments of :func:`tests.editions.edition`: rates to 6 decimals, uplifts to 4, multipliers to 6."""
    share = decimal_text(1, 4)
    classes: list[CostClass] = ["staff_time", "investigation", "departmental"]
    shares = st.fixed_dictionaries({kind: st.tuples(share, share) for kind in classes})
    return st.fixed_dictionaries(
        {
            "staff": st.fixed_dictionaries({role: decimal_text(10_000, 6) for role in ROLES}),
            "items": st.fixed_dictionaries({code: st.tuples(decimal_text(1_000_000, 6), st.sampled_from(classes)) for code in CODES}),
            "multipliers": st.fixed_dictionaries({site: decimal_text(2, 6) for site in SITES}),
            "shares": shares,
            "setup_shares": st.one_of(st.none(), shares),
            "unit": st.sampled_from(["0.01", "1"]),
        }
    )


def resources() -> st.SearchStrategy[list[dict[str, Any]]]:
    minutes = st.one_of(st.integers(1, 10_080), decimal_text(600, 3, least=1))
    staff = st.fixed_dictionaries({"role": st.sampled_from(ROLES), "minutes": minutes, "quantity": st.integers(1, 50)})
    items = st.fixed_dictionaries({"item": st.sampled_from(CODES), "quantity": st.integers(1, 50)})
    return st.lists(st.one_of(staff, items), min_size=1, max_size=4)


@st.composite
def studies(draw: st.DrawFn) -> dict[str, Any]:
    """A study in the file's words, without sites' details: one to three arms, visits of both kinds, items, set-up."""
    arms = [draw(_arms(f"A{number}")) for number in range(draw(st.integers(1, 3)))]
    unscheduled = [{"id": f"U{number}", "name": "Unscheduled", "resources": draw(resources())} for number in range(draw(st.integers(0, 2)))]
    setup = [{"id": f"S{number}", "name": "Set-up", "resources": draw(resources())} for number in range(draw(st.integers(0, 2)))]
    return {"arms": arms, "unscheduled": unscheduled, "setup_and_closedown": setup, "sites": [{"ods_code": site, "target_participants": 7} for site in SITES]}


@st.composite
def _arms(draw: st.DrawFn, key: str) -> dict[str, Any]:
    visits = [f"V{number}" for number in range(draw(st.integers(1, 4)))]
    activities = [draw(_activities(f"{key}a{number}", visits)) for number in range(draw(st.integers(0, 5)))]
    shapes = [{"id": visit, "name": visit} | draw(_shapes()) for visit in visits]
    return {"id": key, "name": f"Arm {key}", "visits": shapes, "activities": activities}


def _shapes() -> st.SearchStrategy[dict[str, Any]]:
    conditional: dict[str, Any] = {"kind": "conditional", "when": "asked for"}
    plain: list[dict[str, Any]] = [{}, {"screening": True}, conditional]
    return st.sampled_from(plain)


@st.composite
def _activities(draw: st.DrawFn, key: str, visits: list[str]) -> dict[str, Any]:
    occurrences = draw(st.dictionaries(st.sampled_from(visits), st.integers(0, 30)))
    payment = draw(st.sampled_from(["visit", "visit", "visit", "item"]))
    return {"id": key, "name": key, "payment": payment, "resources": draw(resources()), "occurrences": occurrences}
