"""Texts of a source turned into the texts that facts are read from: cleaned, replaced by a list, dates and units rewritten.

Guarantees: a text that no rule knows comes out as it went in, so that the fact that cannot be read from it is rejected with its
reason; numbers are moved by their decimal point as text, never as binary fractions; two ways to write a day are refused
together where one text could mean two days.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from .frame import ISO_DAY

if TYPE_CHECKING:
    import polars as pl

__all__ = ["DayFormat", "ambiguous", "clean_expr", "clean_text", "day_expr", "day_format", "replace_expr", "shift_expr", "text_expr"]

# full-width digits, letters, and the signs of numbers and days; the brackets and commas of Chinese texts are meant
NARROW: Mapping[str, str] = {chr(ord(char) + 0xFEE0): char for char in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-+/"}
MIDNIGHT = " 00:00:00"
TOKEN = re.compile(r"yyyy|mm|m|dd|d|[^0-9A-Za-z]")
WIDTHS = {"yyyy": (4, 4), "mm": (2, 2), "m": (1, 2), "dd": (2, 2), "d": (1, 2)}
NUMBER = r"^([+-]?)([0-9]{1,18})(?:\.([0-9]{1,18}))?$"


@dataclass(frozen=True, slots=True)
class DayFormat:
    """A way to write a day: its text, a pattern with a group for each part, and the parts (`yyyy`, `m`, …) in their order."""

    text: str
    pattern: str
    parts: tuple[str, ...]
    shape: tuple[tuple[str, int, int], ...]  # what stands between runs of digits, and how long a run may be


def day_format(text: str) -> DayFormat:
    """A format such as `yyyymmdd` or `yyyy年m月d日`; ` 00:00:00` may follow. Raises `ValueError` where it is none.

    `mm` and `dd` have two digits, `m` and `d` one or two; between one of those and the next part something has to stand.
    """
    body = text.removesuffix(MIDNIGHT)
    tokens = TOKEN.findall(body)
    parts = tuple(token for token in tokens if token in WIDTHS)
    if "".join(tokens) != body or sorted(part[0] for part in parts) != ["d", "m", "y"]:
        raise ValueError(f"`{text}` does not write a day: `yyyy`, `mm` or `m`, and `dd` or `d` once each, with signs between")
    pattern, shape, before = "^", [], ""
    for token in tokens:
        if token not in WIDTHS:
            pattern += re.escape(token)
            shape.append((token, 0, 0))
        else:
            low, high = WIDTHS[token]
            if before in WIDTHS and (high > low or WIDTHS[before] == (1, 2)):
                raise ValueError(f"in `{text}` it cannot be told where `{before}` ends and `{token}` begins")
            pattern += f"([0-9]{{{low},{high}}})"
            last = shape[-1] if shape else ("", 0, 0)
            if before in WIDTHS:
                shape[-1] = ("", last[1] + low, last[2] + high)
            else:
                shape.append(("", low, high))
        before = token
    tail = text[len(body) :]
    return DayFormat(text, f"{pattern}{tail}$", parts, (*shape, (tail, 0, 0)))


def ambiguous(formats: Iterable[DayFormat]) -> tuple[DayFormat, DayFormat] | None:
    """Two formats that read one text as two days, such as `mm/dd/yyyy` and `dd/mm/yyyy`; None where there are none."""
    for one, other in combinations(formats, 2):
        orders = [[part[0] for part in each.parts] for each in (one, other)]
        alike = len(one.shape) == len(other.shape) and all(a[0] == b[0] and a[1] <= b[2] and b[1] <= a[2] for a, b in zip(one.shape, other.shape, strict=True))
        if alike and orders[0] != orders[1]:
            return one, other
    return None


def text_expr(column: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    """A column as text, as a person would write its values; None for a type whose values have no such text."""
    import polars as pl

    if dtype == pl.String:
        return column
    if dtype.is_float():  # pandas keeps whole numbers as floats where some are missing
        return pl.when(column == column.round()).then(column.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(column.cast(pl.String))
    if isinstance(dtype, pl.Datetime):
        return column.dt.to_string("%Y-%m-%d %H:%M:%S%.f").str.strip_suffix(MIDNIGHT)
    simple = dtype.is_numeric() or dtype in (pl.Boolean, pl.Date, pl.Null) or isinstance(dtype, pl.Categorical | pl.Enum)
    return column.cast(pl.String) if simple else None


def clean_expr(column: pl.Expr, rules: Sequence[str]) -> pl.Expr:
    """Texts without blanks around them (`trim`; a text of blanks is no value) and in narrow characters (`full_width`)."""
    import polars as pl

    if "full_width" in rules:
        column = column.str.replace_many(list(NARROW), list(NARROW.values()))
    if "trim" in rules:
        column = column.str.strip_chars()
        column = pl.when(column != "").then(column)
    return column


def clean_text(text: str, rules: Sequence[str]) -> str:
    """One text, as `clean_expr` makes it."""
    if "full_width" in rules:
        text = "".join(NARROW.get(char, char) for char in text)
    return text.strip() if "trim" in rules else text


def replace_expr(column: pl.Expr, values: Mapping[str, str | None]) -> pl.Expr:
    """Texts by a list; one that is not in it stays."""
    import polars as pl

    return column.replace(pl.Series(list(values), dtype=pl.String), pl.Series(list(values.values()), dtype=pl.String))


def day_expr(column: pl.Expr, formats: Sequence[DayFormat]) -> pl.Expr:
    """Days as YYYY-MM-DD. A text of no format stays, and so does one that names no day of the calendar."""
    import polars as pl

    made = column
    for each in formats:
        group = {part[0]: ("0" if len(part) == 1 else "") + f"${{{number}}}" for number, part in enumerate(each.parts, 1)}
        day = column.str.replace(each.pattern, f"{group['y']}-{group['m']}-{group['d']}")
        read = day.str.contains(ISO_DAY)
        if {"m", "d"} & set(each.parts):  # month or day may have got a zero too many
            day = day.str.replace_all("-0([0-9]{2})", "-$1")
            read = column.str.contains(each.pattern) & day.str.contains(ISO_DAY)
        made = pl.when(read).then(day).otherwise(made)
    return made


def shift_expr(column: pl.Expr, places: int) -> pl.Expr:
    """Numbers times ten to the power of `places`, exact however many digits they have. What is no number stays."""
    import polars as pl

    sign, whole, part = (column.str.extract(NUMBER, group).fill_null("") for group in (1, 2, 3))
    if places >= 0:
        whole, part = whole + part.str.pad_end(places, "0").str.slice(0, places), part.str.slice(places)
    else:
        whole = whole.str.zfill(1 - places)
        whole, part = whole.str.head(places), whole.str.tail(-places) + part
    whole = whole.str.replace("^0+([0-9])", "$1")
    part = part.str.strip_chars_end("0")
    number = sign + whole + pl.when(part != "").then("." + part).otherwise(pl.lit(""))
    return pl.when(column.str.contains(NUMBER)).then(number).otherwise(column)
