"""Which days are worked, held against the published calendars; what is not known is refused."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import pytest

from regengine.problems import ProblemError
from regengine.workdays import china, country, from_file


def days(month: int, *numbers: int) -> tuple[dt.date, ...]:
    return tuple(dt.date(2026, month, number) for number in numbers)


def test_the_spring_festival_of_2026() -> None:
    """15 to 23 February are days of rest; for them the Saturdays 14 and 28 February are worked. Sunday, 1 March is not."""
    calendar = china(dt.date(2026, 2, 9), dt.date(2026, 3, 1))
    assert calendar.working == days(2, 9, 10, 11, 12, 13, 14, 24, 25, 26, 27, 28)
    assert calendar.source.startswith("chinesecalendar 1.")


def test_the_national_day_of_2026() -> None:
    """1 to 7 October are days of rest; for them Sunday, 20 September and Saturday, 10 October are worked. 25 to 27 September is the Mid-Autumn Festival."""
    assert china(dt.date(2026, 9, 19), dt.date(2026, 9, 28)).working == days(9, 20, 21, 22, 23, 24, 28)
    assert china(dt.date(2026, 9, 29), dt.date(2026, 10, 11)).working == (*days(9, 29, 30), *days(10, 8, 9, 10))


def test_a_year_that_is_not_announced_is_refused() -> None:
    with pytest.raises(ProblemError) as caught:
        china(dt.date(2026, 12, 1), dt.date(2043, 1, 31))
    (problem,) = caught.value.problems
    assert problem.code == "calendar-unknown"
    assert problem.message.startswith("the working days of China are known from 2004 to 20")
    assert problem.hint is not None
    assert "give a file" in problem.hint


def test_a_week_of_illinois() -> None:
    """Independence Day of 2026 is a Saturday and is observed on Friday, 3 July."""
    calendar = country("US", dt.date(2026, 6, 29), dt.date(2026, 7, 5), "IL")
    assert calendar.working == (*days(6, 29, 30), *days(7, 1, 2))
    assert calendar.source.endswith(" US-IL")


def test_weekends_are_those_of_the_country() -> None:
    """In Saudi Arabia Friday and Saturday are days of rest, and Sunday is worked."""
    assert country("SA", dt.date(2026, 1, 8), dt.date(2026, 1, 12)).working == days(1, 8, 11, 12)


def test_china_by_its_letters_is_china() -> None:
    assert country("CN", dt.date(2026, 2, 9), dt.date(2026, 3, 1)) == china(dt.date(2026, 2, 9), dt.date(2026, 3, 1))


@pytest.mark.parametrize(
    ("code", "part", "year", "message"),
    [
        ("XX", None, 2026, "no country `XX` is known"),
        ("US", "ZZ", 2026, "`US` has no part `ZZ`"),
        ("US", None, 2200, "the holidays of `US` are known from "),
        ("SG", None, 2060, "the holiday of 2060-"),
    ],
)
def test_what_is_not_known_of_a_country_is_refused(code: str, part: str | None, year: int, message: str) -> None:
    with pytest.raises(ProblemError) as caught:
        country(code, dt.date(year, 1, 1), dt.date(year, 12, 31), part)
    (problem,) = caught.value.problems
    assert problem.code == "calendar-unknown"
    assert problem.message.startswith(message)


def test_no_days_are_refused() -> None:
    with pytest.raises(ProblemError, match=r"the last day 2026-01-01 is before the first day 2026-01-02 \[option-wrong\]"):
        china(dt.date(2026, 1, 2), dt.date(2026, 1, 1))


@pytest.mark.parametrize(("module", "package"), [("chinese_calendar", "chinesecalendar"), ("holidays", "holidays")])
def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch, module: str, package: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ProblemError) as caught:
        country("CN" if package == "chinesecalendar" else "US", dt.date(2026, 1, 1), dt.date(2026, 1, 2))
    (problem,) = caught.value.problems
    assert (problem.code, problem.message, problem.hint) == ("extra-missing", f"`{package}` is not installed", "pip install 'regengine[plan]'")


def written(folder: Path, text: str) -> Path:
    path = folder / "days.csv"
    path.write_text(text, "utf-8")
    return path


def test_a_file_says_which_days_are_worked(tmp_path: Path) -> None:
    path = written(tmp_path, "day,working\n2026-01-02,true\n2026-01-03,false\n2026-01-01,0\n2026-01-04,1\n")
    whole = from_file(path)
    assert (whole.first, whole.last, whole.working, whole.source) == (dt.date(2026, 1, 1), dt.date(2026, 1, 4), days(1, 2, 4), "days.csv")
    assert from_file(path, dt.date(2026, 1, 3), dt.date(2026, 1, 4)).working == days(1, 4)


def test_every_day_of_the_plan_stands_in_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "day,working\n2026-01-01,true\n2026-01-04,true\n")
    with pytest.raises(ProblemError, match=r"2 days from 2026-01-01 to 2026-01-04 have no row, the first is 2026-01-02 \[calendar-unknown\]"):
        from_file(path)


def test_all_wrong_rows_are_told_together(tmp_path: Path) -> None:
    path = written(tmp_path, "day,working\n2026-02-30,true\n2026-01-01,true\n2026-01-01,false\n2026-01-02,perhaps\n")
    with pytest.raises(ProblemError) as caught:
        from_file(path)
    assert [(problem.code, problem.place.row, problem.place.field) for problem in caught.value.problems] == [
        ("value-wrong", 1, "day"),
        ("value-wrong", 3, "day"),
        ("value-wrong", 4, "working"),
    ]


def test_a_file_without_its_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        from_file(written(tmp_path, "date,work\n2026-01-01,true\n"))
    assert [problem.code for problem in caught.value.problems] == ["column-missing", "column-missing"]
