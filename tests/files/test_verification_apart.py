"""A contract sent to the service is judged in a process of its own, and nothing it does there reaches the service."""

import sys
from datetime import date
from pathlib import Path

import pytest

from ncvr import settings
from ncvr.files.verification import child
from ncvr.files.verification.child import verify_apart
from tests.contracts import appendix, details, sample, sample_filler, site_price

DAY = date(2026, 6, 1)


def contract() -> bytes:
    price = site_price()
    return sample_filler().fill(appendix(price, details()), "RGT").content


def judged(content: bytes) -> tuple[str, str]:
    verdict = verify_apart(content, settings.templates_folder(), price=None, as_of=DAY)
    return verdict.verdict, verdict.words


def test_a_contract_is_judged_as_it_is_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def not_here(*_: object, **__: object) -> None:
        raise AssertionError("it was judged in this process")

    monkeypatch.setattr("ncvr.files.appendix_verifier.verify_contract", not_here)
    monkeypatch.setattr("ncvr.files.verification.child.verify_confined", not_here)
    assert judged(contract()) == ("cannot tell", "equal")


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x03\x04" + b"\0" * 1000, b"{}\n{}"], ids=repr)
def test_what_is_no_contract_cannot_be_judged(content: bytes) -> None:
    assert judged(content) == ("cannot tell", "not compared")


def test_a_child_that_breaks_off_is_no_verdict_and_no_fault_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    verdict = verify_apart(contract(), settings.templates_folder(), price=None, as_of=DAY)
    assert (verdict.verdict, verdict.says) == ("cannot tell", "The file cannot be judged: the check broke off")


def test_a_child_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "WAIT", 0.001)
    verdict = verify_apart(contract(), settings.templates_folder(), price=None, as_of=DAY)
    assert verdict.verdict == "cannot tell"
    assert "took longer" in verdict.says


def test_templates_that_are_not_there_make_every_contract_unknown(tmp_path: Path) -> None:
    assert sample().profile is not None
    assert verify_apart(contract(), tmp_path, price=None, as_of=DAY).verdict == "cannot tell"
