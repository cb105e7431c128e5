"""A draw recomputed from its manifest and its seed: the whole of it held against its record, or what became of one enterprise.

Nothing here trusts the drawn file or the record: every number, ticket and place is worked out again. What stays to be trusted is what no file can
show: that the commitment was published before the seed was known, and that the manifest has everybody who belongs there.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from fractions import Fraction
from itertools import zip_longest

import polars as pl

from ...problems import Place, Problem, ProblemError, one_problem
from ..visit import DRAW, FLOOR
from .form import Draw, Redraw
from .frame import checked, framed, read_manifest, sha256_of
from .sample import draw, floor_number, numbers_of, probabilities
from .tickets import prefix_of, tickets_of

__all__ = ["Drawn", "Standing", "drawn_by", "manifest_of", "next_by_ticket", "standing_strata", "verify", "verify_one"]


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a seed draws: the rows of the drawn file and its text, how many of each stratum, and how many by the random floor."""

    rows: pl.DataFrame
    text: bytes
    numbers: dict[str, int]
    floor: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of one enterprise in a draw.

    `stratum` is None for one that is not in the frame. Before the reveal there is no `ticket` and no `position`. `by` is `draw`, `floor` or None;
    one that a redraw brought in or took out has it in `into` or `out`. `in_file` tells whether the drawn file has it, where that file is there.
    """

    enterprise: str
    stratum: str | None = None
    population: int = 0
    number: int = 0
    probability: Fraction | None = None
    ticket: str | None = None
    position: int | None = None
    floor_number: int = 0
    floor_ticket: str | None = None
    floor_position: int | None = None
    by: str | None = None
    into: Redraw | None = None
    out: Redraw | None = None
    in_file: bool | None = None

    @property
    def agrees(self) -> bool:
        """Whether the drawn file says the same of it, as far as the file is there."""
        return self.in_file is None or self.in_file == (self.by is not None)


def manifest_of(draw: Draw) -> pl.DataFrame:
    """The frame of a draw from its manifest. Raises `ProblemError` unless the manifest is the one that was committed to, and can be drawn from."""
    found, said = sha256_of(draw.manifest), draw.commitment
    place = Place(str(draw.manifest))
    if found != said.manifest_sha256:
        message = f"the manifest has SHA-256 {found}, the commitment says {said.manifest_sha256}"
        raise one_problem("draw-record", message, place=place, hint="a line was changed; take the published manifest")
    frame = read_manifest(draw.manifest)
    population = checked(framed(frame, "enterprise", "stratum")[1])
    if population != said.frame:
        name = next(name for name in sorted({**population, **said.frame}) if population.get(name) != said.frame.get(name))
        message = f"the manifest has {population.get(name, 0):,} enterprises in the stratum `{name}`, the commitment says {said.frame.get(name, 0):,}"
        raise one_problem("draw-record", message, place=place)
    numbers_of(population, draw.quotas)
    return frame


def drawn_by(committed: Draw, frame: pl.DataFrame, seed: str) -> Drawn:
    """What a seed draws from the frame of a draw."""
    said, quotas = committed.commitment, committed.quotas
    chances = {name: str(chance) for name, chance in probabilities(said.frame, quotas, said.random_floor).items()}
    found = draw(frame, quotas, draw_id=said.draw_id, seed=seed, random_floor=said.random_floor)
    homes = frame.join(found, on="enterprise", how="semi").rename({"stratum": "home"})
    chance = pl.col("home").replace_strict(chances, return_dtype=pl.String).alias("probability")
    rows = found.join(homes, on="enterprise", how="left", maintain_order="left").with_columns(chance).drop("home")
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows.columns)
    writer.writerows(rows.iter_rows())
    numbers = numbers_of(said.frame, quotas)
    return Drawn(rows, text.getvalue().encode(), numbers, floor_number(said.frame, numbers, said.random_floor))


def verify(draw: Draw) -> list[Problem]:
    """Recompute a draw and name everything in which it differs from its record; an empty list is yes.

    Raises `ProblemError` (`file-missing`) where a file of it is not there.
    """
    try:
        frame = manifest_of(draw)
        found = drawn_by(draw, frame, draw.revealed.seed) if draw.revealed else None
    except ProblemError as error:
        if any(problem.code == "file-missing" for problem in error.problems):
            raise
        return list(error.problems)
    if found is None or draw.revealed is None:
        return []
    record = Place(str(draw.record), 2)
    held, said = sha256_of(draw.drawn_file), draw.revealed.drawn_sha256
    problems: list[Problem] = []
    if draw.revealed.drawn != found.numbers or draw.revealed.floor != found.floor:
        problems.append(Problem("draw-record", "the record says another number drawn than the quotas give", record))
    problems += file_problems(draw, found.text)
    if problems and held == said:
        problems.append(Problem("draw-record", "the record names this drawn file, and it is not what the seed draws", record))
    elif not problems and held != said:
        problems.append(Problem("draw-record", f"the record says that the drawn file has SHA-256 {said}", record))
    return problems + redraw_problems(draw, frame, found.rows)


def file_problems(draw: Draw, text: bytes) -> list[Problem]:
    """The first line in which the drawn file is not what the seed draws."""
    lines = zip_longest(draw.drawn_file.read_bytes().split(b"\n"), text.split(b"\n"))
    for number, (has, drawn) in enumerate(lines, 1):
        if has != drawn:
            shown = [f"`{one.decode(errors='replace')}`" if one else "nothing" for one in (has, drawn)]
            return [Problem("draw-record", f"the drawn file has {shown[0]}, the seed draws {shown[1]}", Place(str(draw.drawn_file), number))]
    return []


def redraw_problems(draw: Draw, frame: pl.DataFrame, drawn: pl.DataFrame) -> list[Problem]:
    """What is wrong with the redraws of a record, each after the ones before it."""
    problems = []
    for number, redraw in enumerate(draw.redraws):
        place = Place(str(draw.record), 3 + number)
        if standing_strata(drawn, draw.redraws[:number]).get(redraw.out) != redraw.stratum:
            problems.append(Problem("draw-record", f"`{redraw.out}` was not drawn in `{redraw.stratum}`, or was replaced before", place))
        following = next_by_ticket(draw, frame, drawn, redraw.stratum, draw.redraws[:number])
        if following != (redraw.into, redraw.ticket):
            message = f"the next by ticket is `{following[0]}`" if following else "nobody is left"
            problems.append(Problem("draw-record", f"{message}, the record says `{redraw.into}` with the ticket {redraw.ticket}", place))
    return problems


def standing_strata(drawn: pl.DataFrame, redraws: tuple[Redraw, ...]) -> dict[str, str]:
    """Those who are to be visited after some redraws, each with the stratum (or `floor`) in which it was drawn."""
    strata = dict(drawn.select("enterprise", "stratum").iter_rows())
    for redraw in redraws:
        strata.pop(redraw.out, None)
        strata[redraw.into] = redraw.stratum
    return strata


def next_by_ticket(draw: Draw, frame: pl.DataFrame, drawn: pl.DataFrame, stratum: str, redraws: tuple[Redraw, ...]) -> tuple[str, str] | None:
    """The first of a stratum (or of the `floor`) by ticket who was neither drawn nor redrawn, with the ticket."""
    taken = pl.concat([drawn.get_column("enterprise"), pl.Series([redraw.into for redraw in redraws], dtype=pl.String)])
    free = line_of(draw, frame, stratum, drawn).filter(~pl.col("enterprise").is_in(taken.implode()))
    first = free.bottom_k(1, by=["ticket", "enterprise"]).rows()
    return first[0] if first else None


def line_of(draw: Draw, frame: pl.DataFrame, stratum: str, drawn: pl.DataFrame | None = None) -> pl.DataFrame:
    """Everybody of a stratum with the ticket; of the `floor`, all who remain when those `drawn` in the strata are gone."""
    draw_id, seed = draw.commitment.draw_id, draw.must_be_revealed().seed
    if stratum == FLOOR and drawn is not None:
        pool = frame.join(drawn.filter(pl.col("stratum") != FLOOR), on="enterprise", how="anti")
        prefix = f"{draw_id}/floor|{seed}|".encode()
    else:
        pool, prefix = frame.filter(pl.col("stratum") == stratum), prefix_of(draw_id, seed)
    return pool.select("enterprise", tickets_of(pl.col("enterprise"), prefix).alias("ticket"))


def verify_one(draw: Draw, key: str) -> Standing:
    """What became of one enterprise, worked out from the manifest and the seed alone.

    Raises `ProblemError`: `draw-record` where the manifest is not the one of the commitment, `file-missing`.
    """
    frame = manifest_of(draw)
    stratum = frame.filter(pl.col("enterprise") == key).get_column("stratum").to_list()
    if not stratum:
        return Standing(key)
    said, quotas, home = draw.commitment, draw.quotas, stratum[0]
    numbers = numbers_of(said.frame, quotas)
    known = (home, said.frame[home], numbers[home], probabilities(said.frame, quotas, said.random_floor)[home])
    if draw.revealed is None:
        return Standing(key, *known, floor_number=floor_number(said.frame, numbers, said.random_floor))
    seed, more = draw.revealed.seed, floor_number(said.frame, numbers, said.random_floor)
    ticket, position = place_in(line_of(draw, frame, home), key)
    floor: tuple[str | None, int | None] = (None, None)
    if more and position > numbers[home]:
        floor = place_in(line_of(draw, frame, FLOOR, drawn_by(draw, frame, seed).rows), key)
    return Standing(
        key, *known, ticket, position, more, *floor,
        by=DRAW if position <= numbers[home] else FLOOR if floor[1] is not None and floor[1] <= more else None,
        into=next((redraw for redraw in draw.redraws if redraw.into == key), None),
        out=next((redraw for redraw in draw.redraws if redraw.out == key), None),
        in_file=key in draw.drawn().get_column("enterprise") if draw.drawn_file.exists() else None,
    )  # fmt: skip


def place_in(line: pl.DataFrame, key: str) -> tuple[str, int]:
    """The ticket of an enterprise and its position, from 1."""
    ticket = line.filter(pl.col("enterprise") == key).get_column("ticket").item()
    return ticket, 1 + int((line.get_column("ticket") < ticket).sum())
