"""A reform over a population, against the same worked out by pandas alone, by hand, and by what must hold of every reform."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import regengine as rg
from regengine.check.against import against
from regengine.simulate.compare import Comparison, Costs, compare

RULES = Path(__file__).parent / "rules.yaml"
DAY = "2026-11-01"
COSTS = Costs(inspector=Fraction(2), enterprise=Fraction(3, 2))


@pytest.fixture(scope="module")
def book() -> rg.Book:
    return rg.load(RULES)


def reform(**entries: Any) -> rg.Reform:
    return rg.Reform(reform="change", over="test/simulate", basis="illustrative", **entries)


TIGHTER = reform(set={"grades.bands.A": "[0, 10)", "grades.bands.B": "[10, 50)"})
EARLIER = reform(set={"grades.bands": {"A": "[0, 20)", "B": "[20, 30)", "C": "[30, 120]"}, "indicators.all.items.late.points.1.give": 25})


def population(*rows: tuple[int, bool, bool], zones: tuple[str, ...] = ("east", "west")) -> pl.DataFrame:
    return pl.DataFrame(
        [(f"e{number}", *row, zones[number % len(zones)]) for number, row in enumerate(rows)],
        schema={"enterprise": pl.String, "penalties": pl.Int64, "late": pl.Boolean, "listed": pl.Boolean, "zone": pl.String}, orient="row",
    )  # fmt: skip


MANY = population(*((number % 11, number % 3 == 0, number % 7 == 0) for number in range(2000)), zones=("east", "west", "north", "south", "centre"))


# by pandas alone


def graded(frame: pd.DataFrame, first: int, second: int, late: int = 15) -> pd.Series:
    """The grade of each row, written from the rulebook's text and not with its engine."""
    score = (frame["penalties"] * 10).clip(upper=90) + frame["late"] * late
    grade = pd.Series("C", index=frame.index).mask(score < second, "B").mask(score < first, "A")
    return grade.mask(frame["listed"] & (grade == "A"), "B")


def visited(grades: pd.Series) -> dict[str, float]:
    """The visits a year by grade: 1 % of A once and 10 % of B twice, 5 % of those of A and B that are left, and each of C twice."""
    count = {grade: int((grades == grade).sum()) for grade in "ABC"}
    drawn = {"A": math.ceil(Fraction(1, 100) * count["A"]), "B": math.ceil(Fraction(10, 100) * count["B"])}
    rest = {grade: count[grade] - drawn[grade] for grade in "AB"}
    floor = math.ceil(Fraction(5, 100) * sum(rest.values()))
    more = {grade: floor * rest[grade] / sum(rest.values()) if sum(rest.values()) else 0.0 for grade in "AB"}
    return {"A": drawn["A"] + more["A"], "B": 2 * drawn["B"] + more["B"], "C": 2.0 * count["C"]}


def test_everything_equals_pandas(book: rg.Book) -> None:
    found = compare(book, TIGHTER, MANY, as_of=DAY, by=["zone"], costs=COSTS)
    frame = MANY.to_pandas()
    before, after = graded(frame, 20, 50), graded(frame, 10, 50)
    expected = pd.crosstab(before, after).reindex(index=list("ABC"), columns=list("ABC"), fill_value=0)
    assert found.matrix.to_numpy().tolist() == expected.to_numpy().tolist()
    assert found.shares.loc["A", "B"] == expected.loc["A", "B"] / expected.loc["A"].sum()
    for side, grades in (("before", before), ("after", after)):
        visits = visited(grades)
        assert found.workload.set_index("grade")[f"visits_{side}"].to_dict() == pytest.approx(visits)
        assert found.workload[f"inspector_hours_{side}"].sum() == pytest.approx(sum(visits.values()) * 2 * 2)
        assert found.workload[f"enterprise_hours_{side}"].sum() == pytest.approx(sum(visits.values()) * 1.5)
    fast_before, fast_after = int((before == "A").sum()), int((after == "A").sum())
    assert found.paths.to_numpy().tolist() == [["fast", fast_before, fast_after, 0, fast_before - fast_after], [
        "ordinary", 2000 - fast_before, 2000 - fast_after, fast_before - fast_after, 0]]  # fmt: skip
    saved = found.savings[found.savings["matter"] == "permit"].set_index("measure")
    assert saved["before"].to_dict() == {"working_days": 10 * fast_before, "steps": fast_before, "documents": fast_before, "visits": fast_before}
    assert saved["more"].to_dict()["working_days"] == 10 * (fast_after - fast_before)
    assert not found.savings[found.savings["matter"] == "renewal"]["before"].any()
    zones = pd.crosstab([frame["zone"], before], after)
    cells = found.groups["zone"].cells.dropna().set_index(["group", "before", "after"])["enterprises"]
    assert len(cells) and all(zones.loc[(group, one), two] == number for (group, one, two), number in cells.items())
    assert found.groups["zone"].figures["down"].sum() == int((before != after).sum())


def test_by_hand(book: rg.Book) -> None:
    rows = population((0, False, False), (1, False, False), (1, True, False), (4, True, False), (0, False, True), (9, True, True))
    found = compare(book, TIGHTER, rows, as_of=DAY)
    assert found.matrix.to_numpy().tolist() == [[1, 1, 0], [0, 2, 0], [0, 0, 2]]
    assert found.moves.to_numpy().tolist() == [["A", "B", "down", 1]]
    assert found.rules.to_numpy().tolist() == [["A", "B", "grades.A", "grades.B", 1]]
    assert found.moved == 1
    assert found.counted.graded == 6


# what moved them


def test_bands_that_share_an_edge_are_one_part(book: rg.Book) -> None:
    found = compare(book, TIGHTER, MANY, as_of=DAY)
    assert [part.paths for part in found.parts] == [("grades.bands.A", "grades.bands.B")]
    assert found.attribution["kind"].tolist() == ["alone"]


def test_alone_together_and_either(book: rg.Book) -> None:
    """25 late points and a C from 30: (0, late) has 25 after, B by the points alone; (1, late) has 25, then 35."""
    cases = {
        (0, True, False): ("alone", "indicators.all.items.late.points.1.give"),  # A by 15, B by 25; the bands change nothing for it
        (3, False, False): ("alone", "grades.bands"),  # 30: B, and C by the new bands
        (1, True, False): ("together", "grades.bands + indicators.all.items.late.points.1.give"),  # 25: B; 35 is B by the old bands, C by the new
    }
    for row, (kind, parts) in cases.items():
        found = compare(book, EARLIER, population(row), as_of=DAY)
        said = found.attribution[found.attribution["moved"] > 0]
        assert said[["kind", "parts", "down"]].to_numpy().tolist() == [[kind, parts, 1]]
    either = reform(
        add={"adjust": [{"id": "two", "when": "penalties >= 2", "at_best": "C"}]}, set={"grades.bands": {"A": "[0, 5)", "B": "[5, 20)", "C": "[20, 120]"}}
    )
    found = compare(book, either, population((2, False, False)), as_of=DAY)
    assert found.attribution[found.attribution["moved"] > 0][["kind", "down"]].to_numpy().tolist() == [["either", 1]]


def test_what_each_part_does_alone_and_last(book: rg.Book) -> None:
    rows = population((0, True, False), (3, False, False), (1, True, False))
    found = compare(book, EARLIER, rows, as_of=DAY).switches.set_index("part")
    assert found.loc["grades.bands", ["alone_down", "last_down"]].tolist() == [1, 2]  # alone: the 30; last, where late gives 25: the 35 too
    assert found.loc["indicators.all.items.late.points.1.give", ["alone_down", "last_down"]].tolist() == [1, 2]


# what must hold of every reform

PARTS = (
    {"set": {"grades.bands": {"A": "[0, 10)", "B": "[10, 40)", "C": "[40, 120]"}}},
    {"set": {"grades.bands": {"A": "[0, 35)", "B": "[35, 60)", "C": "[60, 120]"}}},
    {"set": {"indicators.all.items.late.points.1.give": 0}},
    {"set": {"indicators.all.items.penalties.each.give": 5}},
    {"set": {"inspection.by_grade.B.ratio": "50%"}},
    {"add": {"adjust": [{"id": "many", "when": "penalties > 3", "at_best": "C"}]}},
    {"remove": ["adjust.listed"]},
    {"set": {"adjust.listed.when": "listed and late"}},
)  # fmt: skip
rows_of = st.lists(st.tuples(st.integers(0, 12), st.booleans(), st.booleans()), min_size=1, max_size=40)


def together(chosen: list[int]) -> rg.Reform:
    made: dict[str, Any] = {"set": {}, "add": {}, "remove": []}
    for place in chosen:
        for kind, value in PARTS[place].items():
            made[kind] = [*made[kind], *value] if kind == "remove" else {**made[kind], **value}
    if "adjust.listed" in made["remove"]:
        made["set"].pop("adjust.listed.when", None)
    return reform(**made)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=rows_of, chosen=st.lists(st.integers(0, len(PARTS) - 1), unique=True, max_size=4))
def test_rows_are_todays_counts_and_the_attribution_adds_up(book: rg.Book, rows: list[tuple[int, bool, bool]], chosen: list[int]) -> None:
    table = population(*rows)
    found = compare(book, together(chosen), table, as_of=DAY, by=["zone"])
    now = book.decide_frame(table, as_of=DAY)["grade"].value_counts()
    assert found.matrix.sum(axis=1).to_dict() == dict.fromkeys("ABC", 0) | dict(now.iter_rows())
    assert found.attribution["moved"].sum() == found.moved == found.matrix.to_numpy().sum() - sum(found.matrix.loc[grade, grade] for grade in "ABC")
    assert (found.attribution["up"] + found.attribution["down"] == found.attribution["moved"]).all()
    assert found.groups["zone"].figures["enterprises"].sum() == len(rows)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=rows_of)
def test_the_empty_reform_moves_nobody(book: rg.Book, rows: list[tuple[int, bool, bool]]) -> None:
    found = compare(book, reform(), population(*rows), as_of=DAY, costs=COSTS)
    assert found.moved == 0
    assert not len(found.attribution) and not len(found.parts)
    assert (found.workload["visits_before"] == found.workload["visits_after"]).all()
    assert (found.savings["more"] == 0).all()


STRICTER = (
    {"set": {"grades.bands": {"A": "[0, 10)", "B": "[10, 50)", "C": "[50, 120]"}}},
    {"set": {"adjust.listed.at_best": "C"}},
    {"add": {"adjust": [{"id": "many", "when": "penalties > 3", "at_best": "C"}]}},
    {"set": {"indicators.all.items.late.points.1.give": 15, "grades.bands": {"A": "[0, 20)", "B": "[20, 45)", "C": "[45, 120]"}}},
)  # fmt: skip


@pytest.mark.parametrize("entries", STRICTER)
def test_what_is_proved_stricter_lifts_nobody(book: rg.Book, tmp_path: Path, entries: dict[str, Any]) -> None:
    written = tmp_path / "reform.yaml"
    written.write_text(reform(**entries).as_yaml(), encoding="utf-8")
    proved = next(aspect for aspect in against(RULES, written).periods[-1].aspects if aspect.what.en == "grade")
    assert proved.verdict == "stricter"
    found = compare(book, written, MANY, as_of=DAY)
    assert found.moves["direction"].unique().tolist() == ["down"]


# what comes in


@pytest.mark.parametrize("kind", ["lazy", "pandas", "parquet", "csv"])
def test_populations_of_every_kind(book: rg.Book, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"population.{kind}"
    if kind == "parquet":
        MANY.write_parquet(path)
    elif kind == "csv":
        MANY.write_csv(path)
    table = {"lazy": MANY.lazy(), "pandas": MANY.to_pandas()}.get(kind, path)
    assert compare(book, TIGHTER, table, as_of=DAY).matrix.equals(compare(book, TIGHTER, MANY, as_of=DAY).matrix)


def test_rows_that_cannot_be_graded_are_counted(book: rg.Book) -> None:
    found = compare(book, TIGHTER, population((1, False, False), (101, False, False), (2, True, True)), as_of=DAY)
    assert (found.counted.came_in, found.counted.graded, found.counted.rejected) == (3, 2, 1)
    assert found.matrix.to_numpy().sum() == 2


def codes(found: pytest.ExceptionInfo[rg.ProblemError]) -> list[tuple[str, str | None]]:
    return [(problem.code, problem.place.field or problem.place.path) for problem in found.value.problems]


def test_a_fact_that_only_the_reform_needs(book: rg.Book) -> None:
    needs = reform(add={"facts": {"debts": {"type": "integer", "min": 0, "missing": 0}}, "adjust": [{"id": "debts", "when": "debts > 3", "at_best": "C"}]})
    with pytest.raises(rg.ProblemError) as found:
        compare(book, needs, MANY, as_of=DAY)
    assert codes(found) == [("column-missing", "debts")]
    assert compare(book, needs, MANY, as_of=DAY, absent=["debts"]).moved == 0
    assert compare(book, needs, MANY.with_columns(debts=pl.lit(4)), as_of=DAY).matrix["C"].sum() == 2000


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ({"set": {"facts.penalties.missing": 3}}, ("reform-wrong", "penalties")),
        ({"set": {"grades.bands.Z": "[0, 20)"}}, None),
    ],
)
def test_reforms_that_cannot_be_compared(book: rg.Book, entries: dict[str, Any], code: tuple[str, str] | None) -> None:
    with pytest.raises(rg.ProblemError) as found:
        compare(book, reform(**entries), MANY, as_of=DAY)
    assert code is None or codes(found) == [code]


def test_a_reform_over_another_rulebook(book: rg.Book) -> None:
    with pytest.raises(rg.ProblemError) as found:
        compare(book, rg.Reform(reform="other", over="cn/henan-2022", set={"grades.bands.A": "[0, 10)"}), MANY, as_of=DAY)
    assert [problem.code for problem in found.value.problems] == ["reform-wrong"]


def test_a_column_that_is_not_there(book: rg.Book) -> None:
    with pytest.raises(rg.ProblemError) as found:
        compare(book, TIGHTER, MANY, as_of=DAY, by=["zones"])
    assert codes(found) == [("column-missing", "zones")]
    assert found.value.problems[0].hint == "did you mean `zone`?"


def test_a_reform_of_a_later_day_changes_nothing_today(book: rg.Book) -> None:
    later = reform(set={"inspection.by_grade.B.ratio": {"2027-01-01": "50%"}})
    now: Comparison = compare(book, later, MANY, as_of=DAY)
    assert (now.moved, now.idle, now.parts) == (0, ("inspection.by_grade.B.ratio",), ())
    then = compare(book.at("2027-01-01"), later, MANY, as_of=DAY)
    assert then.workload["visits_after"].sum() > then.workload["visits_before"].sum()
    assert then.switches["alone_visits"].tolist() == [then.workload["visits_after"].sum() - then.workload["visits_before"].sum()]
