"""What a calendar costs: `python benchmarks/schedule.py [--visits 5000] [--inspectors 60]` prints times and what came of it.

The plan is a year of China's working days, three departments, two to a team, a cap of two visits of each department and four of all, 30 days between
visits, and the first five days of each month quiet. Of the visits one in ten is triggered, with 30 days of time, and three in ten have a quarter; the others
have the year. Districts share no inspector, so each is a part of its own. Issue 6 asks for 5,000 visits with 60 inspectors within 60 s, and for 50,000, split
by district, within 10 minutes: `--visits 50000 --inspectors 600 --districts 20`. Fewer `--days` make it tight, and then too tight.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import resource
import time
from collections import Counter
from random import Random

from regengine.inspection.rules import PlanRules, QuietTime, VisitCap
from regengine.inspection.schedule import schedule
from regengine.inspection.schedule.joint import join, joint_rate
from regengine.inspection.visit import DRAW, Inspector, Trip, Visit
from regengine.rulebook.parts import Words
from regengine.rulebook.values import Span
from regengine.workdays import Calendar, china

DEPARTMENTS = ("fire", "food", "market")
YEAR = dt.date(2026, 1, 1), dt.date(2026, 12, 31)
RULES = PlanRules(
    rulebook="benchmark", edition="1", digest="0" * 64, team=2, caps=(VisitCap(2, "year", "authority", ()), VisitCap(4, "year", "all", ())),
    gap=Span(30, "day"), quiet=(QuietTime((1, 5), frozenset(), (Words(en="Complaint", zh="投诉"),)),),
    triggers={"complaint": Words(en="Complaint", zh="投诉")}, random_floor=None,
)  # fmt: skip


def staff(number: int, districts: int, capacity: int) -> list[Inspector]:
    """Inspectors of all departments and districts in turn."""
    return [
        Inspector(f"i{n:04}", DEPARTMENTS[n % 3], frozenset({f"d{n // 3 % districts:02}"}), YEAR, capacity)
        for n in range(number)
    ]  # fmt: skip


def trips(number: int, districts: int, seed: int = 1) -> tuple[Trip, ...]:
    """Visits, half as many enterprises as visits to draw from, put together where departments meet."""
    draw = Random(seed)
    made: dict[str, Visit] = {}
    while len(made) < number:
        enterprise, department = f"e{draw.randrange(number):06}", draw.choice(DEPARTMENTS)
        id_ = f"{department}/{enterprise}"
        chance, rank = draw.random(), draw.choices(range(4), (50, 30, 15, 5))[0]
        kind = "complaint" if chance < 0.1 else DRAW
        first = YEAR[0] + dt.timedelta(draw.randrange(330)) if kind != DRAW else YEAR[0] + dt.timedelta(draw.randrange(4) * 91 if chance < 0.4 else 0)
        last = min(first + dt.timedelta(30 if kind != DRAW else 91 if chance < 0.4 else 365), YEAR[1])
        made[id_] = Visit(
            id=id_, department=department, enterprise=enterprise, district=f"d{int(enterprise[1:]) % districts:02}", kind=kind, clause="#1",
            ticket=hashlib.sha256(id_.encode()).hexdigest(), grade="ABCD"[rank], rank=rank, entry="", stratum="", earliest=first, latest=last, team=2,
            quiet=(0,) if kind == DRAW else (),
        )  # fmt: skip
    return join(list(made.values()), window=365)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--visits", type=int, default=5_000)
    options.add_argument("--inspectors", type=int, default=60)
    options.add_argument("--districts", type=int, default=2)
    options.add_argument("--days", type=int, default=250, help="working days from the first of the year on, of which there are 248")
    options.add_argument("--capacity", type=int, default=1, help="visits of an inspector in a day")
    chosen = options.parse_args()
    calendar = china(*YEAR)
    calendar = Calendar(*YEAR, calendar.working[: chosen.days], calendar.source)
    load = chosen.visits * 2 / (chosen.inspectors * len(calendar.working) * chosen.capacity)
    made = trips(chosen.visits, chosen.districts)
    inspectors = staff(chosen.inspectors, chosen.districts, chosen.capacity)
    start, used = time.perf_counter(), time.process_time()
    found = schedule(made, inspectors, calendar, RULES, draw_ids=dict.fromkeys(DEPARTMENTS, "2026-1"), seed="benchmark")
    taken, processor = time.perf_counter() - start, time.process_time() - used
    visits = sum(len(one.trip.visits) for one in found.placed)
    size = f"{chosen.visits:,} visits in {len(made):,} trips, {chosen.inspectors} inspectors of {chosen.districts} districts"
    print(f"{size}, {len(calendar.working)} days, {load:.0%} of what the inspectors can do")
    print(f"joint: {float(joint_rate(made).of_trips):.1%} of trips, {float(joint_rate(made).of_visits):.1%} of visits")
    print(f"{taken:.1f} s, {processor:.1f} s of one processor, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    rules = dict(Counter(one.rule for one in found.unplaced))
    print(f"{visits:,} visits placed, {len(found.unplaced):,} trips unplaced {rules}, {len(found.replaced):,} replaced")
    ranks = {rank: [one.day.toordinal() for one in found.placed if one.trip.rank == rank] for rank in range(4)}
    print("mean day by rank: " + ", ".join(f"{rank}: {dt.date.fromordinal(sum(days) // len(days))}" for rank, days in ranks.items() if days))


if __name__ == "__main__":
    main()
