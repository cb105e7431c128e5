"""The paths of a law for one matter, worked out once: a program that routes, which every engine runs as it grades.

Guarantees: the path is the first in the rulebook's order whose `when` holds, that is open to the matter and not closed to the grade. The program is
the law's own with a few steps and columns behind it, so one enterprise and a table are routed by the same text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace

from ..decision.decision import Citation, citations_of
from ..decision.trace import facts_behind
from ..problems import nearest, one_problem
from ..program import Program
from ..program import expr as e
from ..program.program import Output, Part, Rule, Step
from ..rulebook.facts import FactSpec
from ..rulebook.outcomes import Grants, Matter, Path
from ..rulebook.parts import Words
from ..rulebook.values import BeforePromised, Span
from .parts import Due, Failing, Offered, Waived
from .savings import MEASURES, Saved, decided_within, saved_by

__all__ = ["ROW", "Offer", "Routing", "clock", "routing"]

ROW = "route.row"
AS_GRANTED = ("decision", "skip", "waive")
NOTHING = Grants()


@dataclass(frozen=True, slots=True)
class Barrier:
    """A part of a path's condition and the facts behind it; `words` say that it does not hold, where nothing is measured."""

    part: Part
    words: Words | None
    facts: tuple[FactSpec, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A path for the matter: its rule, whether it is open to the matter, the ranks of the grades to which it is closed, and what is the same for all.

    `clock` are the deadlines where nothing hangs on the application; None where a fact says the promised time.
    """

    path: Path
    rule: Rule
    open: bool
    shut: tuple[int, ...]
    offered: Offered
    waived: tuple[Waived, ...]
    fails: tuple[Failing, ...]
    saved: Saved
    barriers: tuple[Barrier, ...]
    clock: tuple[Due, ...] | None

    @property
    def grants(self) -> Grants:
        """What the path grants."""
        return self.path.grants or NOTHING


@dataclass(frozen=True, slots=True)
class Routing:
    """The paths of a law for one matter, and the program that finds the one that is taken; `open` are those that the matter has, in order."""

    name: str
    matter: Matter
    citations: tuple[Citation, ...]
    offers: tuple[Offer, ...]
    open: tuple[Offer, ...]
    program: Program


def routing(program: Program, matter: str) -> Routing:
    """The routing of a compiled law for a matter. Raises `ProblemError` (`option-wrong`) where the law has no such matter."""
    law, service = program.law, program.law.document.service
    if service is None or not service.matters:
        raise one_problem("option-wrong", f"`{law.id}` has no matters of service", hint="its section `service` names none")
    if matter not in service.matters:
        raise one_problem("option-wrong", f"`{matter}` is not a matter of `{law.id}`", hint=nearest(matter, service.matters))
    form, citations = service.matters[matter], citations_of(law, law.bases["service", "matters", matter].cites)
    offers = tuple(offer_of(program, index, matter, citations) for index in range(len(service.paths)))
    opened = tuple(offer for offer in offers if offer.open)
    steps, outputs = columns(program.grade_steps[-1], form, opened)
    routed = replace(program, steps=(*program.steps, *steps), outputs=(*program.outputs, *outputs))
    return Routing(matter, form, citations, offers, opened, routed)


def offer_of(program: Program, index: int, name: str, ordinary: tuple[Citation, ...]) -> Offer:
    """What the path at a place of the rulebook is for a matter, whose own citations are `ordinary`."""
    law, service = program.law, program.law.document.service
    assert service is not None
    path, matter = service.paths[index], service.matters[name]
    rule = next(rule for rule in program.rules if rule.path == ("service", "paths", index))
    basis, grants = rule.basis, path.grants or NOTHING
    citations = citations_of(law, basis.cites)

    def spared(kind: str, names: Sequence[str] | None, own: Sequence[str]) -> list[Waived]:
        return [Waived(kind, one, service.labels.get(one) or Words(en=one.replace("_", " ")), basis.kind, citations) for one in names or () if one in own]

    fails: list[Failing] = []
    for place, fail in enumerate(path.fails):
        origin = law.bases["service", "paths", index, "fails", place]
        fails.append(Failing(fail.id, fail.label, fail.then, origin.kind, citations_of(law, origin.cites)))
    return Offer(
        path, rule, path.opens(name), tuple(rank for rank, grade in enumerate(law.document.grades.order) if grade in (path.closed_to or ())),
        Offered(path.id, rule.label, basis.kind, citations, basis.note),
        (*spared("step", grants.skip, matter.steps), *spared("document", grants.waive, matter.documents)), tuple(fails),
        saved_by(grants, matter, matter.working_days),
        tuple(barrier_of(program, part) for part in rule.parts), clock(grants, matter.working_days, citations, ordinary) if matter.promised is None else None,
    )  # fmt: skip


def barrier_of(program: Program, part: Part) -> Barrier:
    words = Words(en=f"this does not hold: {part.text}", zh=f"未满足条件：{part.text}") if part.sides is None else None
    return Barrier(part, words, facts_behind(program, part.expr))


def clock(grants: Grants, promised: int | None, citations: tuple[Citation, ...], ordinary: tuple[Citation, ...]) -> tuple[Due, ...]:
    """The deadlines of a path as spans; a decision of which it says nothing is due within the promised time of the matter."""
    own = decided_within(grants)
    made = [] if own is None else [Due("decision", own, None, citations)]
    if own is None and grants.decision is None and promised is not None:
        made.append(Due("decision", Span(promised, "working day"), None, ordinary))
    papers = grants.supplement_within
    if isinstance(papers, BeforePromised):
        papers = None if promised is None else Span(papers.days(promised), "working day")
    if papers is not None and papers.count:
        made.append(Due("supplement", papers, None, citations))
    if grants.check_after is not None:
        made.append(Due("check", grants.check_after, None, citations))
    return tuple(made)


def columns(grade: str, matter: Matter, offers: Sequence[Offer]) -> tuple[list[Step], list[Output]]:
    """The steps that find the path among those that the matter has, and the columns that follow from it; the last value of each is for no path."""
    rows = [(held(grade, offer), e.Constant(place)) for place, offer in enumerate(offers)]
    steps = [Step(ROW, e.First(tuple(rows), e.Constant(len(offers))) if rows else e.Constant(0), "integer")]
    grants = [offer.grants.model_dump(exclude_none=True) for offer in offers]

    def looked_up(name: str, values: Sequence[object]) -> Output:
        return Output(f"route_{name}", ROW, "text", values=(*(None if value is None else str(value) for value in values), None))

    made = [looked_up("path", [offer.path.id for offer in offers])]
    for key in AS_GRANTED:
        made.append(looked_up(key, [", ".join(value) if isinstance(value := one.get(key), list) else value for one in grants]))
    step, output = supplement(matter, offers)
    steps.append(step)
    made += [output, looked_up("check_after", [one.get("check_after") for one in grants])]
    saved = [astuple(offer.saved) for offer in offers]
    for place, measure in enumerate(MEASURES):
        made.append(Output(f"route_saved_{measure}", ROW, "integer", values=(*(one[place] for one in saved), 0)))
    if matter.promised is not None:
        steps.append(Step("route.saved", saved_time(matter.promised, offers), "integer"))
        made[-len(MEASURES)] = Output("route_saved_working_days", "route.saved", "integer")
    return steps, made


def held(grade: str, offer: Offer) -> e.Expr:
    """Whether a path that the matter has is offered to an enterprise."""
    parts: list[e.Expr] = [] if offer.rule.holds_step is None else [e.Column(offer.rule.holds_step)]
    if offer.shut:
        parts.append(e.Negate(e.OneOf(e.Column(grade), offer.shut)))
    return e.TRUE if not parts else parts[0] if len(parts) == 1 else e.AllOf(tuple(parts))


def taken(place: int) -> e.Expr:
    return e.Compare("==", e.Column(ROW), e.Constant(place))


def supplement(matter: Matter, offers: Sequence[Offer]) -> tuple[Step, Output]:
    """The time for papers that are missing, looked up by its number: 0 is none at all, a number of working days is itself, and other spans follow."""
    spans = [offer.grants.supplement_within for offer in offers]
    most = max((span.at_most.count for span in spans if isinstance(span, BeforePromised)), default=0)
    texts: list[str | None] = [None, *(str(Span(days, "working day")) for days in range(1, most + 1))]
    rows: list[tuple[e.Expr, e.Expr]] = []
    for place, span in enumerate(spans):
        if isinstance(span, BeforePromised) and matter.promised is not None:
            left = e.Subtract(e.Column(f"fact.{matter.promised}"), e.Constant(span.before_promised.count))
            rows.append((taken(place), e.Greatest((e.Least((left, e.Constant(span.at_most.count))), e.Constant(0)))))
        elif isinstance(span, BeforePromised):
            assert matter.working_days is not None  # or the rulebook would not have loaded
            rows.append((taken(place), e.Constant(span.days(matter.working_days))))
        elif span is not None:
            rows.append((taken(place), e.Constant(len(texts))))
            texts.append(str(span))
    found = e.First(tuple(rows), e.Constant(0)) if rows else e.Constant(0)
    return Step("route.supplement", found, "integer"), Output("route_supplement_within", "route.supplement", "text", values=tuple(texts))


def saved_time(promised: str, offers: Sequence[Offer]) -> e.Expr:
    """The working days saved where a fact says the promised time."""
    rows: list[tuple[e.Expr, e.Expr]] = []
    for place, offer in enumerate(offers):
        within = decided_within(offer.grants)
        if within is not None and within.unit == "working day":
            rows.append((taken(place), e.Subtract(e.Column(f"fact.{promised}"), e.Constant(within.count))))
    return e.First(tuple(rows), e.Constant(0)) if rows else e.Constant(0)
