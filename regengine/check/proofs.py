"""What is proved of a rulebook, or broken by a witness: grades, monotony, closed paths, caps, and what it says holds `always`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from types import MappingProxyType

from ..program import expr as e
from ..program.builder import Builder
from ..program.program import Output, Program, Rule
from ..rulebook.facts import FactSpec
from ..rulebook.law import Steps
from ..rulebook.outcomes import InspectionOutcome
from ..rulebook.parts import Words
from .findings import Finding, Pair, Proof, shown
from .prover import Answer, Enterprise, Prover, Worse

__all__ = ["AMOUNTS", "Proofs", "inspection_rows", "prove"]

A_YEAR: Mapping[str, int] = MappingProxyType({"year": 1, "half-year": 2, "quarter": 4, "month": 12})


class Asking:
    """Gathers what came out: findings, and proofs with their time."""

    def __init__(self, prover: Prover) -> None:
        self.prover = prover
        self.findings: list[Finding] = []
        self.proofs: list[Proof] = []

    def ask(self, what: Words, path: Steps, question: Callable[[], Answer], told: Callable[[Answer], Finding | None]) -> bool:
        """Put a question whose answer should be "none"; tell what was found, or that it was not decided. Returns whether it is proved."""
        answer = question()
        result = "broken" if answer else "proved" if answer.decided else "not decided"
        self.proofs.append(Proof(what, result))
        if answer and (finding := told(answer)) is not None:
            self.findings.append(finding)
        if not answer and not answer.decided:
            self.undecided(what, path)
        return result == "proved"

    def never(self, what: Words, claim: e.Expr, code: str, text: Words, path: Steps, *, graded: bool = True) -> None:
        """Prove that `claim` holds of no enterprise, or tell `text` with one of which it does."""
        self.ask(what, path, lambda: self.prover.some(claim, graded=graded), lambda answer: Finding(code, text, path, witness=answer.found, claim=claim))

    def undecided(self, what: Words, path: Steps) -> None:
        limit = f"{self.prover.timeout:g}"
        self.findings.append(
            Finding(
                "not-decided",
                Words(en=f"not decided within {limit} s: {what.say('en')}", zh=f"{limit}秒内未能判定：{what.say('zh')}"),
                path,
            )
        )


class Proofs(Asking):
    """The proofs of one law."""

    def __init__(self, prover: Prover) -> None:
        super().__init__(prover)
        self.program = prover.program
        self.document = prover.program.law.document
        self.order = tuple(self.document.grades.order)
        self.last = prover.program.grade_steps[-1]
        self.unreached: set[str] = set()

    def run(self) -> None:
        self.one_grade()
        self.reach()
        self.monotony()
        self.closed_paths()
        self.caps()
        self.always()

    # grades

    def one_grade(self) -> None:
        """Every enterprise gets exactly one grade: a rank among those of the order, and no refusal of the rulebook's own."""
        rank = e.Column(self.last)
        outside = e.AnyOf((e.Compare("<", rank, e.Constant(0)), e.Compare(">", rank, e.Constant(len(self.order) - 1))))
        what = Words(en="every enterprise gets exactly one grade", zh="每家企业恰好得到一个等级")
        if self.document.grades.hit != "unique":
            text = Words(en="some enterprises get no grade of the order", zh="部分企业得不到任何等级")
            self.never(what, outside, "rows-gap", text, ("grades",))
            return
        rules = [rule for rule in self.program.rules if rule.path[:2] == ("grades", "rows")]
        held = [e.Column(rule.holds_step) for rule in rules if rule.holds_step]
        gap = e.AllOf(tuple(map(e.Negate, held)))
        count = e.Add(tuple(e.First(((one, e.Constant(1)),), e.Constant(0)) for one in held))
        overlap = e.Compare(">", count, e.Constant(1))
        self.never(
            Words(en="for every enterprise some row of the grades holds", zh="每家企业至少符合等级表的一行"), gap, "rows-gap",
            Words(en="no row of the grades holds for some enterprises", zh="部分企业不符合等级表的任何一行"), ("grades", "rows"), graded=False,
        )  # fmt: skip
        self.ask(
            Words(en="for no enterprise two rows of the grades hold", zh="没有企业同时符合等级表的两行"),
            ("grades", "rows"),
            lambda: self.prover.some(overlap, graded=False),
            lambda answer: self.overlapping(rules, answer, overlap),
        )

    def overlapping(self, rules: list[Rule], answer: Answer, overlap: e.Expr) -> Finding:
        """Which rows hold together, and the later of them as the place."""
        inputs = self.prover.read(answer.found[0])
        trace = self.prover.trace(inputs, answer.found[0].as_of)
        both = [rule for rule in rules if rule.holds_step and trace[rule.holds_step]]
        names_en, names_zh = " and ".join(f"`{rule.id}`" for rule in both), "、".join(f"`{rule.id}`" for rule in both)
        text = Words(en=f"the rows {names_en} hold together", zh=f"{names_zh} 可同时成立")
        return Finding("rows-overlap", text, both[-1].path, witness=answer.found, claim=overlap)

    def reach(self) -> None:
        """Each grade can be reached."""
        for rank, grade in enumerate(self.order):
            answer = self.prover.some(e.Compare("==", e.Column(self.last), e.Constant(rank)))
            what = Words(en=f"some enterprise gets the grade {grade}", zh=f"存在得到等级{grade}的企业")
            result = "proved" if answer else "broken" if answer.decided else "not decided"
            self.proofs.append(Proof(what, result))
            path: Steps = ("grades", "order", rank)
            if result == "broken":
                self.unreached.add(grade)
                self.findings.append(
                    Finding("grade-unreached", Words(en=f"no enterprise can get the grade `{grade}`", zh=f"没有企业能得到等级`{grade}`"), path)
                )
            elif result == "not decided":
                self.undecided(what, path)

    # monotony

    def monotony(self) -> None:
        """For each fact that says which way is worse: a worse value never brings a better grade, fewer inspections or a better path."""
        for fact in self.program.facts:
            declared = self.document.facts.get(fact.name)
            if declared is None or declared.worse is None:
                continue
            if not self.monotone(fact, declared.worse == "higher", "monotony-grade", [Worse(self.last, later(len(self.order)))]):
                continue  # what the grade brings follows
            self.monotone(fact, declared.worse == "higher", "monotony-inspection", list(self.fewer_inspections()))
            if self.document.service is not None:
                self.monotone(fact, declared.worse == "higher", "monotony-path", [Worse("row.service", later(len(self.document.service.paths) + 1))])

    def monotone(self, fact: FactSpec, higher: bool, code: str, claims: list[Worse]) -> bool:
        claims = [claim for claim in claims if claim.pairs]
        if not claims:
            return True
        en, zh = BETTER[code]
        what = Words(en=f"a worse `{fact.name}` never brings {en}", zh=f"`{fact.name}`变差不会{zh}")

        def question() -> Answer:
            answers = [self.prover.worse(fact, higher, claim) for claim in claims]
            return next((one for one in answers if one), next((one for one in answers if not one.decided), answers[0]))

        return self.ask(what, ("facts", fact.name, "worse"), question, lambda answer: self.not_monotone(code, Pair(fact, higher, tuple(claims)), answer))

    def not_monotone(self, code: str, pair: Pair, answer: Answer) -> Finding | None:
        """What a worse fact brings; where an entry of a table asks for too little, it is told once, however many facts lead there."""
        name = pair.fact.name
        better, worse = answer.found
        values = [shown(one.facts[name]) for one in (better, worse)]
        traces = [self.prover.trace(self.prover.read(one), one.as_of) for one in (better, worse)]
        (had, first), (gets, second) = (self.brought(code, one, trace) for one, trace in zip((better, worse), traces, strict=True))
        text = Words(
            en=f"a worse `{name}` brings {BETTER[code][0]}: {values[1]} {gets}, {values[0]} {had}",
            zh=f"`{name}`变差反而{BETTER[code][1]}：{values[1]} {gets}，{values[0]} {had}",
        )
        if first is None or second is None:
            return Finding(code, text, ("facts", name, "worse"), witness=answer.found, pair=pair)
        if any(finding.code == code and finding.path == second.path for finding in self.findings):
            return None
        # where the law itself says so, it is told with its citations and is no fault of the rulebook
        cited = first.basis.kind == second.basis.kind == "published"
        cites = tuple(dict.fromkeys((*first.basis.cites, *second.basis.cites))) if cited else ()
        return Finding(code, text, second.path, witness=answer.found, pair=pair, severity="warning" if cited else "", cites=cites)

    def brought(self, code: str, one: Enterprise, trace: Mapping[str, int | bool | str]) -> tuple[str, Rule | None]:
        """What an enterprise gets, as a short text, and the rule of the outcome that says so."""
        if code == "monotony-grade":
            return str(one.grade), None
        rule = next(
            (rule for rule in self.program.rules if rule.table == TABLES[code] and int(trace[f"reasons.{rule.word}"]) & rule.mask), None
        )  # fmt: skip
        if code == "monotony-path":
            index = int(trace["row.service"])
            paths = self.document.service.paths if self.document.service else []
            return (paths[index].id if index < len(paths) else "-"), rule
        return f"{one.grade}: " + ", ".join(f"{key} {value}" for key, value in self.inspected(trace)), rule

    def inspected(self, trace: Mapping[str, int | bool | str]) -> Iterator[tuple[str, object]]:
        for output in self.outputs(("ratio_at_least", "ratio_at_most", "visits_at_least", "visits_at_most")):
            value = output.values[int(trace[output.of])] if output.values else None
            if value is not None:
                yield output.name.removeprefix("inspection_"), value

    def outputs(self, keys: Iterable[str]) -> list[Output]:
        names = {f"inspection_{key}" for key in keys}
        return [output for output in self.program.outputs if output.name in names]

    def fewer_inspections(self) -> Iterator[Worse]:
        """For the ratio and the visits, floor and ceiling, the pairs of rows of which the second asks for less than the first."""
        step, rows = inspection_rows(self.program)
        for amount in AMOUNTS:
            values = [amount(row) for row in rows]
            yield Worse(
                step, frozenset((a, b) for a, one in enumerate(values) for b, two in enumerate(values) if one is not None and two is not None and two < one)
            )

    # what else must hold

    def closed_paths(self) -> None:
        """No path is offered to a grade that it is closed to."""
        service = self.document.service
        for index, path in enumerate(service.paths if service else ()):
            for place, grade in enumerate(path.closed_to or ()):
                if grade not in self.order:
                    continue
                rule = next(rule for rule in self.program.rules if rule.id == f"service.{path.id}" and rule.table == "service")
                held: e.Expr = e.TRUE if rule.holds_step is None else e.Column(rule.holds_step)
                claim = e.AllOf((held, e.Compare("==", e.Column(self.last), e.Constant(self.order.index(grade)))))
                self.never(
                    Words(en=f"the path `{path.id}` is never offered to {grade}", zh=f"程序`{path.id}`从不适用于等级{grade}"), claim, "path-closed",
                    Words(en=f"the path `{path.id}` is offered to {grade}, to which it is closed", zh=f"程序`{path.id}`向其排除的等级{grade}开放"),
                    ("service", "paths", index, "closed_to", place),
                )  # fmt: skip

    def caps(self) -> None:
        """No cap allows fewer visits in a year than an entry that some enterprise reaches demands."""
        inspection = self.document.inspection
        step, rows = inspection_rows(self.program)
        rules = [rule for rule in self.program.rules if rule.table == "inspection"]
        for index, cap in enumerate(inspection.cap if inspection else ()):
            most = cap.visits * A_YEAR[cap.per]
            low = [number for number, row in enumerate(rows) if (yearly_floor(row) or 0) > most]
            claim = e.AnyOf(tuple(e.Compare("==", e.Column(step), e.Constant(number)) for number in low)) if low else e.FALSE
            names = ", ".join(f"`{rules[number].id}`" for number in low)
            text = Words(en=f"the cap allows {most} visit{'s' * (most != 1)} a year, and {names} demands more", zh=f"上限为每年{most}次，{names} 要求更多")
            what = Words(en="no entry demands more visits than the cap allows", zh="没有条目要求的检查次数超过上限")
            self.never(what, claim, "cap-below-floor", text, ("inspection", "cap", index, "visits"))

    def always(self) -> None:
        """What the rulebook says holds of every graded enterprise."""
        builder = Builder(self.program.law)
        builder.grade_steps = list(self.program.grade_steps)
        for index, condition in enumerate(self.document.always):
            claim = e.Negate(builder.condition(("always", index)))
            text = Words(en=f"`{condition}` does not hold for every enterprise", zh=f"`{condition}` 并非对所有企业成立")
            self.never(Words(en=f"always {condition}", zh=f"始终成立：{condition}"), claim, "always-broken", text, ("always", index))


BETTER: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "monotony-grade": ("a better grade", "得到更好的等级"),
        "monotony-inspection": ("fewer inspections", "减少检查"),
        "monotony-path": ("a better path", "适用更优的程序"),
    }
)
TABLES: Mapping[str, str] = MappingProxyType({"monotony-inspection": "inspection", "monotony-path": "service"})


def later(count: int) -> frozenset[tuple[int, int]]:
    """The pairs of numbers below `count` of which the second comes before the first."""
    return frozenset((a, b) for a in range(count) for b in range(a))


def yearly_floor(row: InspectionOutcome) -> int | None:
    return None if row.visits is None or row.visits.at_least is None else row.visits.at_least * A_YEAR[row.visits.per]


def yearly_ceiling(row: InspectionOutcome) -> int | None:
    return None if row.visits is None or row.visits.at_most is None else row.visits.at_most * A_YEAR[row.visits.per]


def least_ratio(row: InspectionOutcome) -> Fraction | None:
    return None if row.ratio is None else row.ratio.at_least


def greatest_ratio(row: InspectionOutcome) -> Fraction | None:
    return None if row.ratio is None else row.ratio.at_most


AMOUNTS: tuple[Callable[[InspectionOutcome], Fraction | int | None], ...] = (least_ratio, greatest_ratio, yearly_floor, yearly_ceiling)


def inspection_rows(program: Program) -> tuple[str, list[InspectionOutcome]]:
    """The step that numbers the entry of the inspections, and the entries in that order."""
    document = program.law.document
    if document.inspection is None or document.inspection.by_grade is None:
        return "row.inspection", list(document.inspection.rows or ()) if document.inspection else []
    return program.grade_steps[-1], [document.inspection.by_grade[grade] for grade in document.grades.order]


def prove(prover: Prover) -> Proofs:
    """Prove what can be proved of one law."""
    proofs = Proofs(prover)
    proofs.run()
    return proofs
