"""Canonical JSON: the same value always gives the same bytes."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncvr.domain.canonical import canonical_json, canonical_writer, sha256_of

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


def test_the_order_of_keys_does_not_matter() -> None:
    assert canonical_json({"a": 1, "b": {"d": 2, "c": 3}}) == canonical_json({"b": {"c": 3, "d": 2}, "a": 1})


def test_keys_are_sorted_by_utf16_code_unit_as_rfc_8785_asks() -> None:
    assert canonical_json({"\ufb33": 1, "\U0001f600": 2, "a": 3}).decode() == '{"a":3,"\U0001f600":2,"\ufb33":1}'


def test_text_is_escaped_as_rfc_8785_asks() -> None:
    assert canonical_json('€$\x0f\nA\'B"\\"/').decode() == '"€$\\u000f\\nA\'B\\"\\\\\\"/"'


def test_a_known_value_has_a_known_hash() -> None:
    value = {"edition": "2026-04-01", "prices": [{"id": "V1", "price": "123.45"}], "places": 2, "note": None}
    assert canonical_json(value) == b'{"edition":"2026-04-01","note":null,"places":2,"prices":[{"id":"V1","price":"123.45"}]}'
    assert sha256_of(value) == "sha256:24ffe94917781b523ab87d86c438dfe6927bb474d13bc08f13063a29e3f0a400"


@pytest.mark.parametrize("value", [1.5, [1.0], Decimal("1.5"), date(2026, 4, 1), b"bytes", {1: "a"}, {"a": {2.0}}])
def test_other_types_are_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical_json(value)
    with pytest.raises(TypeError):
        canonical_writer(["key"])({"key": value})


def test_a_whole_number_that_other_readers_would_lose_is_refused() -> None:
    assert canonical_json(2**53 - 1) == b"9007199254740991"
    with pytest.raises(ValueError, match="too large"):
        canonical_json(2**53)


def test_text_that_is_not_unicode_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        canonical_json("\ud800")


@given(st.dictionaries(st.text(), VALUES, min_size=1))
def test_many_objects_of_the_same_keys_are_written_as_each_would_be(value: dict[str, object]) -> None:
    assert canonical_writer(value)(value) == canonical_json(value)
    with pytest.raises(KeyError):
        canonical_writer([*value, "one more" * 10])(value)
