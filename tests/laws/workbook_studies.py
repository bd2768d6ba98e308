"""Random legal studies with everything a study file can hold, and text that spreadsheets like to misread."""

from typing import Any
from unicodedata import category

from hypothesis import strategies as st

from tests.laws.studies import CODES, ROLES, SITES, decimal_text

NASTY = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\tTab", "007", "2026-01-15", "1/2", "1E5", "TRUE", "#N/A", "'quoted", "_x000D_", "_x005F_", "a\rb", "a\r\nb", "a\nb",
    " both ends ",
    "👩🏽‍⚕️ visit", "زيارة الفحص", "שלום", "é and e\u0301", "<b>&amp;</b>", "]]>", "ＦＵＬＬ　ｗｉｄｔｈ", "＝1+1", "x" * 32_000, "head:name", "end", "visit:V0",
]  # fmt: skip
SIGNS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")


def is_seen(text: str) -> bool:
    """Text that shows something: a file refuses what only looks empty."""
    return any(category(sign) not in ("Cc", "Cf", "Zl", "Zp", "Zs") and sign not in "\u115f\u1160\u2800\u3164\uffa0" for sign in text)


def texts() -> st.SearchStrategy[str]:
    """Any text a study may hold, often awkward."""
    return st.one_of(st.sampled_from(NASTY), st.text(SIGNS, min_size=1, max_size=12).filter(is_seen), st.sampled_from(["Visit", "Consent"]))


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


def minutes() -> st.SearchStrategy[Any]:
    return st.one_of(st.integers(1, 10_080), decimal_text(600, 3, least=1), st.just("0.123456789012"), st.just("10079.999999999999"))


def lines() -> st.SearchStrategy[list[dict[str, Any]]]:
    extra = optional(quantity=st.integers(1, 9_999), department=texts())
    staff = st.fixed_dictionaries({"role": st.sampled_from(ROLES), "minutes": minutes()})
    items = st.fixed_dictionaries({"item": st.sampled_from(CODES)})
    return st.lists(st.tuples(st.one_of(staff, items), extra).map(lambda pair: pair[0] | pair[1]), min_size=1, max_size=3)


def costed(key: str, *, drafts: bool) -> st.SearchStrategy[dict[str, Any]]:
    """What every activity has: resources, or a reason for having none."""
    reasons: list[st.SearchStrategy[dict[str, Any]]] = [
        lines().map(lambda resources: {"resources": resources}),
        texts().map(lambda reason: {"no_charge": reason}),
    ]
    if drafts:
        reasons += [texts().map(lambda reason: {"to_do": reason}), st.just({})]
    types = st.sampled_from(["visit", "procedure", "investigation", "pharmacy", "training", "other"])
    extra = optional(type=types, department=st.one_of(texts(), st.just("")), catalogue=texts(), protocol_ref=texts())
    return st.tuples(st.one_of(reasons), extra, texts()).map(lambda parts: {"id": key, "name": parts[2]} | parts[1] | parts[0])


@st.composite
def visits(draw: st.DrawFn, key: str) -> dict[str, Any]:
    repeat = st.tuples(texts(), optional(expected=st.integers(1, 99), max=st.integers(1, 99))).map(lambda pair: {"until": pair[0]} | pair[1])
    kinds: list[dict[str, Any]] = [{}, {"screening": True}, {"kind": "conditional", "when": "asked for"}]
    shape: dict[str, Any] = draw(st.sampled_from(kinds))
    return {"id": key, "name": draw(texts())} | shape | draw(optional(window=texts(), repeat=repeat))


@st.composite
def arms(draw: st.DrawFn, key: str, *, drafts: bool) -> dict[str, Any]:
    keys = [f"V{number}" for number in range(draw(st.integers(0 if drafts else 1, 4)))]
    activities: list[dict[str, Any]] = []
    for number in range(draw(st.integers(0, 4))):
        counts = draw(st.dictionaries(st.sampled_from(keys), st.integers(0, 9_999))) if keys else {}
        extra = draw(optional(when=texts(), max=st.integers(1, 9_999)))
        payment = {"payment": draw(st.sampled_from(["visit", "visit", "item"])), "occurrences": counts}
        activities.append(draw(costed(f"{key}.{number}", drafts=drafts)) | payment | extra)
    kinds: st.SearchStrategy[Any] = st.sampled_from(["sequence", "cohort"])
    shape: dict[str, Any] = draw(optional(kind=kinds, optional=st.booleans()))
    return {"id": key, "name": draw(texts())} | shape | {"visits": [draw(visits(visit)) for visit in keys], "activities": activities}


@st.composite
def legal_studies(draw: st.DrawFn, *, drafts: bool = True) -> dict[str, Any]:
    """A study in the file's words; with ``drafts`` it may lack identity, visits or resources."""
    keys = draw(st.lists(st.sampled_from(["A", "a", "B.1", "1", "unscheduled"]), min_size=0 if drafts else 1, max_size=3, unique=True))
    listed = [draw(arms(key, drafts=drafts)) for key in keys]
    repeats: bool = draw(st.booleans())
    if listed and repeats:
        listed.append({"id": "Same", "name": draw(texts()), "same_as": keys[0]})
    known = [arm["id"] for arm in listed]
    unscheduled = [draw(costed(f"U{at}", drafts=drafts)) | draw(optional(when=texts(), max=st.integers(1, 99))) for at in range(draw(st.integers(0, 2)))]
    for entry in unscheduled:
        entry["arm"] = draw(st.sampled_from([None, *known]))
    per = st.sampled_from(["once", "year", "month", "amendment", "visit", "event"])
    setup = [
        draw(costed(f"S{at}", drafts=drafts)) | draw(optional(trigger=texts(), per=per, expected=st.integers(1, 99))) for at in range(draw(st.integers(0, 2)))
    ]
    caps = st.sampled_from(["35.00", "35", "35.5", "0", "250000.37"])
    passed = [{"id": f"P{at}", "name": draw(texts())} | draw(optional(basis=texts(), cap=caps, per=texts())) for at in range(draw(st.integers(0, 2)))]
    identity: dict[str, Any] = {"title": draw(texts()), "sponsor": draw(texts()), "phase": "III"}
    if not drafts or draw(st.booleans()):
        identity["iras_id"] = "1004567"
    sites = [{"ods_code": site, "target_participants": 7, "principal_investigator": draw(texts())} for site in SITES[: draw(st.integers(0, 3))]]
    record: dict[str, Any] = {"study": identity, "sites": sites, "arms": listed, "unscheduled": unscheduled}
    return record | {"setup_and_closedown": setup, "pass_through": passed}
