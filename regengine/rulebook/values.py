"""Values that a rulebook writes as text: intervals, spans of time, ratios, exact numbers, dated values."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from .located import Located

__all__ = [
    "EPOCH", "BeforePromised", "Interval", "Span", "change_days", "day_number", "is_dated", "months_before", "parse_day", "parse_interval", "parse_ratio",
    "parse_span", "parse_within", "resolve", "window_start",
]  # fmt: skip

MOST_PLACES = 4
EPOCH = dt.date(1970, 1, 1)
NUMBER = r"[-+]?[0-9]+(?:\.[0-9]+)?"
BOUNDED = re.compile(rf"([\[(])\s*({NUMBER})\s*,\s*({NUMBER})\s*([\])])")
ONE_SIDED = re.compile(rf"(<=|<|>=|>)\s*({NUMBER})")
SPAN = re.compile(r"([0-9]{1,5}) (working days|working day|days|day|months|month|years|year)")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Interval:
    """A set of numbers between two ends; an end that is None is open to infinity."""

    low: Fraction | None
    high: Fraction | None
    with_low: bool
    with_high: bool
    text: str

    def __str__(self) -> str:
        return self.text

    @property
    def empty(self) -> bool:
        """Whether no number lies inside."""
        if self.low is None or self.high is None:
            return False
        return self.low > self.high or (self.low == self.high and not (self.with_low and self.with_high))

    def within(self, places: int, low: Fraction, high: Fraction) -> tuple[int, int] | None:
        """The first and last scaled integer inside, for numbers of `places` decimals in `[low, high]`; None if there is none."""
        scale = 10**places
        first, last = _ceil(low * scale), _floor(high * scale)
        if self.low is not None:
            edge = self.low * scale
            first = max(first, _ceil(edge) if self.with_low or edge != _ceil(edge) else _ceil(edge) + 1)
        if self.high is not None:
            edge = self.high * scale
            last = min(last, _floor(edge) if self.with_high or edge != _floor(edge) else _floor(edge) - 1)
        return (first, last) if first <= last else None


def _ceil(number: Fraction) -> int:
    return -((-number.numerator) // number.denominator)


def _floor(number: Fraction) -> int:
    return number.numerator // number.denominator


def places_of(number: Decimal | int) -> int:
    """How many decimal places a number needs."""
    return len(f"{Decimal(number):f}".partition(".")[2].rstrip("0"))


def parse_interval(text: str) -> Interval:
    """An interval as written: `[a, b)`, `<= a`, `a`, and so on. Raises ValueError with the reason."""
    text = str(text).strip()
    if found := BOUNDED.fullmatch(text):
        left, low, high, right = found.groups()
        made = Interval(Fraction(low), Fraction(high), left == "[", right == "]", text)
    elif found := ONE_SIDED.fullmatch(text):
        sign, end = found[1], Fraction(found[2])
        made = Interval(None, end, False, sign == "<=", text) if sign[0] == "<" else Interval(end, None, sign == ">=", False, text)
    elif re.fullmatch(NUMBER, text):
        made = Interval(Fraction(text), Fraction(text), True, True, text)
    else:
        raise ValueError(f"`{text}` is not an interval")
    if made.empty:
        raise ValueError(f"`{text}` holds no number")
    return made


@dataclass(frozen=True, slots=True)
class Span:
    """A span of time: a count of days, working days, months or years."""

    count: int
    unit: str  # day, working day, month, year

    def __str__(self) -> str:
        return f"{self.count} {self.unit}{'' if self.count == 1 else 's'}"

    @property
    def months(self) -> int | None:
        """The span in whole calendar months, where it is one."""
        return {"month": self.count, "year": 12 * self.count}.get(self.unit)


@dataclass(frozen=True, slots=True)
class BeforePromised:
    """A span that ends so many working days before the promised time, and is no longer than `at_most`."""

    at_most: Span
    before_promised: Span

    def __str__(self) -> str:
        return f"{self.before_promised} before the promised time, at most {self.at_most}"

    def days(self, promised: int) -> int:
        """The working days that a promised time leaves; 0 where it leaves none."""
        return max(0, min(promised - self.before_promised.count, self.at_most.count))


def parse_span(text: str) -> Span:
    """`30 days`, `12 months`, `2 years`, `20 working days`. Raises ValueError."""
    found = SPAN.fullmatch(str(text).strip())
    if not found:
        raise ValueError(f"`{text}` is not a span of time")
    return Span(int(found[1]), found[2].removesuffix("s"))


def parse_within(text: str) -> Span | BeforePromised:
    """A span of time, or one before the promised time as it is written in results. Raises ValueError."""
    before, found, most = str(text).partition(" before the promised time, at most ")
    return BeforePromised(parse_span(most), parse_span(before)) if found else parse_span(text)


def parse_ratio(text: str) -> Fraction:
    """`2%`, `2.5%`, `1/3`, `0` or `1` as an exact fraction in [0, 1]. Raises ValueError."""
    text = str(text).strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?%", text):
        ratio = Fraction(text[:-1]) / 100
    elif re.fullmatch(r"[0-9]+/[1-9][0-9]*|[01]", text):
        ratio = Fraction(text)
    else:
        raise ValueError(f"`{text}` is not a ratio")
    if ratio > 1:
        raise ValueError(f"`{text}` is more than the whole")
    return ratio


def parse_day(text: object) -> dt.date:
    """A day written as YYYY-MM-DD. Raises ValueError."""
    if isinstance(text, dt.date) and not isinstance(text, dt.datetime):
        return text
    if not isinstance(text, str) or not DAY.fullmatch(text):
        raise ValueError(f"`{text}` is not a day written as YYYY-MM-DD")
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"`{text}` is not a real day") from None


def day_number(day: dt.date) -> int:
    """Whole days since 1970-01-01, the form of every date inside a program."""
    return (day - EPOCH).days


def months_before(day: dt.date, months: int) -> dt.date:
    """The same day of the month `months` calendar months earlier; a day that month lacks becomes its last day."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    if year < 1:
        raise ValueError(f"{months} months before {day} is before the year 1")
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def window_start(as_of: dt.date, span: Span) -> int:
    """The day number of the last day before the window of `span` that ends with `as_of`."""
    if span.months is not None:
        return day_number(months_before(as_of, span.months))
    return day_number(as_of) - span.count


# dated values


def is_dated(at: Located) -> bool:
    """Whether a mapping is a dated value: all its keys are written as days."""
    return isinstance(at.value, dict) and bool(at.value) and all(DAY.fullmatch(key) for key in at.value)


def change_days(root: Located) -> list[tuple[str, Located]]:
    """Every day on which a dated value changes, as written, with the dated value that has it."""
    found: list[tuple[str, Located]] = []
    waiting = [root]
    while waiting:
        at = waiting.pop()
        if is_dated(at):
            found.extend((key, at) for key, _ in at)
        waiting.extend(_below(at))
    return sorted(found, key=lambda pair: pair[0])


def _below(at: Located) -> Iterable[Located]:
    if isinstance(at.value, dict):
        return at.value.values()
    return at.value if isinstance(at.value, list) else ()


def resolve(at: Located, law_at: dt.date, path: tuple[str | int, ...] = ()) -> tuple[Located, list[tuple[str | int, ...]]]:
    """`at` with each dated value replaced by the one in force on `law_at`, and the paths of those not yet in force.

    A day without a value ends what stood there: from then on it is as if it had not been written.
    """
    early: list[tuple[str | int, ...]] = []
    if is_dated(at):
        assert isinstance(at.value, dict)
        day = law_at.isoformat()
        in_force = [key for key in at.value if key <= day]
        if not in_force:
            return at, [path]
        return resolve(at.value[max(in_force)], law_at, path)
    if isinstance(at.value, dict):
        made: dict[str, Located] = {}
        for key, below in at.value.items():
            one, more = resolve(below, law_at, (*path, key))
            early += more
            if not ended(below, one):
                made[key] = one
        return replace(at, value=made), early
    if isinstance(at.value, list):
        items: list[Located] = []
        for index, below in enumerate(at.value):
            one, more = resolve(below, law_at, (*path, index))
            early += more
            if not ended(below, one):
                items.append(one)
        return replace(at, value=items), early
    return at, early


def ended(at: Located, in_force: Located) -> bool:
    """Whether a dated value has no value any more, or none yet."""
    return at is not in_force and in_force.value is None
