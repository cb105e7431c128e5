"""What the parts of a rulebook mean together: names, types, ranges, tables without gap or overlap, citations.

Sections are read in the order in which they are evaluated, and none sees a later one; so there are no circles to look
for. All faults are collected; a `Law` comes out only where there are none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from ..conditions import Boolean, Number, Text
from ..problems import Problem, nearest
from .declared import OWN_COLUMNS, RESERVED
from .law import Law, Steps
from .located import Located, dotted
from .model import Document
from .outcomes import Path
from .parts import say
from .scored import Scoring
from .values import BeforePromised

__all__ = ["understand"]


def understand(
    document: Document, root: Located, file: str, *, uses: Mapping[str, Law], digest: str, since: dt.date, blind: frozenset[str] = frozenset()
) -> tuple[Law | None, tuple[Problem, ...]]:
    """The law of a document, or everything that keeps it from being one."""
    reading = Meaning(document, root, file, uses, blind)
    reading.read()
    if reading.problems:
        return None, tuple(reading.problems)
    law = Law(
        document=document,
        file=file,
        digest=digest,
        conditions=MappingProxyType(reading.conditions),
        bases=MappingProxyType(reading.bases),
        facts=MappingProxyType(reading.facts),
        terms=MappingProxyType(reading.terms),
        may_be_unknown=frozenset(reading.unknown),
        point_places=reading.point_places,
        families=MappingProxyType(reading.families),
        score=reading.score,
        uses=MappingProxyType(dict(uses)),
        since=since,
    )
    return law, ()


class Meaning(Scoring):
    """Reads a whole document, section by section in the order in which they are evaluated."""

    def read(self) -> None:
        self.read_names()
        self.read_sources()
        self.read_registers()
        self.read_facts()
        self.read_uses()
        self.read_terms()
        self.read_indicators()
        self.read_score()
        if self.score is not None:
            self.visible["score"] = self.score
        self.read_grades()
        self.visible["grade"] = Text(self.order, "grade")
        self.read_adjust()
        for index, text in enumerate(self.document.always):
            self.condition(text, ("always", index))
        self.read_outcomes()
        self.read_columns()
        self.read_cases()

    def read_grades(self) -> None:
        grades = self.document.grades
        path: Steps = ("grades",)
        if len(set(self.order)) < len(self.order):
            self.note("name-duplicate", "a grade is listed twice", (*path, "order"))
        for grade in grades.labels:
            self.grade(grade, (*path, "labels", grade), key=True)
        if grades.bands is not None:
            for grade in grades.bands:
                self.grade(grade, (*path, "bands", grade), key=True)
                self.origin((*path, "bands", grade), grades)
            if self.document.score is None:
                if "score" not in self.blind:
                    self.note("key-missing", "`bands` need a `score`", (*path, "bands"))
            elif self.score is not None:
                self.cover(grades.bands.items(), self.score, (*path, "bands"))
        elif grades.rows is not None:
            self.rows(grades.rows, (*path, "rows"), ends=grades.hit == "first", alone=grades.hit == "unique")
            self.row_ids(enumerate(grades.rows), (*path, "rows"))
            for index, row in enumerate(grades.rows):
                self.grade(row.gives, (*path, "rows", index, "grade" if row.grade else "otherwise"))
                self.origin((*path, "rows", index), row, grades)
                if grades.hit == "unique" and row.when is None:
                    self.note("row-order", "`hit: unique` has no `otherwise`", (*path, "rows", index))
        elif grades.matrix is not None:
            self.read_matrix((*path, "matrix"))
            self.origin((*path, "matrix"), grades)

    def read_matrix(self, path: Steps) -> None:
        matrix = self.document.grades.matrix
        assert matrix is not None
        for name, side in (("across", matrix.across), ("down", matrix.down)):
            node = self.condition(side.of, (*path, name, "of"), None)
            if node is None:
                continue
            values = [v if not isinstance(v, Decimal) or v % 1 else int(v) for v in side.values]
            match node.type:
                case Text(values=known) if known is not None:
                    whole: set[object] = set(known)
                case Boolean():
                    whole = {True, False}
                case Number(places=0, low=low, high=high) if high - low < 1000:
                    whole = set(range(int(low), int(high) + 1))
                case _:
                    self.note(
                        "type-mismatch",
                        f"`{side.of}` has no short list of values",
                        (*path, name, "of"),
                        "use a category, a boolean, or a whole number with `min` and `max`",
                    )
                    continue
            before = len(self.problems)
            for index, value in enumerate(values):
                if isinstance(value, dict | list) or value not in whole or isinstance(value, bool) != isinstance(node.type, Boolean):
                    self.note(
                        "category-unknown",
                        f"`{say(value)}` is not a value of `{side.of}`",
                        (*path, name, "values", index),
                        nearest(say(value), map(say, whole)),
                    )
                elif value in values[:index]:
                    self.note("table-overlap", f"`{say(value)}` is listed twice", (*path, name, "values", index))
            missing = sorted(say(value) for value in whole if value not in values)
            if missing and len(self.problems) == before:
                self.note("table-gap", f"`{side.of}` can also be " + ", ".join(f"`{m}`" for m in missing[:8]), (*path, name, "values"))
        if len(matrix.cells) != len(matrix.down.values) or any(len(row) != len(matrix.across.values) for row in matrix.cells):
            self.note("table-gap", f"`cells` needs {len(matrix.down.values)} rows of {len(matrix.across.values)} grades", (*path, "cells"))
        for i, row in enumerate(matrix.cells):
            for j, grade in enumerate(row):
                self.grade(grade, (*path, "cells", i, j))

    def read_adjust(self) -> None:
        seen: set[str] = set()
        for index, rule in enumerate(self.document.adjust):
            path: Steps = ("adjust", index)
            self.once(rule.id, seen, (*path, "id"))
            self.condition(rule.when, (*path, "when"))
            for name in ("grade", "at_best", "at_worst", "stop_at"):
                self.grade(getattr(rule, name), (*path, name))
            self.origin(path, rule)

    def read_outcomes(self) -> None:
        document = self.document
        if document.inspection is not None:
            self.read_by(document.inspection, ("inspection",))
            for kind in ("cap", "quiet", "triggers"):
                for index, block in enumerate(getattr(document.inspection, kind)):
                    self.origin(("inspection", kind, index), block, document.inspection)
            if document.inspection.team is not None:
                self.origin(("inspection", "team"), document.inspection.team, document.inspection)
            for key in ("gap", "random_floor", "result_published_within"):
                if getattr(document.inspection, key) is not None:
                    self.origin(("inspection", key), document.inspection)
        if document.service is not None:
            self.read_service()
        for name, table in document.outcomes.items():
            self.read_by(table, ("outcomes", name))
        seen: set[str] = set()
        for index, warning in enumerate(document.warnings):
            self.once(warning.id, seen, ("warnings", index, "id"))
            self.condition(warning.when, ("warnings", index, "when"))
            self.origin(("warnings", index), warning)

    def read_by(self, table: Any, path: Steps) -> None:
        """A table by grade or by rows."""
        if table.by_grade is not None:
            for grade, outcome in table.by_grade.items():
                self.grade(grade, (*path, "by_grade", grade), key=True)
                self.origin((*path, "by_grade", grade), outcome, table)
                if outcome.when is not None or outcome.otherwise is not None:
                    self.note("value-wrong", "an outcome found by its grade has no `when` and no `otherwise`", (*path, "by_grade", grade))
            for grade in self.order:
                if grade not in table.by_grade and dotted((*path, "by_grade", grade)) not in self.blind:
                    self.note("table-gap", f"the grade `{grade}` has no outcome", (*path, "by_grade"))
        else:
            self.rows(table.rows, (*path, "rows"))
            self.row_ids(enumerate(table.rows), (*path, "rows"))
            for index, outcome in enumerate(table.rows):
                self.origin((*path, "rows", index), outcome, table)
                if outcome.when is None and outcome.otherwise is None:
                    self.note("value-wrong", "a row has `when`, or `otherwise: true`", (*path, "rows", index))

    def read_service(self) -> None:
        service = self.document.service
        assert service is not None
        for name, matter in service.matters.items():
            self.origin(("service", "matters", name), matter, service)
            if matter.promised is not None:
                self.read_promised(matter.promised, ("service", "matters", name, "promised"))
        seen: set[str] = set()
        for index, path in enumerate(service.paths):
            at: Steps = ("service", "paths", index)
            self.once(path.id, seen, (*at, "id"))
            self.origin(at, path, service)
            for key in ("open_to", "closed_to"):
                known = {*service.matters, *(self.order if key == "closed_to" else ())}
                for place, matter in enumerate(getattr(path, key) or ()):
                    if matter not in known and f"service.matters.{matter}" not in self.blind:
                        self.note("name-unknown", f"`{matter}` is not a declared matter", (*at, key, place), nearest(matter, known))
            self.read_fails(path, at)
            if path.grants is not None and isinstance(path.grants.supplement_within, BeforePromised):
                timeless = [name for name, one in service.matters.items() if one.working_days is None and one.promised is None and path.opens(name)]
                if timeless:
                    message = f"the matter `{timeless[0]}` has no promised time from which this span could be worked out"
                    self.note("value-wrong", message, (*at, "grants", "supplement_within"), "give the matter `working_days`, or `promised`")
        self.rows(service.paths, ("service", "paths"), ends=False, alone=True)

    def read_promised(self, name: str, path: Steps) -> None:
        """The fact that says a promised time: a whole number that is always known."""
        if name not in self.facts:
            self.note("name-unknown", f"`{name}` is not a fact", path, nearest(name, self.facts))
        elif not isinstance(kind := self.facts[name], Number) or kind.places:
            self.note("type-mismatch", f"`{name}` is not a whole number", path, "a promised time is a number of working days")
        elif kind.low < 0:
            self.note("range-exceeded", f"`{name}` may be below 0, and a promised time may not", path, "give the fact `min: 0`")
        elif name in self.unknown:
            self.note("unknown-unguarded", f"`{name}` may be unknown, and a promised time may not", path, "give the fact another `missing`")

    def read_fails(self, path: Path, at: Steps) -> None:
        """What makes a path fail, and the path that follows, which is another one."""
        assert self.document.service is not None
        seen: set[str] = set()
        ids = [one.id for one in self.document.service.paths]
        for index, fail in enumerate(path.fails):
            here: Steps = (*at, "fails", index)
            self.once(fail.id, seen, (*here, "id"))
            self.origin(here, fail, path, self.document.service)
            if fail.then == path.id:
                hint = "name another path, or leave `then` out where the procedure ends"
                self.note("value-wrong", f"`{fail.then}` cannot follow itself", (*here, "then"), hint)
            elif fail.then is not None and fail.then not in ids:
                self.note("name-unknown", f"`{fail.then}` is not a path", (*here, "then"), nearest(fail.then, ids))

    def read_columns(self) -> None:
        """No two columns of a decided table have one name, and none has that of a fact, beside which it stands."""
        taken = OWN_COLUMNS | set(self.facts)
        for name, table in self.document.outcomes.items():
            if name in RESERVED:
                self.note("name-duplicate", f"`{name}` is a reserved name", ("outcomes", name), "choose another name", key=True)
            rows = [*(table.by_grade or {}).values(), *(table.rows or ())]
            kinds: dict[str, set[type]] = {}
            for row in rows:
                for key, value in row.values.items():
                    kinds.setdefault(key, set()).add(int if isinstance(value, Decimal) else type(value))
            for key, found in kinds.items():
                if f"{name}_{key}" in taken:
                    self.note("name-duplicate", f"the column `{name}_{key}` is there already", ("outcomes", name), "choose another name", key=True)
                if len(found) > 1:
                    self.note("type-mismatch", f"the values of `{key}` are not all numbers, all texts, or all true or false", ("outcomes", name), key=True)
                taken |= {f"{name}_{key}"}
        for index, warning in enumerate(self.document.warnings):
            if f"warning_{warning.id}" in taken:
                self.note("name-duplicate", f"the column `warning_{warning.id}` is there already", ("warnings", index, "id"), "choose another name")

    def read_cases(self) -> None:
        seen: set[str] = set()
        for index, case in enumerate(self.document.tests):
            self.once(case.case, seen, ("tests", index, "case"))
