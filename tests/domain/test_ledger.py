"""The chain of entries: what holds, and every way of bending it found."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncvr.domain.ledger import EMPTY, START, Change, Entry, anchors_of, check_chain, entry_after, entry_hash, head_of
from ncvr.errors import InputError, StoreError

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def chain(count: int, *, salts: int = 0) -> list[Entry]:
    entries: list[Entry] = []
    head = EMPTY
    for number in range(count):
        change = Change(operation="costing.lock", object=f"study/1004567/site/S{number}", revision=number, field="state", old="priced", new="locked")
        at = NOON + timedelta(seconds=number)
        salt = (number + salts).to_bytes(16, "big")
        entries.append(entry_after(head, change, at=at, actor="p-1", role="company_representative", correlation_id=f"c{number}", salt=salt))
        head = head_of(entries[-1])
    return entries


def test_a_chain_as_made_has_nothing_wrong_and_holds_its_own_heads_as_anchors() -> None:
    entries = chain(20)
    assert check_chain(entries, [entries[-1].hash, entries[3].hash]) == []
    assert check_chain([]) == []


def test_an_entrys_hash_is_over_a_zero_byte_its_salt_and_its_canonical_content() -> None:
    entry = chain(1)[0]
    content = {name: getattr(entry, name) for name in Entry.__slots__ if name not in ("salt", "hash")} | {"format": "ncvr-ledger/1"}
    plain = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    assert entry.hash == "sha256:" + hashlib.sha256(b"\0" + bytes(16) + plain).hexdigest() == entry_hash(entry)


@given(st.data())
def test_every_changed_field_is_found_and_the_entry_named(data: st.DataObject) -> None:
    entries = chain(8)
    at = data.draw(st.integers(0, 7))
    name = data.draw(st.sampled_from([field for field in Entry.__slots__ if field not in ("number", "revision")]))
    value = data.draw(st.text("0123456789abcdef", min_size=1, max_size=8))
    bent = replace(entries[at], **{name: value})  # type: ignore[arg-type]
    found = check_chain([*entries[:at], bent, *entries[at + 1 :]])
    assert found
    assert found[0].place == f"ledger entry {at + 1}"


@given(st.integers(0, 6), st.integers(0, 7))
def test_entries_taken_out_swapped_or_repeated_are_found(left: int, right: int) -> None:
    entries = chain(8)
    without = entries[:left] + entries[left + 1 :]
    assert check_chain(without)
    assert check_chain([*entries[: right + 1], *entries[right:]])
    if left != right:
        swapped = list(entries)
        swapped[left], swapped[right] = swapped[right], swapped[left]
        assert check_chain(swapped)


@pytest.mark.parametrize("value", [1.5, b"octets", None, 2**60])
@pytest.mark.parametrize("name", ["revision", "salt", "reason"])
def test_what_no_entry_was_ever_made_of_is_found_and_the_entry_named(name: str, value: Any) -> None:
    entries = chain(3)
    bent = replace(entries[1], **{name: value})
    assert "ledger entry 2" in [finding.place for finding in check_chain([entries[0], bent, entries[2]])]


@pytest.mark.parametrize("bend", [str.upper, lambda salt: f"{salt[:2]} {salt[2:]}", lambda salt: f"{salt}\n"])
def test_a_salt_that_is_written_otherwise_is_found_though_its_octets_are_the_same(bend: Callable[[str], str]) -> None:
    entries = chain(3, salts=0xABCDEF)
    bent = replace(entries[1], salt=bend(entries[1].salt))
    assert [finding.place for finding in check_chain([entries[0], bent, entries[2]])] == ["ledger entry 2"]


def test_a_cut_tail_and_a_rewritten_chain_are_found_by_one_anchor_and_by_nothing_else() -> None:
    entries, rewritten = chain(20), chain(20, salts=500)
    anchor = entries[-1].hash
    assert check_chain(entries[:-1]) == []
    assert check_chain(rewritten) == []
    for bent in (entries[:-1], rewritten):
        assert [finding.problem for finding in check_chain(bent, [anchor])] == [f"the anchor {anchor} is not in this ledger"]


def test_the_hash_before_the_first_entry_and_what_is_no_hash_are_no_anchors() -> None:
    """Every ledger would hold the first, and a word that is no hash would call each of them broken."""
    entries = chain(3)
    assert [finding.problem for finding in check_chain(entries, [START])] == [f"the anchor {START} is not in this ledger"]
    for none in (START, "hello", entries[0].hash.upper(), f"{entries[0].hash} "):
        with pytest.raises(InputError) as refused:
            anchors_of([entries[1].hash, none], "--anchor")
        assert [(finding.place, finding.remedy[:11]) for finding in refused.value.findings] == [("--anchor", "Give a head")]
    assert anchors_of([entries[1].hash, entries[0].hash, entries[1].hash], "--anchor") == (entries[1].hash, entries[0].hash)


@pytest.mark.parametrize(
    ("bent", "says"),
    [
        ({"number": 3}, "it follows entry 1; something was removed or added between them"),
        ({"previous_hash": "sha256:" + "0" * 64}, "it does not name the entry before it"),
        ({"at": "2026-06-01T11:00:00.000000Z"}, "its time 2026-06-01T11:00:00.000000Z lies before the entry before it"),
    ],
)
def test_an_entry_that_was_bent_and_hashed_anew_is_told_for_what_was_bent(bent: dict[str, Any], says: str) -> None:
    first, second = chain(2)
    forged = replace(second, **bent)
    forged = replace(forged, hash=entry_hash(forged))
    assert [finding.problem for finding in check_chain([first, forged])] == [says]


def test_the_same_change_with_another_salt_has_another_hash() -> None:
    assert chain(1)[0].hash != chain(1, salts=1)[0].hash


def test_a_clock_a_moment_behind_keeps_the_last_time_and_one_set_back_is_refused() -> None:
    head = head_of(chain(3)[-1])
    change = Change(operation="x", object="y")
    behind = NOON + timedelta(seconds=1)
    late = entry_after(head, change, at=behind, actor="p", role="auditor", correlation_id="c", salt=bytes(16))
    assert late.at == head.at
    with pytest.raises(StoreError, match="the clock says"):
        entry_after(head, change, at=NOON - timedelta(minutes=1), actor="p", role="auditor", correlation_id="c", salt=bytes(16))
