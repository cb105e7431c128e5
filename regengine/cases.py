"""The cases of a rulebook: enterprises whose decision is known, run and compared with what they expect.

A case fails on everything that differs, each said once, and on a case that cannot fail: a key of `expect` that means
nothing, or one that expects neither a grade nor a problem. What a case leaves out is not compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from .problems import CODES, ProblemError, nearest
from .rulebook.model import Case
from .rulebook.values import parse_ratio, parse_span

if TYPE_CHECKING:
    from .book import Book
    from .decision import Decision

__all__ = ["CaseResult", "run_cases"]

Expected = Mapping[str, object]
SINGLE, LISTS, FAULT = ("grade", "score", "grade_before", "graded_by"), ("reasons", "warnings"), ("problem", "fact")


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A case, whether it passed, and each difference as a line of text."""

    case: Case
    passed: bool
    differences: tuple[str, ...]


def run_cases(book: Book) -> tuple[CaseResult, ...]:
    """Run every case of a book, each under the law and with the facts of its own days.

    A case without `as_of` takes the day from which the rulebook is in force; one without `law_at` takes its `as_of`.
    """
    found = [(case, tuple(differences(book, case))) for case in book.cases]
    return tuple(CaseResult(case, not different, different) for case, different in found)


def differences(book: Book, case: Case) -> Iterator[str]:
    """What differs between a case's `expect` and what comes out."""
    as_of = case.as_of or book.rulebook.change_days[0]
    decision: Decision | None = None
    fault: ProblemError | None = None
    columns: frozenset[str] = frozenset()
    try:
        at = book.at(case.law_at or as_of)
        program = at.program if case.matter is None else at.ready_route(at.law, case.matter).routing.program
        columns = frozenset(output.name for output in program.outputs)
        decision = at.decide(case.facts, as_of=as_of) if case.matter is None else at.route(case.matter, case.facts, as_of=as_of).decision
    except ProblemError as error:
        fault = error
    yield from misuses(case.expect, columns)
    if "problem" in case.expect:
        yield from problem_differs(case.expect, decision, fault)
    elif fault is not None:
        yield from (f"expected a decision, got the problem {problem}" for problem in map(str, fault.problems))
    elif decision is not None:
        yield from decision_differs(case.expect, decision)


def misuses(expect: Expected, columns: frozenset[str]) -> Iterator[str]:
    """What keeps `expect` itself from meaning anything."""
    known = {*SINGLE, *LISTS, *FAULT, *columns}
    for key in expect:
        if key not in known and (columns or "problem" in expect):
            yield with_hint(f"`{key}` is nothing that can be expected", nearest(key, known))
        elif "problem" in expect and key not in FAULT:
            yield f"`{key}` cannot be expected together with `problem`"
    if "problem" not in expect and "grade" not in expect:
        yield "the case expects neither `grade` nor `problem`"
    if "fact" in expect and "problem" not in expect:
        yield "`fact` is expected only together with `problem`"


def problem_differs(expect: Expected, decision: Decision | None, fault: ProblemError | None) -> Iterator[str]:
    """Whether the one problem that is expected, and no other, came up."""
    code, fact = str(expect["problem"]), expect.get("fact")
    wanted = f"the problem `{code}`" + (f" of `{fact}`" if fact is not None else "")
    if code not in CODES:
        yield with_hint(f"`{code}` is not a problem code", nearest(code, CODES))
    elif decision is not None:
        yield f"expected {wanted}, got the grade `{decision.grade}`"
    elif fault is not None:
        meant = [problem for problem in fault.problems if problem.code == code and fact in (None, problem.place.field)]
        if not meant:
            yield f"expected {wanted}, got " + "; ".join(map(str, fault.problems))
        else:
            yield from (f"besides {wanted} there is {problem}" for problem in fault.problems if problem not in meant)


def decision_differs(expect: Expected, decision: Decision) -> Iterator[str]:
    """Each expected value that the decision does not have."""
    row = decision.columns()
    ids = {"reasons": [reason.rule for reason in decision.reasons], "warnings": [warning.id for warning in decision.warnings]}
    every = {"reasons": [rule.id for rule in decision.program.rules], "warnings": [warning.id for warning in decision.law.document.warnings]}
    for key, wanted in expect.items():
        if key in LISTS:
            yield from list_differs(key, wanted, ids[key], every[key])
        elif key in SINGLE:
            got = getattr(decision, key)
            if not same(wanted, got):
                grades = nearest(str(wanted), decision.order) if key in ("grade", "grade_before") and wanted not in decision.order else None
                yield with_hint(f"{key}: {apart(wanted, got)}", grades)
        elif key in row and not same(wanted, row[key]):
            yield f"{key}: {apart(wanted, row[key])}"


def list_differs(key: str, wanted: object, got: list[str], known: list[str]) -> Iterator[str]:
    """How a list of ids differs: what it lacks, what it has too much, or its order."""
    if not isinstance(wanted, list):
        yield f"{key}: expected {shown(wanted)}, which is not a list"
        return
    names = list(map(str, wanted))
    missing, extra = [name for name in names if name not in got], [name for name in got if name not in names]
    for name in missing:
        yield with_hint(f"{key}: `{name}` is missing", nearest(name, known) if name not in known else None)
    for name in extra:
        yield f"{key}: `{name}` is not expected"
    if not missing and not extra and names != got:
        yield f"{key}: expected in the order {', '.join(names)}, got {', '.join(got)}"


def same(wanted: object, got: object) -> bool:
    """Whether an expected value, as YAML writes it, is the value that came out."""
    if isinstance(wanted, bool) or isinstance(got, bool) or wanted is None or got is None:
        return wanted is got
    if isinstance(got, str):
        return text_of(wanted) == got
    if isinstance(got, int | Decimal):
        return isinstance(wanted, int | Decimal) and wanted == got
    # a float column holds the double nearest to an exact number: 2% is 0.02
    number = exact(wanted)
    return number is not None and float(number) == got


def exact(wanted: object) -> Fraction | None:
    if isinstance(wanted, int | Decimal):
        return Fraction(wanted)
    try:
        return parse_ratio(str(wanted))
    except ValueError:
        return None


def text_of(wanted: object) -> str:
    """An expected text as columns hold it: lists are joined, spans in their usual form."""
    if isinstance(wanted, list):
        return ", ".join(map(str, wanted))
    try:
        return str(parse_span(str(wanted)))
    except ValueError:
        return str(wanted)


def apart(wanted: object, got: object) -> str:
    """What was expected and what came out; where they look alike, that they are of different types."""
    alike = " of another type: are there quotes too many or too few?" if shown(wanted) == shown(got) else ""
    return f"expected {shown(wanted)}, got {shown(got)}{alike}"


def shown(value: object) -> str:
    if value is None:
        return "nothing"
    return f"`{str(value).lower() if isinstance(value, bool) else text_of(value)}`"


def with_hint(text: str, hint: str | None) -> str:
    return f"{text} ({hint})" if hint else text
