"""A table of applications, routed: the rows with their paths and savings, the rows that cannot be routed, and what a year of them saves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

import narwhals as nw

from ..problems import Place, one_problem
from .savings import MEASURES, Saved

__all__ = ["Routed", "Total"]

Native = TypeVar("Native")


@dataclass(frozen=True, slots=True)
class Total:
    """What many applications save together. `paths` counts them by path, those for which no path is open under None."""

    applications: int
    paths: Mapping[str | None, int]
    saved: Saved


@dataclass(frozen=True, slots=True)
class Routed(Generic[Native]):
    """A routed table. `routed` and `rejects` together hold every row that came in, each once."""

    routed: Native
    rejects: Native

    def total(self, applications: str | None = None) -> Total:
        """What all rows save; `applications` names a column with the number of applications of each row in the year (left out: one each).

        Raises `ProblemError`: `column-missing`, and `fact-out-of-range` where a number is missing or below 0.
        """
        table = nw.from_native(cast(Any, self.routed)).lazy()
        if applications is None:
            times = nw.lit(1)
        else:
            if applications not in table.collect_schema().names():
                raise one_problem("column-missing", f"the table has no column `{applications}`", place=Place(field=applications))
            times = nw.col(applications)
            unfit = table.filter(times.is_null() | (times < 0)).select(nw.len()).collect().item()
            if unfit:
                message = f"{unfit:,} rows have no number of applications, or one below 0"
                raise one_problem("fact-out-of-range", message, place=Place(field=applications))
        columns = [nw.col(f"route_saved_{measure}") for measure in MEASURES]
        counted = table.select("route_path", times.alias("times"), *((column * times).alias(name) for column, name in zip(columns, MEASURES, strict=True)))
        summed = counted.group_by("route_path").agg(nw.col("times", *MEASURES).sum()).collect().rows(named=True)
        paths = {row["route_path"] if isinstance(row["route_path"], str) else None: int(row["times"]) for row in summed}
        order = sorted(paths, key=lambda path: (path is None, path or ""))
        saved = Saved(*(sum(int(row[measure]) for row in summed) for measure in MEASURES))
        return Total(sum(paths.values()), {path: paths[path] for path in order}, saved)
