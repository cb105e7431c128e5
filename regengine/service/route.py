"""`Route`: the path that one applicant takes for a matter, what is waived and why, by when, what is checked, and which paths are closed.

A route keeps the decision that it rests on and works out the rest when it is asked for; asking never runs the rules again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..decision import Decision, Reason
from ..decision.decision import plain
from ..decision.trace import Shown, fact_value
from ..decision.why_not import part_obstacle
from ..program.evaluate import evaluate
from ..rulebook.parts import Words
from .deadlines import last_day, reaching
from .parts import Closed, Due, Failing, Offered, Waived
from .routing import ROW, Offer, Routing, clock
from .savings import Saved, saved_by

if TYPE_CHECKING:
    from ..workdays import Calendar

__all__ = ["Route"]

NO_SAVINGS = Saved()
NOT_FOR_IT = Words(en="not open to this matter", zh="不适用于本事项")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Route:
    """The way of one application: `decision` is the whole decision behind it, `opening` the days on which closed paths open again, as far as known."""

    decision: Decision
    routing: Routing
    calendar: Calendar | None
    opening: Mapping[str, dt.date]

    def __repr__(self) -> str:
        return f"<Route {self.decision.enterprise or '-'}: {self.matter} by {self.path.id if self.path else 'no path'}, {self.decision.law.id}>"

    @property
    def matter(self) -> str:
        """The matter that is applied for."""
        return self.routing.name

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The rules that made the grade."""
        return self.decision.reasons

    @property
    def taken(self) -> Offer | None:
        """The path in the rulebook's terms."""
        place = self.decision.trace.number(ROW)
        return self.routing.open[place] if place < len(self.routing.open) else None

    @property
    def path(self) -> Offered | None:
        """The path that is taken; None where none is open."""
        taken = self.taken
        return None if taken is None else taken.offered

    @property
    def others(self) -> tuple[Offered, ...]:
        """The other paths that are open, which stand below the one that is taken."""
        return tuple(offer.offered for offer in self.routing.open[self.decision.trace.number(ROW) + 1 :] if not self.hindered(offer))

    def hindered(self, offer: Offer) -> bool:
        """Whether a path that the matter has is closed to this applicant."""
        trace, rule = self.decision.trace, offer.rule
        return trace.number(self.decision.program.grade_steps[-1]) in offer.shut or (rule.holds_step is not None and not trace[rule.holds_step])

    @property
    def promised(self) -> int | None:
        """The promised time of the matter's ordinary course, in working days; None where nobody says it."""
        matter = self.routing.matter
        return matter.working_days if matter.promised is None else self.decision.trace.number(f"fact.{matter.promised}")

    @property
    def saved(self) -> Saved:
        """The four savings against the ordinary course of the matter."""
        taken, matter = self.taken, self.routing.matter
        if taken is None:
            return NO_SAVINGS
        return taken.saved if matter.promised is None else saved_by(taken.grants, matter, self.promised)

    @property
    def waived(self) -> tuple[Waived, ...]:
        """Each step and document of the matter that the path spares."""
        taken = self.taken
        return () if taken is None else taken.waived

    @property
    def due(self) -> tuple[Due, ...]:
        """The deadlines. The decision and missing papers are due from the application on, the check from the last day of the decision on."""
        taken = self.taken
        if taken is None:
            return ()
        spans = taken.clock if taken.clock is not None else clock(taken.grants, self.promised, taken.offered.citations, self.routing.citations)
        return spans if self.calendar is None else as_days(spans, self.decision.as_of, self.calendar)

    def dated(self, make: Callable[[dt.date, dt.date], Calendar]) -> Route:
        """This route with its deadlines as days: `make` gives the calendar between two days, and is asked for no day more than is needed."""
        spans = replace(self, calendar=None).due
        days = {due.what: due.within.count for due in spans if due.within.months is None}
        needed = max(days.get("decision", 0) + days.get("check", 0), days.get("supplement", 0))
        return replace(self, calendar=reaching(make, self.decision.as_of, needed))

    @property
    def checked(self) -> Words | None:
        """What is checked afterwards; None where the rulebook does not say."""
        taken = self.taken
        return None if taken is None else taken.path.checked

    @property
    def fails(self) -> tuple[Failing, ...]:
        """What makes the path fail once it is taken."""
        taken = self.taken
        return () if taken is None else taken.fails

    @property
    def refused(self) -> tuple[Closed, ...]:
        """The paths that are not open, and what stands in the way of each."""
        return tuple(self.closed(offer) for offer in self.routing.offers if not offer.open or self.hindered(offer))

    def closed(self, offer: Offer) -> Closed:
        decision = self.decision
        because: list[Words] = []
        facts: dict[str, Shown | None] = {}
        if not offer.open:
            because.append(NOT_FOR_IT)
        if decision.trace.number(decision.program.grade_steps[-1]) in offer.shut:
            because.append(Words(en=f"closed to grade {decision.grade}", zh=f"不适用于{decision.grade}等级"))
        for barrier in offer.barriers:
            if not evaluate(barrier.part.expr, decision.trace, decision.days):
                because.append(barrier.words or part_obstacle(decision, offer.rule, barrier.part).words)
                facts |= {spec.name: None if spec.name in decision.unknown else fact_value(spec, decision.trace[f"fact.{spec.name}"]) for spec in barrier.facts}
        return Closed(offer.path.id, offer.rule.label, tuple(because), facts, self.opening.get(offer.path.id), offer.offered.basis, offer.offered.citations)

    def text(self, lang: str = "en") -> str:
        """The route for people, in English (`en`) or Chinese (`zh`)."""
        from .texts import as_text

        return as_text(self, lang)

    def as_dict(self, lang: str | None = None) -> dict[str, Any]:
        """The route as plain data for JSON; texts in `lang`, or in both languages as `{en, zh}`."""
        decision = self.decision
        names = ("matter", "path", "others", "promised", "saved", "waived", "due", "checked", "fails", "refused", "reasons")
        made = {"enterprise": decision.enterprise, "grade": decision.grade, **{name: plain(getattr(self, name), lang) for name in names}}
        made["calendar"] = None if self.calendar is None else self.calendar.source
        made["law_at"], made["as_of"] = str(decision.law_at), str(decision.as_of)
        made["rulebook"] = {"id": decision.rulebook, "edition": decision.edition, "digest": decision.digest, "audience": decision.law.document.audience}
        return made


def as_days(spans: tuple[Due, ...], applied: dt.date, calendar: Calendar) -> tuple[Due, ...]:
    """The deadlines with their last days; a check has none where it is not known when the decision is due."""
    decided: dt.date | None = None
    made: list[Due] = []
    for due in spans:
        first = decided if due.what == "check" else applied
        made.append(due if first is None else replace(due, day=last_day(first, due.within, calendar)))
        decided = made[-1].day if due.what == "decision" else decided
    return tuple(made)
