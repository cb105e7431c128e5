"""Unified social credit codes, the 18 characters by which China names an organisation (GB 32100-2015).

Characters 1 and 2 say which authority registered it and what it is, 3 to 8 (digits) where, 9 to 17 are the organisation's own
code, and the last one guards all others. Guarantees that a code which passes has this form and the check character of the
standard. Does not guarantee that anyone holds it, nor that its place exists, nor the inner check character of the
organisation's code (GB 11714), with which codes in use do not always agree.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

__all__ = ["ALPHABET", "check_character", "credit_code_ok", "is_credit_code"]

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I, O, S, V and Z, which look like 1, 0, 5, U and 2
LETTER = "[0-9A-HJ-NPQRTUWXY]"
FIRST_17 = f"{LETTER}{{2}}[0-9]{{6}}{LETTER}{{9}}"
WEIGHTS = tuple(pow(3, place, 31) for place in range(17))


def check_character(first_17: str) -> str:
    """The last character of the code that begins with these 17. Raises `ValueError` where they are not of the standard's form."""
    if not re.fullmatch(FIRST_17, first_17):
        raise ValueError(f"`{first_17[:60]}` is not the beginning of a credit code")
    return ALPHABET[-sum(weight * ALPHABET.index(letter) for weight, letter in zip(WEIGHTS, first_17, strict=True)) % 31]


def is_credit_code(text: str) -> bool:
    """Whether a text is a unified social credit code: capital letters, without blanks."""
    return bool(re.fullmatch(FIRST_17 + LETTER, text)) and check_character(text[:17]) == text[17]


def credit_code_ok(column: pl.Expr) -> pl.Expr:
    """Whether each text of a column is a credit code, as `is_credit_code` says; null where there is none.

    A million codes take some tenths of a second.
    """
    import polars as pl

    return column.cast(pl.String).map_batches(many_ok, return_dtype=pl.Boolean, is_elementwise=True)


def many_ok(texts: pl.Series) -> pl.Series:
    import numpy as np
    import polars as pl

    formed = texts.str.contains(f"^{FIRST_17}{LETTER}$")
    whole = texts.filter(formed)
    if not len(whole):
        return formed
    number = np.zeros(128, np.int64)
    number[np.frombuffer(ALPHABET.encode(), np.uint8)] = range(31)
    letters = number[np.frombuffer("".join(whole.to_list()).encode(), np.uint8)].reshape(-1, 18)
    right = letters @ np.array([*WEIGHTS, 1]) % 31 == 0  # the last character makes the weighted sum a multiple of 31
    made = np.zeros(len(texts), bool)
    made[np.flatnonzero(formed.fill_null(False).to_numpy())] = right
    return pl.Series(texts.name, made).zip_with(texts.is_not_null(), pl.Series([None], dtype=pl.Boolean).new_from_index(0, len(texts)))
