"""Exact pounds: reading, the only rounding, and writing.

Figures of a tariff are ``Decimal`` (so that they print as written), amounts in the making are ``Fraction`` or
whole numbers of a small unit, and a finished price is a whole number of pence (``Pence``). No float anywhere.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction

Pence = int

_WIDE = Context(prec=60)  # exact() lets 30 digits in, and Decimal's usual 28 would round them
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.([0-9]+))?")
_MOST_DIGITS, _MOST_DECIMALS = 18, 12


def exact(text: str) -> Decimal:
    """A decimal number as written, exactly: ``1.0770`` keeps its last nought.

    Raises ValueError for anything but plain digits (no exponent, no thousands comma, no currency sign).

    >>> exact("131072.01")
    Decimal('131072.01')
    >>> exact("1e3")
    Traceback (most recent call last):
    ValueError: '1e3' is not a plain decimal number such as 1234.56
    """
    plain = _DECIMAL.fullmatch(text)
    if not plain:
        raise ValueError(f"{text!r} is not a plain decimal number such as 1234.56")
    if len(plain[1]) > _MOST_DIGITS:
        raise ValueError(f"{_brief(text)} is too large; Give a number of at most {_MOST_DIGITS} digits before the point")
    if len(plain[3] or "") > _MOST_DECIMALS:
        raise ValueError(f"{_brief(text)} has too many decimals; Give at most {_MOST_DECIMALS}")
    return Decimal(text)


def _brief(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."


def as_written(number: Decimal) -> str:
    """The digits of a tariff figure as they were written, never in exponent form.

    >>> as_written(Decimal("0.0000001"))
    '0.0000001'
    """
    return format(number, "f")


def decimals(number: Decimal) -> int:
    """How many decimal places the number is written with (0 for whole numbers)."""
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)  # exact() makes no NaN and no infinity
    return max(0, -exponent)


def in_units(number: Decimal, places: int) -> int:
    """The number as a whole count of 10**-places; ``places`` is at least its own decimals.

    >>> in_units(Decimal("40.56"), 4)
    405600
    >>> in_units(Decimal("123456789012345678.123456789012"), 12)
    123456789012345678123456789012
    """
    return int(number.scaleb(places, _WIDE)) if places else int(number)


@dataclass(frozen=True, slots=True)
class Rounding:
    """An edition's rounding: to pennies or whole pounds, half away from zero."""

    unit: Pence = 1

    @property
    def places(self) -> int:
        """Decimals of a printed price: 2 for pennies, 0 for whole pounds."""
        return 0 if self.unit == 100 else 2

    def apply(self, amount: Fraction) -> Pence:
        """The amount of pounds as pence, rounded once to the unit.

        >>> Rounding(1).apply(Fraction("68.685")), Rounding(100).apply(Fraction("2.5")), Rounding(1).apply(Fraction("-0.005"))
        (6869, 300, -1)
        """
        return self.ratio(amount.numerator, amount.denominator)

    def ratio(self, numerator: int, denominator: int) -> Pence:
        """``numerator / denominator`` pounds as pence; whole numbers only, so nothing can wrap or drift."""
        return self.each([numerator], denominator)[0] if numerator >= 0 else -self.each([-numerator], denominator)[0]

    def each(self, numerators: Iterable[int], denominator: int, factor: int = 1) -> tuple[Pence, ...]:
        """Many amounts of ``numerator x factor / denominator`` pounds, none negative, as pence: all prices of a site at once."""
        unit, half, hundredfold = self.unit, denominator * self.unit, 200 * factor
        whole = 2 * half
        return tuple([(hundredfold * numerator + half) // whole * unit for numerator in numerators])


def pounds(pence: Pence, places: int = 2) -> str:
    """Pence as text for files: ``123.45``; with ``places`` 0, whole pounds.

    >>> pounds(12345), pounds(-5), pounds(12300, 0)
    ('123.45', '-0.05', '123')
    """
    sign, digits = "-" if pence < 0 else "", abs(pence)
    return f"{sign}{digits // 100}" if places == 0 else f"{sign}{digits // 100}.{digits % 100:02d}"


def shown(pence: Pence, places: int = 2) -> str:
    """Pence as people read it: ``£1,234.56``.

    >>> shown(123456789), shown(-250)
    ('£1,234,567.89', '-£2.50')
    """
    whole, _, part = pounds(abs(pence), places).partition(".")
    return f"{'-' if pence < 0 else ''}£{int(whole):,}{'.' + part if part else ''}"


def shown_figure(number: Decimal) -> str:
    """A tariff figure in pounds as people read it, its decimals as written.

    >>> shown_figure(Decimal("1040.560"))
    '£1,040.560'
    """
    return f"£{number:,f}"


def shown_exact(amount: Fraction, places: int = 4) -> str:
    """An exact amount to a few decimals for people; ``…`` says that more follow. (The JSON has every digit.)

    >>> shown_exact(Fraction(1, 3)), shown_exact(Fraction("28.021")), shown_exact(Fraction(1199))
    ('0.3333…', '28.021', '1,199.00')
    """
    units, rest = divmod(amount.numerator * 10**places, amount.denominator)
    whole, part = divmod(units, 10**places)
    digits = f"{part:0{places}d}"
    return f"{whole:,}.{digits}…" if rest else f"{whole:,}.{digits[:2]}{digits[2:].rstrip('0')}"


def shown_percent(share: Decimal) -> str:
    """A share as per cent, exactly: 0.025 is 2.5%.

    >>> shown_percent(Decimal("0.70")), shown_percent(Decimal("0.025")), shown_percent(Decimal("0"))
    ('70%', '2.5%', '0%')
    """
    return f"{as_written((share * 100).normalize())}%"


def pence_of(text: str) -> Pence:
    """``"35.00"``, ``"35"`` or ``"35.5"`` as pence. Raises ValueError for more than two decimals.

    >>> pence_of("250000.37")
    25000037
    """
    number = exact(text)
    if decimals(number) > 2:
        raise ValueError(f"{text!r} has more than two decimals")
    return in_units(number, 2)


def exact_text(amount: Fraction) -> str:
    """An exact amount: a terminating decimal of at most 10 places, else the reduced ``n/d``.

    >>> exact_text(Fraction("108.756")), exact_text(Fraction(1, 3)), exact_text(Fraction(5))
    ('108.756', '1/3', '5')
    """
    if 10**10 % amount.denominator:
        return f"{amount.numerator}/{amount.denominator}"
    scaled = amount.numerator * (10**10 // amount.denominator)
    sign, digits = "-" if scaled < 0 else "", f"{abs(scaled):011d}"
    whole, part = digits[:-10], digits[-10:].rstrip("0")
    return f"{sign}{whole}.{part}" if part else f"{sign}{whole}"
