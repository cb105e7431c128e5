"""What `regengine grade --shadow` tells: who moves by a second rulebook, and which rows only one of both can grade."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..book import Book

__all__ = ["Shadow", "alone_in", "shadow_data", "shadow_parts"]


@dataclass(frozen=True, slots=True)
class Shadow:
    """How a second rulebook grades the same rows: each pair of grades with its rows (None: it cannot grade them), and the rows that it alone can."""

    name: str
    book: Book
    pairs: dict[tuple[str, str | None], int]
    alone: int

    @property
    def without(self) -> int:
        """The rows that only the first can grade."""
        return sum(rows for (_, grade), rows in self.pairs.items() if grade is None)

    @property
    def moves(self) -> list[tuple[str, str, int]]:
        """The pairs of two grades that are not the same, in the order of the grades."""
        order = self.book.law.document.grades.order
        found = [(one, two, rows) for (one, two), rows in self.pairs.items() if two is not None and two != one]
        return sorted(found, key=lambda move: (order.index(move[0]) if move[0] in order else -1, order.index(move[1])))


def alone_in(rejects: Path) -> int:
    """How many of the rejected rows the second rulebook can grade."""
    import polars as pl

    from ..intake.files import as_problems, scan_output

    with as_problems(rejects):
        return int(scan_output(rejects).select(pl.col("shadow_grade").is_not_null().sum()).collect(engine="streaming").item())


def shadow_data(shadow: Shadow) -> dict[str, Any]:
    return {
        "name": shadow.name,
        "digest": shadow.book.digest,
        "moves": [{"grade": one, "shadow_grade": two, "rows": rows} for one, two, rows in shadow.moves],
        "only_here": shadow.without,
        "only_shadow": shadow.alone,
    }


def shadow_parts(shadow: Shadow, book: Book, lang: str) -> list[RenderableType]:
    """Who moves by the second rulebook, and which rows only one of the two can grade."""
    from rich.text import Text

    from ..report.tables import add, plain_table
    from ..words import pick

    zh, both, moved = lang == "zh", sum(shadow.pairs.values()) - shadow.without, sum(rows for _, _, rows in shadow.moves)
    if shadow.book.digest == book.digest:
        said = f"{shadow.name}：未改变任何内容" if zh else f"{shadow.name}: changes nothing"
    else:
        said = f"{shadow.name}：{both:,} 行中有 {moved:,} 行等级变化" if zh else f"{shadow.name}: another grade for {moved:,} of {both:,} rows"
    parts: list[RenderableType] = [Text(said, style="bold")]
    if shadow.moves:
        made = plain_table(*(pick(head, lang) for head in (("grade", "等级"), ("shadow grade", "对照等级"), ("rows", "行数"))))
        made.columns[2].justify = "right"
        for one, two, rows in shadow.moves:
            add(made, one, two, f"{rows:,}")
        parts.append(made)
    if shadow.without or shadow.alone:
        parts.append(Text(
            f"仅现行规则可评级 {shadow.without:,} 行，仅对照规则可评级 {shadow.alone:,} 行" if zh
            else f"rows that only one of both can grade: {shadow.without:,} only the present rulebook, {shadow.alone:,} only the other"
        ))  # fmt: skip
    return [*parts, Text()]
