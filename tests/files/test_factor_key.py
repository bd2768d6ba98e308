"""The key file of second factors: for its owner alone, never made twice, and what it seals opens in one place only."""

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ncvr.errors import InputError
from ncvr.files.factor_key import former_file, key_of, make_factor_key, read_factor_key, replace_factor_key

KEY, NONCE = bytes(range(32)), bytes(12)


def test_a_key_is_written_for_its_owner_alone_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "factors.key"
    made = make_factor_key(path, KEY)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert read_factor_key(path) == made
    assert list(path.parent.iterdir()) == [path]
    assert base64.b64encode(KEY).decode() not in repr(made)
    assert KEY.hex() not in repr(made)


def test_of_keys_made_at_once_the_first_counts_for_everybody(tmp_path: Path) -> None:
    path = tmp_path / "factors.key"
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda number: make_factor_key(path, bytes([number]) * 32), range(16)))
    assert len({key.id for key in made}) == 1
    assert read_factor_key(path) == made[0]


def test_a_key_that_another_replaced_lies_beside_it_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "factors.key"
    first = make_factor_key(path, KEY)
    second = replace_factor_key(path, bytes(32))
    assert read_factor_key(path) == second != first
    assert read_factor_key(path, first.id) == first
    assert sorted(tmp_path.iterdir()) == sorted([path, former_file(path, first.id)])
    assert {stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()} == {0o600}
    replace_factor_key(path, KEY)  # and back: what lies there already is the same
    assert replace_factor_key(path, bytes(range(1, 33))) == read_factor_key(path)
    assert read_factor_key(path, first.id) == first


@pytest.mark.parametrize("other", ["../factors.key", "0" * 13, "", "ABCDEF012345"])
def test_an_id_that_is_none_names_no_file(tmp_path: Path, other: str) -> None:
    (tmp_path / "keys").mkdir()
    key = make_factor_key(tmp_path / "keys" / "factors.key", KEY)
    make_factor_key(tmp_path / "keys" / "factors.key.0000000000000", bytes(32))
    assert read_factor_key(tmp_path / "keys" / "factors.key", other) == key


def test_what_is_sealed_opens_with_the_same_key_at_the_same_place_and_nowhere_else(tmp_path: Path) -> None:
    key, other = make_factor_key(tmp_path / "one.key", KEY), make_factor_key(tmp_path / "two.key", bytes(32))
    sealed = key.sealed("JBSWY3DPEHPK3PXP", "ann/1", NONCE)
    assert key.opened(sealed, "ann/1") == "JBSWY3DPEHPK3PXP"
    assert key_of(sealed) == key.id != other.id
    assert "JBSWY3DP" not in sealed
    for place in ("bob/1", "ann/2", "ann/"):
        with pytest.raises(InputError, match="altered, or belongs elsewhere"):
            key.opened(sealed, place)
    with pytest.raises(InputError, match=f"sealed with the key {key.id}, not {other.id}"):
        other.opened(sealed, "ann/1")


@pytest.mark.parametrize("place", range(0, 60, 7))
def test_a_sealed_secret_that_was_altered_does_not_open(tmp_path: Path, place: int) -> None:
    key = make_factor_key(tmp_path / "factors.key", KEY)
    start, _, content = key.sealed("JBSWY3DPEHPK3PXP", "ann/1", NONCE).rpartition(".")
    letter = "A" if content[place % len(content)] != "A" else "B"
    altered = content[: place % len(content)] + letter + content[place % len(content) + 1 :]
    with pytest.raises(InputError):
        key.opened(f"{start}.{altered}", "ann/1")


@pytest.mark.parametrize("text", ["", "JBSWY3DPEHPK3PXP", "v1", "v1.", "v1.x.y", "v2.a.b", "v1..AAAA"])
def test_what_is_not_sealed_is_not_taken_for_a_secret(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError):
        make_factor_key(tmp_path / "factors.key", KEY).opened(text, "ann/1")


def test_a_key_that_is_missing_short_or_for_others_to_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "factors.key"
    with pytest.raises(InputError, match="cannot be read"):
        read_factor_key(path)
    for content in (b"", b"short", b"not base64!", base64.b64encode(bytes(16))):
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(InputError):
            read_factor_key(path)
    path.write_bytes(base64.b64encode(KEY))
    path.chmod(0o640)
    with pytest.raises(InputError, match="other people on this machine can read this key"):
        read_factor_key(path)


def test_a_key_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="cannot be written"):
        make_factor_key(tmp_path / "file" / "factors.key", KEY)
