"""The forecast: literal days worked out by hand, and every day of three years against plain Python for generated enterprises."""

from __future__ import annotations

import datetime as dt
import doctest
import random
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import regengine as rg
from regengine.engines.single import days_of
from regengine.forecast import Forecast
from regengine.forecast.ranges import days_over, range_of
from regengine.program import expr as e
from regengine.program.evaluate import evaluate
from regengine.rulebook.values import EPOCH, months_before

Row = dict[str, Any]
REPAIR = rg.load("cn/credit-repair-2025")

HERE = Path(__file__).with_name("forecast.yaml")
AHEAD = rg.load(HERE)
TEXT = HERE.read_text("utf-8")
PENALTIES = {
    "enterprise": pl.String, "decided": pl.Date, "published": pl.Date, "repaired": pl.Date, "severity": pl.String, "fine": pl.Int64, "due": pl.Date,
}  # fmt: skip
VISITS = {"enterprise": pl.String, "day": pl.Date}


def written(folder: Path, text: str) -> rg.Book:
    path = folder / "ahead.yaml"
    path.write_text(text, encoding="utf-8")
    return rg.load(path)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def repair_register(*entries: tuple[str, str], **more: Any) -> dict[str, pl.DataFrame]:
    """Penalties of the enterprise `e` by day and class, for cn/credit-repair-2025."""
    rows = [{"enterprise": "e", "decided": day(decided), "severity": severity, "warning": False, **more} for decided, severity in entries]
    schema = {"enterprise": pl.String, "decided": pl.Date, "published": pl.Date, "repaired": pl.Date, "severity": pl.String, "warning": pl.Boolean}
    return {"penalties": pl.DataFrame(rows, schema=schema)}


def told(found: Forecast) -> list[tuple[str, str | None, str | None]]:
    return [(str(change.day), change.before, change.after) for change in found.changes]


def words(found: Forecast, lang: str = "en") -> list[list[str]]:
    return [[cause.text(lang) for cause in change.causes] for change in found.changes]


# by hand


@pytest.mark.parametrize(
    ("decided", "severity", "ends", "after"),
    [
        ("2025-11-30", "light", "2026-03-01", "3 months"),  # 28 February is the last day that has no later one three months before it
        ("2025-11-28", "light", "2026-02-28", "3 months"),
        ("2026-01-31", "light", "2026-05-01", "3 months"),
        ("2025-12-01", "light", "2026-03-01", "3 months"),
        ("2025-11-30", "general", "2026-11-30", "1 year"),
        ("2024-02-29", "serious", "2027-03-01", "3 years"),
        ("2023-02-28", "serious", "2026-02-28", "3 years"),
    ],
)
def test_a_penalty_lapses_on_its_day(decided: str, severity: str, ends: str, after: str) -> None:
    found = REPAIR.forecast({"enterprise": "e"}, repair_register((decided, severity)), as_of="2026-02-01")
    assert told(found) == [(ends, severity, "clear")]
    assert words(found) == [[f"Penalties: the entry of {decided} ({severity}) lapses after {after}"]]
    (cause,) = found.changes[0].causes
    assert (cause.kind, cause.register, str(cause.entry), cause.basis) == ("lapses", "penalties", decided, "published")
    assert [citation.source for citation in cause.citations] == ["decree-107", "opinions-2025"]
    assert [reason.rule for reason in found.changes[0].ended if reason.table == "grade"] == [f"grades.{severity}"]
    assert [reason.rule for reason in found.changes[0].began if reason.table == "grade"] == ["grades.otherwise"]


def test_classes_lapse_one_after_another_and_a_known_repair_comes_first() -> None:
    entries = repair_register(("2024-06-15", "serious"), repaired=day("2026-08-01"))["penalties"]
    entries = entries.vstack(repair_register(("2025-11-30", "general"), ("2026-10-15", "light"))["penalties"])
    found = REPAIR.forecast({"enterprise": "e"}, {"penalties": entries}, as_of="2026-01-10")
    assert told(found) == [("2026-08-01", "serious", "general"), ("2026-11-30", "general", "light"), ("2027-01-15", "light", "clear")]
    assert words(found, "zh") == [
        ["行政处罚：2024-06-15的记录（serious）按`repaired`终止"],
        ["行政处罚：2025-11-30的记录（general）满1年自动失效"],
        ["行政处罚：2026-10-15的记录（light）满3个月自动失效"],
    ]
    # on other days repair may be asked for, what is to come is there, and the last month begins
    others = {str(change.day): [reason.rule for reason in change.began] for change in found.others}
    assert others == {
        "2026-03-01": ["service.general"],
        "2026-10-15": ["service.light"],
        "2026-10-30": ["warnings.last_month"],
        "2026-12-15": ["warnings.last_month"],
    }


def test_an_entry_counts_from_the_day_on_which_it_becomes_known() -> None:
    found = REPAIR.forecast({"enterprise": "e"}, repair_register(("2026-01-05", "light"), published=day("2026-02-10")), as_of="2026-01-10")
    assert told(found) == [("2026-02-10", "clear", "light"), ("2026-04-05", "light", "clear")]
    assert words(found)[0] == ["Penalties: the entry of 2026-01-05 (light) becomes known"]


def test_days_that_were_given_pass_without_registers() -> None:
    found = REPAIR.forecast({"general_first": "2025-11-30", "general_last": "2025-11-30"}, as_of="2026-02-28")
    assert told(found) == [("2026-11-30", "general", "clear")]
    assert words(found) == [["Last general penalty that is not repaired: 2025-11-30: `general_shown` no longer holds"]]
    assert [str(change.day) for change in found.others] == ["2026-03-01", "2026-10-30"]
    assert found.fixed == ("general_first", "general_last")


def test_the_forecast_ends_with_its_last_day() -> None:
    register = repair_register(("2025-11-30", "general"))
    assert told(REPAIR.forecast({"enterprise": "e"}, register, as_of="2026-02-01", until="2026-11-29")) == []
    assert len(REPAIR.forecast({"enterprise": "e"}, register, as_of="2026-02-01", until="2026-11-30").changes) == 1
    assert REPAIR.forecast({}, as_of="2026-02-28").until == day("2029-02-28")
    assert REPAIR.forecast({}, as_of="2028-02-29").until == day("2031-02-28")


def test_a_change_of_the_law_that_is_enacted() -> None:
    facts = {"licence": "2026-06-30"}
    found = AHEAD.forecast(facts, as_of="2026-01-01")
    assert told(found) == [("2027-03-31", "A", "B")]
    assert words(found) == [["the law changes: the text of `xx/ahead` of 2027-03-31 applies"]]
    assert [(str(change.day), [cause.text() for cause in change.causes]) for change in found.others] == [
        ("2026-07-01", ["licence: 2026-06-30: `licence < as_of` now holds"]),
    ]
    pinned = AHEAD.at("2026-01-01").forecast(facts, as_of="2026-01-01")
    assert (told(pinned), pinned.law_at) == ([], day("2026-01-01"))


def test_a_rulebook_that_ends_grades_no_longer(tmp_path: Path) -> None:
    book = written(tmp_path, TEXT.replace("{from: 2020-01-01}", "{from: 2020-01-01, until: 2027-12-31}"))
    found = book.forecast({}, as_of="2026-01-01")
    assert told(found) == [("2028-01-01", "A", None)]
    assert [problem.code for problem in found.changes[0].problems] == ["not-in-force"]


def test_a_later_law_that_asks_for_more(tmp_path: Path) -> None:
    """Rows that a later law adds see facts of their own; one that must be known and was not given leaves the enterprise ungraded."""
    text = TEXT.replace("  opened:  {type: date, missing: unknown}\n", "  opened:  {type: date, missing: {2020-01-01: unknown, 2027-03-31: reject}}\n")
    book = written(tmp_path, text)
    assert told(book.forecast({}, as_of="2026-01-01")) == [("2027-03-31", "A", None)]
    assert told(book.forecast({"opened": "2020-01-01"}, as_of="2026-01-01")) == []


def test_a_table_of_which_not_one_row_holds_any_more(tmp_path: Path) -> None:
    rows = "rows: [{when: known(licence) and licence >= as_of, grade: A}, {when: known(opened) and opened <= as_of - months(18), grade: B}]"
    head, bands = TEXT.index("grades: {order"), TEXT.index("score: {is")
    book = written(tmp_path, TEXT[:bands] + "grades: {order: [A, B], hit: unique, " + rows + "}\n" + TEXT[head:].partition("\n")[2])
    found = book.forecast({"licence": "2026-06-30", "opened": "2025-02-28"}, as_of="2026-01-01")
    assert told(found) == [("2026-07-01", "A", None), ("2026-08-28", None, "B")]
    assert [problem.code for problem in found.changes[0].problems] == ["row-not-unique"]
    assert words(found)[1] == ["this no longer stands in the way of a grade: not exactly one row of the grades holds"]
    assert found.as_dict()["changes"][0]["problems"] == [{"code": "row-not-unique", "message": "not exactly one row of the grades holds"}]


def test_keys_that_are_numbers() -> None:
    register = repair_register(("2025-11-30", "general"))["penalties"].with_columns(enterprise=pl.lit(7, pl.Int32))
    assert told(REPAIR.forecast({"enterprise": 7}, {"penalties": register}, as_of="2026-02-01")) == [("2026-11-30", "general", "clear")]


def test_what_cannot_be_read_is_told() -> None:
    register = repair_register(("2025-11-30", "general"), ("2025-12-01", "grave"), ("2025-12-02", "grave"))
    found = REPAIR.forecast({"enterprise": "e"}, register, as_of="2026-02-01")
    assert found.rejected == {"penalties": {"fact-unknown-value: severity": 2}}


def test_pandas_and_text_registers_say_the_same() -> None:
    register = repair_register(("2025-11-30", "general"), ("2024-06-15", "serious"))
    other = register["penalties"].with_columns(enterprise=pl.lit("x"), decided=pl.lit(day("2026-01-20")))
    frame = register["penalties"].vstack(other)
    found = told(REPAIR.forecast({"enterprise": "e"}, {"penalties": frame}, as_of="2026-02-01"))
    assert found == [("2027-06-15", "serious", "clear")]
    native = pd.DataFrame({name: column.to_list() for name, column in zip(frame.columns, frame, strict=True)}).astype(
        {"decided": "datetime64[ms]", "published": "datetime64[ms]", "repaired": "datetime64[ms]", "warning": "bool", "enterprise": "str", "severity": "str"}
    )
    assert told(REPAIR.forecast({"enterprise": "e"}, {"penalties": native}, as_of="2026-02-01")) == found
    texts = frame.with_columns(pl.col("warning").cast(pl.String)).select(pl.all().cast(pl.String)).lazy()
    assert told(REPAIR.forecast({"enterprise": "e"}, {"penalties": texts}, as_of="2026-02-01", texts=["penalties"])) == found


@pytest.mark.parametrize(
    ("facts", "registers", "more", "code"),
    [
        ({}, {}, {"until": "2026-01-31"}, "option-wrong"),
        ({}, {}, {"until": "2026-02-30"}, "date-wrong"),
        ({"light": 1}, None, {}, "fact-unknown-name"),
        ({"light_last": "soon"}, None, {}, "fact-wrong-type"),
        ({"enterprise": "e"}, {}, {}, "register-missing"),
        ({"enterprise": "e"}, {"fines": None}, {}, "name-unknown"),
        ({}, {"penalties": None}, {}, "key-column"),
        ({"enterprise": "e", "light_last": "2026-01-01"}, {"penalties": None}, {}, "column-clash"),
        ({"enterprise": 7}, {"penalties": None}, {}, "column-wrong-type"),
    ],
)
def test_a_wrong_call(facts: Row, registers: Row | None, more: Row, code: str) -> None:
    tables = None if registers is None else dict.fromkeys(registers, repair_register()["penalties"])
    with pytest.raises(rg.ProblemError) as caught:
        REPAIR.forecast(facts, tables if tables or not more else None, as_of="2026-02-01", **more)
    assert code in [problem.code for problem in caught.value.problems]


def test_as_plain_data() -> None:
    found = REPAIR.forecast({"enterprise": "e"}, repair_register(("2025-11-30", "light")), as_of="2026-02-01").as_dict("zh")
    assert (found["enterprise"], found["grade"], found["as_of"], found["until"], found["law_at"]) == ("e", "light", "2026-02-01", "2029-02-01", None)
    assert found["changes"][0]["causes"][0]["words"] == "行政处罚：2025-11-30的记录（light）满3个月自动失效"
    assert found["changes"][0]["facts"] == {"light_last": ["2025-11-30", None]}
    assert found["assumed"].startswith("“无新情况”指：")


# what an expression can be over a stretch of days

NUMBERS = st.recursive(
    st.one_of(st.builds(e.Constant, st.integers(-5, 20)), st.just(e.Column("x")), st.sampled_from([e.AsOf(0, 0), e.AsOf(2, 0), e.AsOf(0, 30)])),
    lambda of: st.one_of(
        st.builds(lambda a, b: e.Add((a, b)), of, of),
        st.builds(e.Subtract, of, of),
        st.builds(e.Multiply, of, of),
        st.builds(lambda a, b: e.Least((a, b)), of, of),
        st.builds(lambda a, b: e.Greatest((a, b)), of, of),
        st.builds(lambda sign, a, b, c, d: e.First(((e.Compare(sign, a, b), c),), d), st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), of, of, of, of),
        st.builds(lambda a, b, c: e.First(((e.AllOf((e.Compare("<", a, b), e.Negate(e.OneOf(c, (3, 4))))), a),), c), of, of, of),
        st.builds(lambda a, b, c: e.First(((e.AnyOf((e.Compare("<", a, b), e.OneOf(b, (0, 1)))), c),), a), of, of, of),
        st.builds(lambda a, b: e.Quotient(e.Greatest((a, e.Constant(0))), e.Greatest((b, e.Constant(1)))), of, of),
    ),
    max_leaves=12,
)


@given(expr=NUMBERS, x=st.integers(-40, 40), first=st.integers(-60, 60), more=st.integers(0, 90))
def test_bounds_hold_on_every_day_and_meet_on_one(expr: e.Expr, x: int, first: int, more: int) -> None:
    days = (e.AsOf(0, 0), e.AsOf(2, 0), e.AsOf(0, 30))
    low, high = range_of(expr, {"x": (x, x)}, days_over(days, first, first + more))
    for number in range(first, first + more + 1):
        value = evaluate(expr, {"x": x}, days_of(days, EPOCH + dt.timedelta(number)))
        assert low <= value <= high
        assert range_of(expr, {"x": (x, x)}, days_over(days, number, number)) == (value, value)


# related enterprises

RELATED = """\
rulebook: xx/ties
edition: "1"
title: Ties
authority: Tests
in_force: {from: 2020-01-01}
audience: public
basis: illustrative
registers:
  listings:
    key: enterprise
    date: listed
    ended: removed
    columns: {kind: {type: category, values: [a, b], missing: a}}
    effect: {of: kind, longest: {a: 1 year, b: 2 years}}
  roles: {key: enterprise, other: person, date: since, ended: until}
facts:
  listed:  {type: boolean, missing: false, from: {any: listings, open: true}}
  related: {type: boolean, missing: false, from: {related: {by: roles, any: listed}}}
grades: {order: [A, B, C], rows: [{when: listed, grade: C}, {when: related, grade: B}, {otherwise: A}]}
"""


def test_what_happens_to_related_enterprises(tmp_path: Path) -> None:
    """`e` shares the person p with `f`, until 1 May 2027; what is listed of `f` lapses, and of others is of no matter."""
    book = written(tmp_path, RELATED)
    listings = pl.DataFrame(
        {
            "enterprise": ["f", "f", "x"],
            "listed": [day("2025-03-31"), day("2026-09-10"), day("2026-01-01")],
            "removed": [None, None, None],
            "kind": ["a", "b", "b"],
        },
        schema_overrides={"removed": pl.Date},
    )
    roles = pl.DataFrame({"enterprise": ["e", "f", "x"], "person": ["p", "p", "q"], "since": [day("2024-01-01")] * 3, "until": [day("2027-05-01"), None, None]})
    found = book.forecast({"enterprise": "e"}, {"listings": listings, "roles": roles}, as_of="2026-01-10")
    assert told(found) == [("2026-03-31", "B", "A"), ("2026-09-10", "A", "B"), ("2027-05-01", "B", "A")]
    assert words(found) == [
        ["listings: the entry of 2025-03-31 (a, f) lapses after 1 year"],
        ["listings: the entry of 2026-09-10 (b, f) begins to count"],
        ["roles: the entry of 2024-01-01 ends, as `until` says"],
    ]
    daily = list(worked_daily(book, {"listings": listings, "roles": roles}, ["e", "f", "x"], day("2026-08-20"), 30))
    assert daily == [("2026-09-10", "A", "B")]


def worked_daily(book: rg.Book, registers: Row, keys: list[str], first: dt.date, count: int) -> Iterator[tuple[str, str, str]]:
    """The changes of the first enterprise's grade, each day worked out with the whole tables."""
    before = None
    for number in range(count):
        now = first + dt.timedelta(number)
        grade = book.decide_frame(book.work_out(pl.DataFrame({"enterprise": keys}), registers, as_of=now).facts, as_of=now)["grade"][0]
        if before not in (None, grade):
            yield str(now), before, grade
        before = grade


# every day of three years against plain Python


def by_hand(entries: list[Row], visits: list[dt.date], now: dt.date) -> Row:
    """The facts of `forecast.yaml` on a day, as its YAML says them."""
    seen = [one for one in entries if one["decided"] <= now and (one["published"] or one["decided"]) <= now]
    longest = {"light": 3, "general": 12, "serious": 36}
    shown = [one for one in seen if not (one["repaired"] and one["repaired"] <= now) and one["decided"] > months_before(now, longest[one["severity"]])]
    half, two = ([one for one in seen if one["decided"] > months_before(now, months)] for months in (6, 24))
    gone = [one for one in visits if one <= now]
    return {
        "shown": len(shown),
        "fines": sum(one["fine"] for one in seen if one["decided"] > months_before(now, 12)),
        "recent": sum(one["severity"] != "light" and one["decided"] > now - dt.timedelta(45) for one in seen),
        "weighed": Decimal(len(two) + len(half)) / 2,
        "unpaid": sum(one["due"] is not None and one["due"] < now - dt.timedelta(30) for one in seen),
        "last": max((one["decided"] for one in seen if one["severity"] == "serious"), default=None),
        "since": (now - max(gone)).days if gone else None,
    }


def brute_force(book: rg.Book, given: Row, entries: list[Row], visits: list[dt.date], first: dt.date, last: dt.date) -> tuple[list[Any], set[str]]:
    """The changes of the grade and all the days on which a rule or a fact changes, from grading every single day."""
    changes: list[Any] = []
    days: set[str] = set()
    before: Any = None
    for number in range((last - first).days + 1):
        now = first + dt.timedelta(number)
        facts = {**given, **by_hand(entries, visits, now)}
        try:
            decision = book.decide(facts, as_of=now)
            state = (decision.grade, [(reason.rule, reason.points) for reason in decision.reasons], {name: facts[name] for name in facts if name != "since"})
        except rg.ProblemError:
            state = (None, [], {})
        if before is not None and state != before:
            days.add(str(now))
            if state[0] != before[0]:
                changes.append((str(now), before[0], state[0]))
        before = state
    return changes, days


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32))
@example(seed=7)
def test_no_day_is_missed_and_none_is_too_many(seed: int) -> None:
    draw = random.Random(seed)
    first = draw.choice([day("2025-03-31"), day("2026-02-28"), day("2024-02-29"), day("2026-11-01")])
    last = months_before(first, -36)
    some_day = lambda: first + dt.timedelta(draw.choice([0, 1, -1, -29, -30, -31, -90, -365, -366, -730, draw.randrange(-1200, 500)]))  # noqa: E731
    entries: list[Row] = []
    for _ in range(draw.randrange(7)):
        decided = some_day()
        entries.append({
            "enterprise": "e", "decided": decided, "published": draw.choice([None, decided, decided + dt.timedelta(draw.randrange(300))]),
            "repaired": draw.choice([None, None, decided + dt.timedelta(draw.randrange(700))]), "severity": draw.choice(["light", "general", "serious"]),
            "fine": draw.choice([0, 10, 15, 60]), "due": draw.choice([None, decided + dt.timedelta(draw.randrange(200))]),
        })  # fmt: skip
    visits = [some_day() for _ in range(draw.randrange(3))]
    given = {"licence": draw.choice([None, some_day()]), "opened": draw.choice([None, some_day()])}
    others = [{**one, "enterprise": "x"} for one in entries[:2]]
    registers = {
        "penalties": pl.DataFrame([*entries, *others], schema=PENALTIES),
        "visits": pl.DataFrame([{"enterprise": "e", "day": one} for one in visits], schema=VISITS),
    }
    if ungraded(AHEAD, given, entries, visits, first):
        with pytest.raises(rg.ProblemError):
            AHEAD.forecast({"enterprise": "e", **given}, registers, as_of=first)
        return
    expected, days = brute_force(AHEAD, given, entries, visits, first, last)
    found = AHEAD.forecast({"enterprise": "e", **given}, registers, as_of=first)
    assert told(found) == expected
    assert {str(change.day) for change in (*found.changes, *found.others)} == days
    assert not [change for change in found.changes if not change.causes and change.after is not None]


def ungraded(book: rg.Book, given: Row, entries: list[Row], visits: list[dt.date], now: dt.date) -> bool:
    try:
        book.decide({**given, **by_hand(entries, visits, now)}, as_of=now)
    except rg.ProblemError:
        return True
    return False


def test_the_page_says_what_is_true() -> None:
    text = (Path(__file__).parents[1] / "docs/forecast.md").read_text("utf-8")
    code = "\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL))
    test = doctest.DocTestParser().get_doctest(code, {}, "forecast.md", None, None)
    told: list[str] = []
    result = doctest.DocTestRunner(verbose=False).run(test, out=told.append)
    assert result.attempted > 5
    assert result.failed == 0, "".join(told)
