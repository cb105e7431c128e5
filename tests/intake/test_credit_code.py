"""Unified social credit codes: literal ones, the standard's arithmetic written a second time, and python-stdnum as a judge."""

from __future__ import annotations

import time

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regengine.intake.credit_code import ALPHABET, check_character, credit_code_ok, is_credit_code

uscc = pytest.importorskip("stdnum.cn.uscc", reason="python-stdnum is not installed")

LETTERS = st.sampled_from(ALPHABET)
FIRST_17 = st.tuples(st.text(LETTERS, min_size=2, max_size=2), st.integers(0, 999_999).map("{:06d}".format), st.text(LETTERS, min_size=9, max_size=9)).map(
    "".join
)

# worked out by hand: the numbers of the characters times 1 3 9 27 19 26 16 17 20 29 25 13 8 24 10 30 28, and 31 less the rest
RIGHT = [
    "000000000000000000",  # 0, and 31 less 0 is written 0
    "10000000000000000Y",  # 1·1 = 1 → 30
    "01000000000000000W",  # 1·3 = 3 → 28
    "000000000000000013",  # 1·28 = 28 → 3
    "A1000000000000000J",  # 10 + 3 = 13 → 18
    "91410100MA0000000T",  # see below
    "91110000600037341L",  # of python-stdnum's documentation
]
WRONG = [
    "", "0", "00000000000000000", "0000000000000000000", "10000000000000000X", "00000000000000001Y",
    "I0000000000000000Y", "10000000000000000y", "10000000000000000Y ", " 10000000000000000Y", "10000000000000000Y\n",
    "１0000000000000000Y", "河南河南河南", "00A000000000000000",
]  # fmt: skip


@pytest.mark.parametrize("code", RIGHT)
def test_right_codes(code: str) -> None:
    assert is_credit_code(code)


@pytest.mark.parametrize("code", WRONG)
def test_wrong_codes(code: str) -> None:
    assert not is_credit_code(code)


def test_a_code_worked_out_in_full() -> None:
    # 9 1 4 1 0 1 0 0 M=21 A=10 0 … 0: 9 + 3 + 36 + 27 + 0 + 26 + 0 + 0 + 20·21 + 29·10 = 811 = 26·31 + 5 → 26 = T
    assert ALPHABET[26] == "T"
    assert check_character("91410100MA0000000") == "T"


@pytest.mark.parametrize("text", ["", "9141010", "91410100MA000000I", "91410100MA0000000R", "9１410100MA0000000"])
def test_what_does_not_begin_a_code_has_no_check_character(text: str) -> None:
    with pytest.raises(ValueError, match="is not the beginning of a credit code"):
        check_character(text)


@given(FIRST_17)
def test_just_one_last_character_is_right(first: str) -> None:
    assert [letter for letter in ALPHABET if is_credit_code(first + letter)] == [check_character(first)]


@given(FIRST_17, st.integers(8, 16), LETTERS)
def test_one_wrong_character_is_always_noticed(first: str, place: int, letter: str) -> None:
    code = first + check_character(first)
    changed = code[:place] + letter + code[place + 1 :]
    assert is_credit_code(changed) == (changed == code)


@given(FIRST_17, LETTERS)
def test_stdnum_agrees_where_it_is_right(first: str, last: str) -> None:
    """python-stdnum wants digits in places 1 and 2 as well, where the standard has letters too (A1, N2, Y1): these are not compared."""
    digits = "91" + first[2:]
    for code in (digits + last, digits + check_character(digits)):
        assert uscc.is_valid(code) == is_credit_code(code)
    assert uscc.calc_check_digit(first) == check_character(first)


def test_a_letter_in_front_is_right_and_stdnum_says_no() -> None:
    code = "A1410100MA0000000" + check_character("A1410100MA0000000")
    assert is_credit_code(code)
    assert not uscc.is_valid(code)


@given(st.lists(st.none() | st.text(max_size=20) | FIRST_17 | FIRST_17.map(lambda first: first + check_character(first))))
def test_a_column_is_read_as_its_texts_are(texts: list[str | None]) -> None:
    frame = pl.DataFrame({"k": texts}, schema={"k": pl.String})
    assert frame.select(credit_code_ok(pl.col("k")))["k"].to_list() == [None if text is None else is_credit_code(text) for text in texts]


def test_a_million_codes_take_no_time_to_speak_of() -> None:
    lazy = pl.LazyFrame({"n": range(1_000_000)}).select(("91410100" + pl.col("n").cast(pl.String).str.zfill(10)).alias("k"))
    started = time.perf_counter()
    right = lazy.select(credit_code_ok(pl.col("k")).sum()).collect(engine="streaming").item()
    assert time.perf_counter() - started < 10
    assert 1_000_000 / 35 < right < 1_000_000 / 29  # one in 31, were digits spread as letters are
