"""Where the trips of a plan stand while it is made: a board, and for each job its day and its teams."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from .board import Board, Job, Team

__all__ = ["Sheet"]


@dataclass(slots=True)
class Sheet:
    """The jobs that are placed, and who of them takes an inspector's day."""

    board: Board
    placed: dict[Job, tuple[int, tuple[Team, ...]]] = field(default_factory=dict)
    who: dict[tuple[int, int], list[Job]] = field(default_factory=lambda: defaultdict(list))

    def put(self, job: Job, day: int, teams: tuple[Team, ...]) -> None:
        """Place a job; whether it may stand there was asked before."""
        self.board.put(job, day, teams)
        self.placed[job] = day, teams
        for team in teams:
            for one in team:
                self.who[one, day].append(job)

    def take(self, job: Job) -> tuple[int, tuple[Team, ...]]:
        """Take a job away again; where it stood."""
        day, teams = self.placed.pop(job)
        self.board.put(job, day, teams, by=-1)
        for team in teams:
            for one in team:
                self.who[one, day].remove(job)
        return day, teams

    def beside(self, drawn: Sequence[int], day: int, district: str) -> int:
        """How many of a team are in the district on a day already, less those who are elsewhere."""
        return sum(1 if any(job.trip.district == district for job in self.who.get((one, day), ())) else -1 for one in drawn if self.who.get((one, day)))
