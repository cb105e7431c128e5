"""Every case of every file, on every engine; and that the cases reach every form that a program can take."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import regengine as rg
from regengine.problems import CODES
from regengine.program import expr as e

from . import naive
from .engines import ENGINES, KEY, Engine, Split, Table, naive_rows
from .form import Case, CaseFile, Refusal, Scheme, load_schemes, read_cases

FILES = read_cases()
RUNS = [pytest.param(name, engine, id=f"{engine}-{name}") for engine in ENGINES for name in FILES]


@pytest.mark.parametrize(("file", "engine"), RUNS)
def test_cases(file: str, engine: str, schemes: dict[str, Scheme], request: pytest.FixtureRequest) -> None:
    if engine == "durable":
        request.getfixturevalue("durable_rules")
    assert list(differences(FILES[file], ENGINES[engine], schemes, engine)) == []


@pytest.mark.xdist_group("spark")
def test_cases_on_pyspark(spark_engine: Engine, schemes: dict[str, Scheme]) -> None:
    """All files at once, in the process in which Spark is."""
    everything = CaseFile(about="all", as_of=dt.date.min, rulebooks=[{}], cases=[dated(case, file) for file in FILES.values() for case in file.cases])
    assert list(differences(everything, spark_engine, schemes, "pyspark")) == []


def dated(case: Case, file: CaseFile) -> Case:
    return case.model_copy(update={"as_of": case.as_of or file.as_of})


def differences(file: CaseFile, engine: Engine, schemes: dict[str, Scheme], name: str) -> Iterator[str]:
    """What an engine says otherwise than the cases; they are run together where rulebook and days are the same."""
    batches: dict[tuple[Any, ...], list[Case]] = defaultdict(list)
    for case in (dated(case, file) for case in file.cases):
        facts = schemes[case.rulebook].book.at(law_at(case)).facts if in_force(schemes[case.rulebook], case) else {}
        texts = not all(fits(facts[fact].type, value) for fact, value in case.facts.items() if fact in facts)
        batches[case.rulebook, law_at(case), case.as_of, texts].append(case)
    for (rulebook, law_day, as_of, texts), cases in batches.items():
        scheme = schemes[rulebook]
        if not in_force(scheme, cases[0]):
            yield from (f"{case.case}: expected {case.expect_problem}, got not-in-force" for case in cases if code_of(case) != "not-in-force")
            continue
        book = scheme.book.at(law_day)
        rows = [{KEY: case.case, **{fact: python_value(book, fact, value) for fact, value in case.facts.items()}} for case in cases]
        if texts and name == "pandas":
            with pytest.raises(rg.ProblemError, match="frame-unsupported"):
                engine(scheme, Table(book.facts, rows, texts), law_day, as_of)
            continue
        split = engine(scheme, Table(book.facts, rows, texts), law_day, as_of)
        for case in cases:
            yield from (f"{rulebook}, {case.case}: {difference}" for difference in case_differs(case, split, book, name))


def law_at(case: Case) -> dt.date:
    day = case.law_at or case.as_of
    assert day is not None
    return day


def in_force(scheme: Scheme, case: Case) -> bool:
    """Whether there is law on the day of a case; there is no other fault that a day can have."""
    try:
        scheme.book.at(law_at(case))
    except rg.ProblemError as error:
        return {problem.code for problem in error.problems} != {"not-in-force"}
    return True


def code_of(case: Case) -> str | None:
    return case.expect_problem.code if case.expect_problem else None


def fits(kind: str, value: Any) -> bool:
    """Whether a column of the fact's type can hold the value; rows with others are given as a table of texts."""
    match kind:
        case _ if value is None:
            return True
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int)
        case "decimal":
            return isinstance(value, int | Decimal)
        case "date":
            return day_of(value) is not None
        case _:
            return isinstance(value, str)


def day_of(text: Any) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def python_value(book: rg.Book, fact: str, value: Any) -> Any:
    """A day as a date, everything else as it was read."""
    return (day_of(value) or value) if fact in book.facts and book.facts[fact].type == "date" and isinstance(value, str) else value


def case_differs(case: Case, split: Split, book: rg.Book, engine: str) -> Iterator[str]:
    if case.expect_problem is not None:
        wanted = f"{case.expect_problem.code}: {case.expect_problem.field or 'grades'}"
        told = split.rejects.get(case.case)
        if code_of(case) == "fact-unknown-name" and engine not in ("naive", "single", "durable"):
            assert told is None, "a column of no fact is the user's own"
        elif told != {wanted}:
            yield f"expected {wanted}, got {sorted(told) if told else 'a decision'}"
        return
    assert case.expect is not None
    if case.case in split.rejects:
        yield f"expected a decision, got {sorted(split.rejects[case.case])}"
        return
    row = next(row for row in split.graded.iter_rows(named=True) if row[KEY] == case.case)
    yield from (f"{key}: expected {wanted!r}, got {row[key]!r}" for key, wanted in columns_of(case, row) if not same(wanted, row[key]))
    if case.expect.reasons is not None and (got := reasons(book, row)) != case.expect.reasons:
        yield f"reasons: expected {case.expect.reasons}, got {got}"


def columns_of(case: Case, row: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The columns that a case expects, with their values."""
    assert case.expect is not None
    for key in ("grade", "graded_by", "score", "facts_filled"):
        wanted = getattr(case.expect, key)
        if wanted is not None:
            yield key, wanted
        elif key == "score" and "score" in case.expect.model_fields_set:
            assert "score" not in row, "a rulebook without a score has no such column"
    yield from case.expect.outputs.items()


def same(wanted: Any, got: Any) -> bool:
    """Whether a value of a column is the expected one: of a number, the double nearest to it."""
    if isinstance(wanted, Decimal) or (isinstance(got, float) and isinstance(wanted, int) and not isinstance(wanted, bool)):
        return not isinstance(got, bool) and isinstance(got, int | float) and float(Fraction(wanted)) == got
    return type(wanted) is type(got) and bool(wanted == got)


def reasons(book: rg.Book, row: dict[str, Any]) -> list[str]:
    """The reasons of a row, read from its bits as docs/columns.md says."""
    hit = [rule for rule in book.program.rules if row[f"reasons_{rule.word}"] & rule.mask]
    return [rule.id for rule in hit if rule.table in ("grade", "adjust") or (rule.table == "points" and rule.gives != 0)]


EXPECTING = [(dated(case, file)) for file in FILES.values() for case in file.cases if case.expect is not None]


@pytest.mark.parametrize("case", EXPECTING, ids=lambda case: f"{case.rulebook}: {case.case}")
def test_what_only_one_enterprise_is_told(case: Case, schemes: dict[str, Scheme]) -> None:
    """The grade before adjustments, the points, and the exact score: of a decision, and of the naive interpreter."""
    scheme, day, expect = schemes[case.rulebook], law_at(case), case.expect
    assert case.as_of is not None
    assert expect is not None
    book = scheme.book.at(day)
    decision = book.decide(case.facts, as_of=case.as_of)
    [(_, answer)] = naive_rows(scheme, Table(book.facts, [{KEY: "x", **case.facts}]), day, case.as_of)
    assert isinstance(answer, naive.Answer)
    assert decision.grade_before == answer.grade_before == (expect.grade_before or answer.grade_before)
    assert [reason.rule for reason in decision.reasons] == answer.reasons
    assert sorted(rule.id for rule in decision.rules) == sorted(answer.rules)
    assert decision.families == {name: points for name, points in answer.points.items() if "." not in name}
    for name, wanted in expect.points.items():
        assert answer.points[name] == wanted
        step = decision.trace.number(f"points.{name}" if "." in name else f"family.{name}")
        assert Fraction(step, 10**book.law.point_places) == wanted
    assert decision.score == answer.score
    if expect.score is not None:
        assert decision.score == expect.score


# rulebooks that must not load

REFUSALS = [(file, refusal) for file in FILES.values() for refusal in file.refusals]


@pytest.mark.parametrize(("file", "refusal"), REFUSALS, ids=[refusal.refused for _, refusal in REFUSALS])
def test_rulebooks_that_are_refused(file: CaseFile, refusal: Refusal, tmp_path: Path) -> None:
    """With one thing put into it that does not hold, a rulebook does not load, and that fault is told and no other."""
    rulebook = next(one for one in file.rulebooks if one["rulebook"] == refusal.rulebook)
    for path, value in refusal.put.items():
        rulebook = put(rulebook, path.split("/"), value)
    with pytest.raises(rg.ProblemError) as caught:
        load_schemes([rulebook], tmp_path)
    assert {problem.code for problem in caught.value.problems} == {refusal.code}


def put(plain: Any, path: list[str], value: Any) -> Any:
    """Plain data with one value in another's place; a value of nothing takes the key away."""
    head, *rest = path
    if isinstance(plain, list):
        return [put(below, rest, value) if rest and str(index) == head else value if str(index) == head else below for index, below in enumerate(plain)]
    if not rest and value is None:
        return {key: below for key, below in plain.items() if key != head}
    return {**plain, head: put(plain.get(head, {}), rest, value) if rest else value}


# what the cases reach


@cache
def programs() -> list[Any]:
    """The compiled programs of every rulebook of the cases, on every day of law that a case asks for."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        schemes = load_schemes([rulebook for file in FILES.values() for rulebook in file.rulebooks], Path(folder))
        days = {(case.rulebook, law_at(case)) for case in EXPECTING}
        return [schemes[name].book.at(day).program for name, day in sorted(days)]


def test_there_are_enough_cases_and_each_has_its_own_name() -> None:
    names = Counter((case.rulebook, case.case) for file in FILES.values() for case in file.cases)
    assert max(names.values()) == 1
    assert len(names) >= 150


def test_every_kind_of_expression_is_reached() -> None:
    kinds = {type(part) for program in programs() for step in program.steps for part in e.walk(step.expr)}
    assert kinds == set(e.Expr.__args__)


def test_every_form_of_the_format_is_reached() -> None:
    documents = [program.law.document for program in programs()]
    items = [item for document in documents for family in document.indicators.values() for item in family.items.values()]
    assert {form for item in items for form in ("points", "bins", "each") if getattr(item, form) is not None} == {"points", "bins", "each"}
    assert {family.total for document in documents for family in document.indicators.values()} == {"sum", "max", "min"}
    grades = [document.grades for document in documents]
    assert {(form, grade.hit) for grade in grades for form in ("bands", "rows", "matrix") if getattr(grade, form) is not None} == {
        ("bands", "first"), ("rows", "first"), ("rows", "unique"), ("matrix", "first"),
    }  # fmt: skip
    forms = ("grade", "at_best", "at_worst", "worse_by", "better_by", "stop_at", "final")
    assert {form for document in documents for rule in document.adjust for form in forms if getattr(rule, form)} == set(forms)
    facts = {(spec.type, spec.missing) for program in programs() for spec in program.facts}
    assert facts == {(kind, missing) for kind in ("boolean", "integer", "decimal", "category", "date", "code") for missing in ("reject", "fill", "unknown")}
    assert {program.law.score.places for program in programs() if program.law.score} >= {0, 1, 2, 3}
    assert {program.law.document.score.clip for program in programs() if program.law.document.score} == {True, False}


def test_every_kind_of_column_is_reached() -> None:
    outputs = [output for program in programs() for output in program.outputs]
    kinds = {(output.type, output.values is not None, None in (output.values or ())) for output in outputs}
    looked_up = {(kind, True, absent) for kind in ("integer", "number", "text", "boolean") for absent in (True, False)}
    assert kinds == looked_up | {("integer", False, False), ("number", False, False), ("boolean", False, False)}
    columns = {output.name for output in outputs}
    keys = ("ratio_at_least", "ratio_at_most", "visits_at_least", "visits_at_most", "visits_per", "every", "manner", "initiative")
    inspection = {f"inspection_{key}" for key in keys}
    service = {f"service_{key}" for key in ("path", "decision", "skip", "waive", "visits", "working_days", "supplement_within", "check_after")}
    assert inspection | service <= columns


def test_every_rule_that_refuses_an_enterprise_is_reached() -> None:
    codes = {code for file in FILES.values() for case in file.cases if (code := code_of(case))}
    assert codes == {
        "fact-missing", "fact-wrong-type", "fact-unknown-value", "fact-out-of-range", "fact-unknown-name", "row-not-unique", "not-in-force",
    }  # fmt: skip
    assert {refusal.code for _, refusal in REFUSALS} <= set(CODES)


def test_every_row_of_every_rulebook_is_hit_by_some_case(schemes: dict[str, Scheme]) -> None:
    hit: dict[str, set[str]] = defaultdict(set)
    for case in EXPECTING:
        assert case.as_of is not None
        hit[case.rulebook] |= {rule.id for rule in schemes[case.rulebook].book.at(law_at(case)).decide(case.facts, as_of=case.as_of).rules}
    missed = {name: {rule.id for rule in schemes[name].book.program.rules} - ids for name, ids in hit.items()}
    missed["xx/many"] = {rule for rule in missed["xx/many"] if not rule.startswith("points.n.")}
    # what never holds, on purpose
    never = {"xx/always": {"service.never"}, "xx/one-row": {"grades.A"}, "xx/conditions": {"points.always.otherwise"}, "xx/constant-left": {"grades.1"}}
    assert {name: rules for name, rules in missed.items() if rules} == never
