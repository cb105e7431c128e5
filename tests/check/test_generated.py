"""Rulebooks that nobody wrote: what is said of all enterprises holds of those that are run, and nothing that is found is wrong.

A row that is said to be out of reach is reached by none of them, a condition that always holds holds of all, and every
witness is graded as it is said to be.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from regengine.check.check import Checked, check
from regengine.problems import ProblemError

from ..conformance.form import load_schemes
from ..conformance.generate import AS_OF, generated, people

SEEDS, GROUP, PEOPLE = 10, 5, 150


def reached(checked: Checked, rows: list[dict[str, object]]) -> tuple[set[tuple[str | int, ...]], set[str]]:
    """The places of the rules that some of the enterprises reach, and the grades that some of them get."""
    paths: set[tuple[str | int, ...]] = set()
    grades: set[str] = set()
    for row in rows:
        try:
            decision = checked.book.decide(row, as_of=AS_OF)
        except ProblemError:
            continue  # some are unfit on purpose
        paths |= {rule.path for rule in decision.rules}
        grades.add(decision.grade)
    return paths, grades


@pytest.mark.parametrize("start", range(0, SEEDS, GROUP))
def test_what_is_said_of_all_holds_of_some(start: int, tmp_path: Path) -> None:
    seen: set[str] = set()
    for seed in range(start, start + GROUP):
        draw = Random(seed)
        made = generated(draw, f"g{seed}")
        book = load_schemes(made.rulebooks, tmp_path)[made.name].book
        checked = check(book.rulebook.file, timeout=2)
        law = book.rulebook.at(AS_OF)
        paths, grades = reached(checked, people(draw, made, PEOPLE))
        for finding in checked.report.findings:
            if finding.since != law.since:
                continue  # of another period than the one in which the enterprises are graded
            match finding.code:
                case "rule-unreached" if finding.path[:2] != ("grades", "matrix"):
                    assert finding.path not in paths, (seed, finding.message.en)
                case "grade-unreached":
                    assert law.document.grades.order[int(finding.path[-1])] not in grades, seed
                case "condition-never" if finding.message.en == f"`{law.conditions[finding.path].source}` never holds":
                    assert finding.path[:-1] not in paths, (seed, finding.message.en)
            seen.add(finding.code)
            for one in finding.witness:
                if one.grade is not None:
                    assert checked.book.decide(one.facts, as_of=one.as_of).grade == one.grade, seed
    assert seen & {"rule-unreached", "grade-unreached", "condition-never"}
